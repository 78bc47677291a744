"""Write what README takes from the code: ``make readme`` puts it in its place.

The table of actions comes from the registry, the picture from a real run of the demo.
"""

import io
import json
import re
import sys
from contextlib import redirect_stdout

from daytona_facade import ACTIONS, demo
from support.paths import GOLDEN, README, ROOT

PICTURE = ROOT / "tests/demo/demo.svg"
_TABLE = re.compile(r"(?<=<!-- table of actions: begin -->\n).*(?=<!-- table of actions: end -->)", re.DOTALL)


def table() -> str:
    """Write the table of actions."""
    rows = ["| action | what it does | takes | gives |", "|---|---|---|---|"]
    for name in (entry["action"] for entry in json.loads(GOLDEN.read_text())):
        action = ACTIONS[name]
        takes = ", ".join(f"**{p.name}**" if p.required else p.name for p in action.parameters)
        gives = ", ".join(field for field in action.output_schema["properties"] if field not in {"success", "error"})
        rows.append(f"| `{name}` | {action.summary} | {takes} | {gives} |")
    return "\n".join(rows) + "\n"


def with_table(text: str) -> str:
    """Put the table into README's text."""
    return _TABLE.sub(table(), text)


def picture() -> str:
    """Run the demo and draw its first part, the sync story."""
    from rich.console import Console
    from rich.text import Text

    output = io.StringIO()
    with redirect_stdout(output):
        failed = demo.main()
    if failed:
        sys.exit(output.getvalue())
    told, _, rest = output.getvalue().partition("\nThe same in")
    console = Console(record=True, width=118, file=io.StringIO(), force_terminal=True)
    console.print(Text("$ make demo", style="bold"))
    for line in [*told.splitlines(), "…", rest.strip().splitlines()[-1]]:
        text = Text(line, no_wrap=True, overflow="ellipsis")
        text.highlight_regex(r"^\w+(?=\()", "bold cyan")
        text.highlight_regex(r"\d+ ms$", "dim")
        text.highlight_regex(r'"success": true|12/12', "green")
        console.print(text)
    svg = console.export_svg(title="daytona-facade")
    # The picture stands on its own: no font is fetched from anywhere.
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    README.write_text(with_table(README.read_text()))
    PICTURE.write_text(picture())
