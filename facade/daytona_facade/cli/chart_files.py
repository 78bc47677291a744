"""Charts that a program in a sandbox has shown, saved as PNG files."""

from itertools import count
from pathlib import Path

import click

from ..outputs import RunCodeOutput
from .setup import CommandError
from .terminal import print_message, print_text


def prepare_directory(directory: str) -> None:
    """Create the directory for charts before the program runs, so that no run is wasted."""
    try:
        Path(directory).mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise click.UsageError(f"--save-charts {directory}: {exc.strerror or exc}") from None


def save_charts(output: RunCodeOutput, directory: Path, *, as_json: bool) -> None:
    """Write each chart to a new file and print its path, beside JSON on standard error."""
    # The program's output may lack a newline at its end.
    separator = "" if as_json or not output.result or output.result.endswith("\n") else "\n"
    for chart in output.charts:
        if not chart.png:
            continue
        try:
            path = _write_new(directory, chart.png)
        except OSError as exc:
            raise CommandError(f"{directory}: {exc.strerror or exc}") from None
        if as_json:
            click.echo(str(path), err=True)
        else:
            print_text(f"{separator}{path}\n")
            separator = ""


def suggest_saving(output: RunCodeOutput) -> None:
    """Say on standard error that there are charts, and how to save them."""
    number = sum(bool(chart.png) for chart in output.charts)
    if number:
        charts = "a chart" if number == 1 else f"{number} charts"
        print_message(f"the program showed {charts}; to save them as PNG, use --save-charts DIRECTORY")


def _write_new(directory: Path, png: bytes) -> Path:
    for number in count(1):
        path = directory / f"chart-{number}.png"
        try:
            with path.open("xb") as file:
                file.write(png)
        except FileExistsError:
            continue
        return path
    raise AssertionError("one of the numbers is free")
