"""What is read of a figure of matplotlib, as Daytona's own wrapper of a program reads it.

The text of this module goes into the sandbox with ``chart_program``, so it imports nothing beside matplotlib.
"""

from importlib import import_module
from typing import Any

NEAR = 0.001


def part(name: str) -> Any:
    """Find a module of matplotlib, which is not there where the toolbox itself runs."""
    return import_module(f"matplotlib.{name}")


def texts_of(items: Any) -> list[str]:
    """Read the text of each label."""
    return [item.get_text() for item in items]


def is_straight(line: Any) -> bool:
    """Tell whether a line has two points, one above or beside the other, as the lines of a grid have."""
    x, y = line.get_xdata(), line.get_ydata()
    return len(x) == 2 and len(y) == 2 and bool(x[0] == x[1] or y[0] == y[1])


def chart_type(axes: Any) -> str:
    """Name the type of a chart by what is drawn in it."""
    drawn = [item for item in axes._children if not isinstance(item, part("text").Text | part("patches").Shadow)]  # noqa: SLF001 - has no public name
    if all(isinstance(item, part("lines").Line2D) for item in drawn):
        return "line"
    if all(isinstance(item, part("patches").PathPatch | part("lines").Line2D) for item in drawn):
        return "box_and_whisker"
    drawn = [item for item in drawn if not (isinstance(item, part("lines").Line2D) and is_straight(item))]
    for name, kind in (
        ("scatter", part("collections").PathCollection),
        ("bar", part("patches").Rectangle),
        ("pie", part("patches").Wedge),
    ):
        if all(isinstance(item, kind) for item in drawn):
            return name
    return "unknown"


def lines_of(axes: Any) -> list[dict[str, Any]]:
    """Read the lines of a line chart."""
    return [
        {"label": line.get_label(), "points": list(zip(line.get_xdata(), line.get_ydata(), strict=False))}
        for line in axes.get_lines()
        if not is_straight(line)
    ]


def dots_of(axes: Any) -> list[dict[str, Any]]:
    """Read the groups of a scatter chart."""
    return [
        {"label": group.get_label(), "points": [tuple(dot) for dot in group.get_offsets()]}
        for group in axes.collections
    ]


def bars_of(axes: Any) -> tuple[list[dict[str, Any]], bool]:
    """Read the bars, and whether they lie: bars of one height are taken for lying ones."""
    found, lying = [], False
    for container in axes.containers:
        values = [bar.get_height() for bar in container]
        labels = axes.get_xticklabels()
        if all(value == values[0] for value in values):
            lying, labels, values = True, axes.get_yticklabels(), [bar.get_width() for bar in container]
        pairs = zip(texts_of(labels), values, strict=False)
        found += [{"label": label, "group": container.get_label(), "value": value} for label, value in pairs]
    return found, lying


def wedges_of(axes: Any) -> list[dict[str, Any]]:
    """Read the wedges of a pie; with percentages written in, every other text is a label."""
    wedges = [patch for patch in axes.patches if isinstance(patch, part("patches").Wedge)]
    labels = texts_of(axes.texts)
    if len(labels) == 2 * len(wedges):
        labels = labels[::2]
    return [
        {"label": labels[index], "angle": abs(wedge.theta2 - wedge.theta1), "radius": wedge.r}
        for index, wedge in enumerate(wedges)
    ]


def boxes_of(axes: Any) -> tuple[list[dict[str, Any]], bool]:
    """Read the boxes and whiskers, and whether they stand: boxes of one height are taken for standing ones."""
    corners = [patch.get_path().vertices for patch in axes.patches]
    spans = [[(min(side), max(side)) for side in (points[:, 0], points[:, 1])] for points in corners]
    heights = [y[1] - y[0] for _, y in spans]
    standing = all(height == heights[0] for height in heights)
    boxes = []
    for label, (x, y) in zip(texts_of(axes.get_xticklabels()), spans, strict=False):
        across, along = (y, x) if standing else (x, y)
        boxes.append({"label": label, "across": across, "along": along, "outliers": []})
    for line in axes.lines:
        measure(boxes, *turned(line, standing))
    for line in axes.lines:
        add_outliers(boxes, *turned(line, standing))
    return [summary(box) for box in boxes], standing


def turned(line: Any, standing: bool) -> tuple[Any, Any]:
    """Read the points of a line, across and along the boxes."""
    x, y = line.get_xdata(), line.get_ydata()
    return (y, x) if standing else (x, y)


def measure(boxes: list[dict[str, Any]], x: Any, y: Any) -> None:
    """Take a line of two points for the median or a whisker of the box that it belongs to."""
    if len(x) <= 1 or len(y) != 2:
        return
    box = next((box for box in boxes if box["across"][0] <= x[0] <= x[1] <= box["across"][1]), None)
    if box is None:
        return
    low, high = box["along"]
    if abs(y[0] - y[1]) < NEAR and low <= y[0] <= high:
        box["median"] = y[0]
    elif abs(x[0] - x[1]) < NEAR:
        if abs(max(y) - low) < NEAR:
            box["min"] = min(y)
        elif abs(min(y) - high) < NEAR:
            box["max"] = max(y)


def add_outliers(boxes: list[dict[str, Any]], x: Any, y: Any) -> None:
    """Add the points above and below the whiskers to the box in whose middle they are."""
    for across, along in zip(map(float, x), map(float, y), strict=False):
        box = next((box for box in boxes if box["across"][0] <= across <= box["across"][1]), None)
        if box is None or abs(across - sum(box["across"]) / 2) >= NEAR:
            continue
        low, high = box["along"]
        if along < (box.get("min") or low) or along > (box.get("max") or high):
            box["outliers"].append(along)


def summary(box: dict[str, Any]) -> dict[str, Any]:
    """Name the measures of a box."""
    low, high = box["along"]
    found = {"label": box["label"], "first_quartile": low, "third_quartile": high, "outliers": box["outliers"]}
    return found | {name: box.get(name) for name in ("min", "median", "max")}


def is_dates(axis: Any) -> bool:
    """Tell whether an axis counts days."""
    converter = axis.get_converter() if hasattr(axis, "get_converter") else axis.converter
    return isinstance(converter, part("dates")._SwitchableDateConverter)  # noqa: SLF001 - has no public name


def axis_of(name: str, axis: Any, scale: str, ticks: Any, labels: list[str]) -> dict[str, Any]:
    """Read the ticks and the scale of one axis."""
    if is_dates(axis):
        scale, places = "datetime", [part("dates").num2date(tick).isoformat() for tick in ticks]
    else:
        places = [float(tick) for tick in ticks]
        counted = all(
            tick == index and str(index) != label
            for index, (tick, label) in enumerate(zip(ticks, labels, strict=False))
        )
        scale = "categorical" if scale == "linear" and counted else scale
    return {f"{name}_ticks": places, f"{name}_tick_labels": labels, f"{name}_scale": scale}


def describe(axes: Any) -> dict[str, Any]:
    """Describe one chart of a figure."""
    kind = chart_type(axes)
    elements, turns = [], False
    if kind == "line":
        elements = lines_of(axes)
    elif kind == "scatter":
        elements = dots_of(axes)
    elif kind == "bar":
        elements, turns = bars_of(axes)
    elif kind == "box_and_whisker":
        elements, turns = boxes_of(axes)
    elif kind == "pie":
        elements = wedges_of(axes)
    labels = (axes.get_xlabel(), axes.get_ylabel())
    return {
        "type": kind,
        "title": axes.get_title(),
        "x_label": labels[turns],
        "y_label": labels[not turns],
        **axis_of("x", axes.xaxis, axes.get_xscale(), axes.get_xticks(), texts_of(axes.get_xticklabels())),
        **axis_of("y", axes.yaxis, axes.get_yscale(), axes.get_yticks(), texts_of(axes.get_yticklabels())),
        "elements": elements,
    }


def is_chart(axes: Any) -> bool:
    """Tell a chart from the empty place of one, and from a colour bar."""
    empty = axes.get_subplotspec() is not None and not axes.has_data()
    return not empty and not any(isinstance(item, part("colorbar")._ColorbarSpine) for item in axes.get_children())  # noqa: SLF001 - has no public name


def describe_figure(figure: Any) -> dict[str, Any]:
    """Describe a figure: its one chart, or all of them together."""
    charts = [describe(axes) for axes in figure.axes if is_chart(axes)]
    if len(charts) > 1:
        title = figure.texts[0].get_text() if figure.texts else None
        return {"type": "composite_chart", "title": title, "elements": charts}
    return charts[0] if charts else {"type": "unknown"}
