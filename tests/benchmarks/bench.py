"""Measure the library and its peers side by side and print one table: ``make bench``, ``make bench ARGS=--json``."""

import argparse
import datetime
import json
import platform
import sys
import time
from collections.abc import Callable, Iterable, Iterator

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
    threading,
    transferring,
)
from running import holds
from serving import served

ENVIRONMENTS = ("alone", "fast", "cli", "official", "httpx", "e2b")
Part = Callable[[int, int], Iterable[Row]]
PARTS: dict[str, Part] = {
    "starting": starting,
    "installing": lambda port, rounds: installing(),
    "many_clients": many_clients,
    "calling": calling,
    "limits": lambda port, rounds: limits(port),
    "bursting": bursting,
    "threading": threading,
    "transferring": transferring,
    "helping": lambda port, rounds: helping(rounds),
    "scaling": scaling,
}


def measured(parts: Iterable[str], rounds: int) -> Iterator[Row]:
    """Measure the rows, one part after the other; each comes when it is known."""
    with served() as port:
        for part in parts:
            yield from PARTS[part](port, rounds)


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
    """Print the table, a row as soon as it is known, or everything as JSON."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of which the median is taken")
    parser.add_argument("--only", action="append", choices=PARTS, help="measure this part alone; may be repeated")
    options = parser.parse_args()
    started = time.monotonic()
    date = datetime.datetime.now(datetime.UTC).date().isoformat()
    environments = {name: holds(name) for name in ENVIRONMENTS}
    rows = measured(options.only or PARTS, options.rounds)
    if options.json:
        about = {"date": date, "python": platform.python_version(), "environments": environments}
        document = {**about, "rounds": options.rounds, "rows": [row.to_dict() for row in rows]}
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
        return
    sys.stdout.write(f"{date}, Python {platform.python_version()}; medians of {options.rounds} rounds. Environments:\n")
    sys.stdout.writelines(f"- {name}: {packages}\n" for name, packages in environments.items())
    sys.stdout.write("\n| what | goal | figure | peer | ratio | | |\n|---|---|---|---|---|---|---|\n")
    verdicts = []
    for row in rows:
        sys.stdout.write(written(row) + "\n")
        sys.stdout.flush()
        verdicts += [] if row.reached is None else [row.reached]
    sys.stdout.write(f"\n{sum(verdicts)} of {len(verdicts)} reached, in {time.monotonic() - started:.0f} s. ")
    sys.stdout.write("Wall and CPU on this machine: the ratios are what carries over.\n")


if __name__ == "__main__":
    main()
