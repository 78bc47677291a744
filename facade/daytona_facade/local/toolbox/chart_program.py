"""Run a Python program and print each figure that it shows, as a line that the toolbox takes out of the output.

This text is piped into the sandbox's Python behind that of ``chart_figures``, with the program in it.
"""

import base64
import hashlib
import importlib.util
import io
import json
import linecache
import sys
import traceback
import types
from typing import Any

from .chart_figures import describe_figure

CODE = "@CODE@"
FILE = "<target_code>"
MARK = "dtn_artifact_k39fd2:"
# The line of the daemon's own wrapper that shows in the traceback of a program that does not compile.
WRAPPER_LINE = 533


def plain(value: Any) -> Any:
    """Make JSON of the numbers and arrays of numpy."""
    if isinstance(value, set):
        return list(value)
    if hasattr(value, "dtype") and (value.ndim or value.dtype.kind in "iuf"):
        return value.tolist()
    raise TypeError(f"Type {type(value)} not serializable")


def picture(figure: Any, **options: Any) -> bytes:
    """Draw a figure as a PNG."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", **options)
    return drawn.getvalue()


def print_figure(figure: Any) -> None:
    """Print the line of one figure."""
    chart = describe_figure(figure)
    chart["png"] = base64.b64encode(picture(figure, bbox_inches="tight", dpi=100)).decode()
    sys.stdout.write(MARK + json.dumps({"type": "chart", "value": chart}, default=plain) + "\n")


def patch(pyplot: Any) -> None:
    """Let ``show`` print every figure that it has not printed before."""
    original, printed = pyplot.show, set()

    def show(*arguments: Any, **options: Any) -> Any:
        for number in pyplot.get_fignums():
            figure = pyplot.figure(number)
            seen = hashlib.sha256(picture(figure, dpi=50)).digest()
            if seen not in printed:
                print_figure(figure)
                printed.add(seen)
        shown = original(*arguments, **options)
        pyplot.close("all")
        return shown

    pyplot.show = show


class Finder:
    """Notices the first import of ``matplotlib.pyplot``, and costs nothing before."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:  # noqa: ARG002 - the protocol's
        """Find the module itself, with its loader made to patch what it loads."""
        if name != "matplotlib.pyplot":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def load_and_patch(module: Any) -> None:
                load(module)
                patch(module)

            spec.loader.exec_module = load_and_patch  # type: ignore[method-assign]
        return spec


def run(code: str) -> None:
    """Run the program as the main module, so that what it defines can be found there."""
    sys.meta_path.insert(0, Finder())
    module = types.ModuleType("__main__")
    module.__file__ = FILE
    sys.modules["__main__"] = module
    linecache.cache[FILE] = (len(code), None, code.splitlines(), FILE)
    exec(compile(code, FILE, "exec"), module.__dict__)  # noqa: S102 - what it is for


def print_error(exc: Exception) -> None:
    """Print the traceback from the last line of the program on; one that did not compile has none."""
    last, trace = None, exc.__traceback__
    while trace is not None:
        last = trace if trace.tb_frame.f_code.co_filename == FILE else last
        trace = trace.tb_next
    if last is not None:
        traceback.print_exception(type(exc), exc, last)
        return
    head = f'Traceback (most recent call last):\n  File "<stdin>", line {WRAPPER_LINE}, in <module>\n'
    sys.stderr.write(head + "".join(traceback.format_exception_only(type(exc)(str(exc)))))


if __name__ == "__main__":
    try:
        run(base64.b64decode(CODE).decode())
    except Exception as error:  # noqa: BLE001 - whatever the program raises
        print_error(error)
        sys.exit(1)
