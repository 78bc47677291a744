"""Python programs that may show charts: run inside another program that prints each figure they show."""

import base64
import re
from pathlib import Path

# An import of matplotlib in any of the ways that the daemon looks for, be it in a string; not behind a "#".
MATPLOTLIB = re.compile(
    r"""^[^#\n]*(?:
        (?:import|from)\s+matplotlib
        | (?:__import__|importlib\.import_module|loader\.load_module)\s*\(\s*['"]matplotlib['"]
        | sys\.modules\[['"]matplotlib['"]\]
    )""",
    re.MULTILINE | re.VERBOSE,
)


FOLDER = Path(__file__).parent


def wrapped(code: str) -> str:
    """Put a program into the one that runs it."""
    figures = (FOLDER / "chart_figures.py").read_text()
    program = (FOLDER / "chart_program.py").read_text().replace("from .chart_figures import describe_figure\n", "")
    return figures + program.replace("@CODE@", base64.b64encode(code.encode()).decode())
