"""Charts that a Python program shows with matplotlib, carried out of it as marked lines of output."""

import base64
import json
import re
from typing import Any

MARK = "dtn_artifact_k39fd2:"
MATPLOTLIB = re.compile(r"^\s*(import|from)\s+matplotlib\b", re.MULTILINE)
WRAPPER = """
def _daytona_run():
    import base64, io, json, os, sys, traceback
    os.environ["MPLBACKEND"] = "Agg"
    sys.argv[0] = "-"
    def kind(axes):
        if axes.containers:
            return "bar"
        if axes.lines:
            return "line"
        if any(type(patch).__name__ == "Wedge" for patch in axes.patches):
            return "pie"
        return "scatter" if axes.collections else "unknown"
    def elements(axes):
        found = [{"label": line.get_label(), "points": [list(map(float, point)) for point in line.get_xydata()]}
                 for line in axes.lines]
        for container in axes.containers:
            labels = [tick.get_text() for tick in axes.get_xticklabels()]
            for index, patch in enumerate(container.patches):
                label = labels[index] if index < len(labels) else ""
                found.append({"label": label, "value": str(patch.get_height()), "group": container.get_label()})
        for dots in axes.collections:
            points = [list(map(float, point)) for point in dots.get_offsets()]
            found.append({"label": dots.get_label(), "points": points})
        for wedge in axes.patches:
            if type(wedge).__name__ == "Wedge":
                angle = abs(wedge.theta2 - wedge.theta1)
                found.append({"label": wedge.get_label(), "angle": float(angle), "radius": float(wedge.r)})
        return found
    def describe(figure):
        axes = figure.axes[0] if figure.axes else figure.add_subplot()
        data = io.BytesIO()
        figure.savefig(data, format="png")
        return {"type": kind(axes), "title": axes.get_title() or None,
                "png": base64.b64encode(data.getvalue()).decode(),
                "x_label": axes.get_xlabel(), "y_label": axes.get_ylabel(),
                "x_ticks": [float(tick) for tick in axes.get_xticks()],
                "y_ticks": [float(tick) for tick in axes.get_yticks()],
                "x_tick_labels": [tick.get_text() for tick in axes.get_xticklabels()],
                "y_tick_labels": [tick.get_text() for tick in axes.get_yticklabels()],
                "x_scale": axes.get_xscale(), "y_scale": axes.get_yscale(), "elements": elements(axes)}
    def show(*_args, **_options):
        import matplotlib.pyplot as plt
        for number in plt.get_fignums():
            figure = plt.figure(number)
            print("@MARK@" + json.dumps(describe(figure)), flush=True)
            plt.close(figure)
    try:
        import matplotlib.pyplot
        matplotlib.pyplot.show = show
    except ImportError:
        pass
    try:
        exec(compile(base64.b64decode("@CODE@"), "<stdin>", "exec"), {"__name__": "__main__"})
    except Exception as exc:
        traceback.print_exception(type(error), error, error.__traceback__.tb_next)
        sys.exit(1)
_daytona_run()
"""


def wrapped(code: str) -> str:
    """Put a program into one that prints each figure it shows as a marked line."""
    encoded = base64.b64encode(code.encode()).decode()
    return WRAPPER.replace("@MARK@", MARK).replace("@CODE@", encoded)


def split_charts(output: str) -> tuple[str, list[dict[str, Any]]]:
    """Part the charts from what a program printed; lines that do not hold a chart are dropped."""
    if MARK not in output:
        return output, []
    kept: list[str] = []
    charts: list[dict[str, Any]] = []
    for line in output.splitlines(keepends=True):
        head, mark, data = line.partition(MARK)
        if not mark:
            kept.append(line)
            continue
        kept.append(head)
        try:
            chart = json.loads(data)
        except ValueError:
            continue
        if isinstance(chart, dict):
            charts.append(chart)
    return "".join(kept), charts
