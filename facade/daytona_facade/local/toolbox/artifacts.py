"""Charts that a program prints: lines that begin with a mark, read as strictly as the daemon reads them.

The daemon unmarshals each line into its own types. So unknown fields are dropped, empty ones are left out, and a value
of another type, such as the number that a bar chart has where a string belongs, drops the whole chart.
"""

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

MARK = "dtn_artifact_k39fd2:"
# All that the charts of one program may take in memory.
CHARTS_CHARS = 32 * 1024**2
_LINE = re.compile(rf"\n{MARK}([^\n]*)")

Reader = Callable[[Any], Any]


def without_charts(texts: Iterator[str], charts: list[dict[str, Any]]) -> Iterator[str]:
    """Yield what a program printed without the lines of its charts, which go into ``charts``."""
    size = 0

    def collect(match: re.Match[str]) -> str:
        nonlocal size
        size += len(match[1])
        chart = read_chart(match[1]) if size <= CHARTS_CHARS else None
        if chart is not None:
            charts.append(chart)
        return ""

    # Every line begins with a line break, the first one with a break of its own that never leaves.
    pending, begun = "\n", False
    for text in texts:
        pending += text
        end = _settled(pending)
        kept, pending = _LINE.sub(collect, pending[:end]), pending[end:]
        if len(pending) > CHARTS_CHARS:
            pending = f"\n{MARK}"
        if kept:
            yield kept if begun else kept[1:]
            begun = True
    kept = _LINE.sub(collect, pending)
    yield kept if begun else kept[1:]


def _settled(text: str) -> int:
    """Find how far a text can be judged: its last line may be, or become, the line of a chart."""
    last = text.rfind("\n")
    marked = f"\n{MARK}"
    open_end = last >= 0 and (marked.startswith(text[last:]) or text.startswith(marked, last))
    return last if open_end else len(text)


def read_chart(line: str) -> dict[str, Any] | None:
    """Read a chart from the text behind the mark; None is anything else."""
    try:
        artifact = json.loads(line, parse_constant=_refuse)
        if not isinstance(artifact, dict) or artifact.get("type") != "chart" or "value" not in artifact:
            return None
        chart = _object(artifact["value"], _CHART)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return None
    return {"type": chart.pop("type", ""), **chart, "elements": chart.pop("elements", None)}


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _object(value: Any, fields: dict[str, Reader]) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise TypeError("not an object")
    named = {name.lower(): item for name, item in value.items()}
    found = {name: read(named[name]) for name, read in fields.items() if named.get(name) is not None}
    return {name: item for name, item in found.items() if item not in ("", []) or name in _KEPT_EMPTY}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(float(value)):
        raise TypeError("not a number")
    return int(value) if float(value).is_integer() and abs(value) < 1e21 else float(value)


def _list_of(read: Reader, null: Any) -> Reader:
    def read_all(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise TypeError("not a list")
        return [null if item is None else read(item) for item in value]

    return read_all


_KEPT_EMPTY = {"value", "elements"}
_NUMBERS, _TEXTS = _list_of(_number, 0), _list_of(_text, "")
_NAMES: dict[str, Reader] = dict.fromkeys(("type", "title", "png", "x_label", "y_label"), _text)
_MEASURES: dict[str, Reader] = dict.fromkeys(
    ("angle", "radius", "min", "first_quartile", "median", "third_quartile", "max"), _number
)
_ELEMENT: dict[str, Reader] = {
    "label": _text,
    "points": _list_of(_NUMBERS, None),
    "value": _text,
    "group": _text,
    **_MEASURES,
    "outliers": _NUMBERS,
    **_NAMES,
}
_CHART: dict[str, Reader] = {
    **_NAMES,
    "x_ticks": _NUMBERS,
    "y_ticks": _NUMBERS,
    "x_tick_labels": _TEXTS,
    "y_tick_labels": _TEXTS,
    "x_scale": _text,
    "y_scale": _text,
    "elements": _list_of(lambda item: _object(item, _ELEMENT), {}),
}
