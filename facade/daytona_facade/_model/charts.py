"""The charts of a program for a model: each picture, and the beginning of its data in words."""

import json
from typing import Any

from .. import limits
from .._charts import chart_objects, picture
from .shortening import clip, shorten_string, shortened

_TICKS = {"x_ticks", "y_ticks", "x_tick_labels", "y_tick_labels"}


def show_charts(artifacts: Any, room: int) -> tuple[str, list[bytes], bool]:
    """Describe charts and other artifacts in words; return that, the pictures, and whether nothing was left out."""
    if not isinstance(artifacts, dict) or not artifacts:
        return "", [], True
    pictures: list[bytes] = []
    lines: list[str] = []
    complete = True
    charts = list(chart_objects(artifacts))
    for number, chart in enumerate(charts, 1):
        data = _picture(chart) if len(pictures) < limits.MODEL_PICTURES else b""
        pictures += [data] if data else []
        words, whole = _describe(chart, room // len(charts) - 200)
        unseen = "" if data else " Its picture is not shown: save it with plt.savefig, then use download_file."
        lines.append(f"Chart {number}.{unseen} {words}")
        complete = complete and whole and bool(data)
    others = {key: value for key, value in artifacts.items() if value and not (key == "charts" and charts)}
    if others:
        short = shortened(others, room // 4)
        lines.append(f"Other artifacts: {json.dumps(short, ensure_ascii=False)}")
        complete = complete and short == others
    text = clip("\n".join(lines), room, "Print what you need in the program.")
    return (f"\n\n{text}" if text else ""), pictures, complete


def _picture(chart: dict[str, Any]) -> bytes:
    encoded = chart.get("png")
    fits = isinstance(encoded, str) and len(encoded) <= limits.MODEL_PICTURE_CHARS
    return picture(encoded) if fits else b""


def _describe(chart: dict[str, Any], room: int) -> tuple[str, bool]:
    """Write a chart's type, title, axes and first points as JSON; fewer points where there are many charts."""
    total = _count_points(chart.get("elements"))
    for points in (limits.MODEL_CHART_POINTS, 20, 5, 0):
        short = _Sample(points).copy({key: chart[key] for key in chart if key != "png"})
        text = json.dumps(short, ensure_ascii=False)
        if len(text) <= room:
            break
    else:
        text, points = json.dumps(shortened(short, max(room, 200)), ensure_ascii=False), 0
    if total <= points:
        return f"Its data: {text}", True
    left_out = f"the first {points:,} of {total:,} points are listed; print what else you need in the program"
    return f"Its data, of which {left_out}: {text}", False


def _count_points(value: Any) -> int:
    if isinstance(value, list):
        return sum(1 if _is_point(item) else _count_points(item) for item in value)
    if isinstance(value, dict):
        inner = [item for item in value.values() if isinstance(item, list | dict)]
        return sum(map(_count_points, inner)) if inner else 1
    return 0


def _is_point(value: Any) -> bool:
    """Tell a number, a pair of coordinates or a name from what holds points."""
    if isinstance(value, list):
        return len(value) <= 4 and not any(isinstance(item, list | dict) for item in value)
    return not isinstance(value, dict)


class _Sample:
    """Copies a chart with its first points only."""

    def __init__(self, points: int) -> None:
        self._left = points

    def copy(self, value: Any, key: str = "") -> Any:
        if isinstance(value, str):
            return shorten_string(value, limits.MODEL_VALUE_CHARS // 5)
        if isinstance(value, float):
            return float(f"{value:.10g}")
        if isinstance(value, dict):
            items = list(value.items())[:100]
            return {shorten_string(name, 100): self.copy(item, name) for name, item in items if name != "png"}
        if not isinstance(value, list):
            return value
        if key in _TICKS:
            return [self.copy(item) for item in value[: limits.MODEL_CHART_LABELS]]
        return self._first(value)

    def _first(self, items: list[Any]) -> list[Any]:
        kept: list[Any] = []
        for item in items:
            if self._left <= 0:
                kept.append(f"[{len(items):,} in all]")
                break
            if _is_point(item):
                self._left -= 1
                kept.append([self.copy(part) for part in item] if isinstance(item, list) else self.copy(item))
            else:
                if isinstance(item, dict) and not any(isinstance(part, list | dict) for part in item.values()):
                    self._left -= 1
                kept.append(self.copy(item))
        return kept
