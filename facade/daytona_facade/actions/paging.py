"""Every sandbox, page after page."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from ..errors import protocol_error
from ..outputs import ListSandboxesOutput, SandboxSummary
from .action import AsyncClient, SyncClient
from .sandboxes import list_sandboxes


class Cursor:
    """The place in the list: ``arguments`` asks for the next page, until ``more`` says that there is none."""

    def __init__(self, **filters: Any) -> None:
        self.arguments = filters
        self.more = True
        self._seen: set[str] = set()

    def advance(self, page: ListSandboxesOutput) -> list[SandboxSummary]:
        """Take a page's sandboxes and go on; ``DaytonaError`` for a page that failed, and for going in circles."""
        sandboxes = page.raise_for_failure().sandboxes
        cursor = page.next_cursor
        if cursor in self._seen:
            raise protocol_error("list_sandboxes failed: the API named the same next page twice.")
        self.more = cursor is not None
        if cursor is not None:
            self._seen.add(cursor)
        self.arguments = {**self.arguments, "cursor": cursor}
        return sandboxes


def iter_sandboxes(
    client: SyncClient, *, limit: int | None = None, name: str | None = None, labels: Mapping[str, str] | None = None
) -> Iterator[SandboxSummary]:
    """Iterate over all sandboxes, asking for the next page when it is needed.

    A page that fails raises ``DaytonaError`` where the iteration stands: the end of the loop means that these were all.
    A sandbox that becomes active meanwhile moves to the front of the list, and so may come twice or be passed over.

    Args:
        client: The client; ``client.iter_sandboxes(...)`` gives it by itself.
        limit: Sandboxes on a page, 1 to 200; 100 when left out. Not how many there are in all.
        name: Beginning of the names to find, in either case.
        labels: Labels that a sandbox must have, each with exactly this value.
    """
    cursor = Cursor(limit=limit, name=name, labels=labels)
    while cursor.more:
        yield from cursor.advance(list_sandboxes.run(client, **cursor.arguments))


async def aiter_sandboxes(
    client: AsyncClient, *, limit: int | None = None, name: str | None = None, labels: Mapping[str, str] | None = None
) -> AsyncIterator[SandboxSummary]:
    cursor = Cursor(limit=limit, name=name, labels=labels)
    while cursor.more:
        for sandbox in cursor.advance(await list_sandboxes.arun(client, **cursor.arguments)):
            yield sandbox


# The same text for both, so that they cannot differ.
aiter_sandboxes.__doc__ = (iter_sandboxes.__doc__ or "").replace("sandboxes,", "sandboxes with ``async for``,", 1)
