"""Measure the library and its peers side by side and print one table: ``make bench``, ``make bench ARGS=--json``."""

import argparse
import datetime
import json
import platform
import sys
import time
from importlib.metadata import version

from row import Row
from rows import (
    bursting,
    calling,
    helping,
    installing,
    limits,
    many_clients,
    scaling,
    starting,
    transferring,
)
from serving import served

PEERS = ("daytona-facade", "daytona", "httpx", "aiohttp", "httpx-aiohttp", "pybase64", "e2b")


def measured(rounds: int) -> list[Row]:
    """Measure every row, one part after the other."""
    with served() as port:
        return [
            *starting(port, rounds),
            *installing(),
            *many_clients(port, rounds),
            *calling(port, rounds),
            *limits(port),
            *bursting(port, rounds),
            *transferring(port, rounds),
            *helping(rounds),
            *scaling(port, rounds),
        ]


def written(row: Row) -> str:
    """Write a row as a line of a Markdown table."""
    verdict = {None: "-", True: "reached", False: "**not reached**"}[row.reached]
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    peer = row.peer if row.peer_figure is None else f"{row.peer}: {number(row.peer_figure)}"
    what = f"{row.what}, {row.unit}" if row.unit else row.what
    goal = "" if row.goal is None else f"<= {number(row.goal)}"
    return f"| {what} | {goal} | {number(row.figure)} | {peer} | {ratio} | {verdict} | {row.note} |"


def number(value: float | None) -> str:
    """Write a figure with as many digits as it deserves."""
    if value is None:
        return "?"
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def main() -> None:
    """Print the table, or everything as JSON."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of which the median is taken")
    options = parser.parse_args()
    started = time.monotonic()
    rows = measured(options.rounds)
    versions = {name: version(name) for name in PEERS} | {"Python": platform.python_version()}
    date = datetime.datetime.now(datetime.UTC).date().isoformat()
    if options.json:
        document = {"date": date, "versions": versions, "rounds": options.rounds, "rows": [r.to_dict() for r in rows]}
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
        return
    sys.stdout.write("| what | goal | figure | peer | ratio | | |\n|---|---|---|---|---|---|---|\n")
    sys.stdout.write("\n".join(map(written, rows)) + "\n")
    reached = [row.reached for row in rows if row.reached is not None]
    named = ", ".join(f"{name} {number}" for name, number in versions.items())
    sys.stdout.write(
        f"\n{sum(reached)} of {len(reached)} reached. {date}, {named}; medians of {options.rounds} rounds, "
    )
    sys.stdout.write(
        f"{time.monotonic() - started:.0f} s. Wall and CPU on this machine: the ratios are what carries over.\n"
    )


if __name__ == "__main__":
    main()
