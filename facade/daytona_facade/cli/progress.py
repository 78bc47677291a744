"""How far a transfer is, on standard error where that is a terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ..actions.streamed_files import Progress
from .setup import printable


@contextmanager
def progress(name: str) -> Iterator[Progress]:
    """Show a bar for as long as the block lasts; nothing where nobody looks."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    # Imported for a terminal only, where its time is not noticed.
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn())
    with Bar(*columns, TransferSpeedColumn(), TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task(printable(name), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
