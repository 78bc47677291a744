"""Daytona's own SDK, sync and async, driven through one face."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Any, Self

from daytona import AsyncDaytona, Daytona, DaytonaConflictError, DaytonaNotFoundError


class Official:
    """One client of the official SDK: ``do(...)`` gives a result, whether it has to be awaited or not."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.made: list[Any] = []
        self._stack = ExitStack()
        self._runner = self._stack.enter_context(asyncio.Runner())

    def __enter__(self) -> Self:
        self.client = self.do(self._make())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for box in self.made:
            with suppress(DaytonaNotFoundError, DaytonaConflictError):
                self.do(self.client.delete(box))
        if self.kind == "async":
            self.do(self.client.close())
        self._stack.close()

    def do(self, value: Any) -> Any:
        """Return a value, awaited if it can be."""
        return self._runner.run(self._awaited(value)) if inspect.isawaitable(value) else value

    def create(self, *arguments: Any, **options: Any) -> Any:
        """Create a sandbox that is deleted at the end of the test."""
        box = self.do(self.client.create(*arguments, **options))
        self.made.append(box)
        return box

    def each(self, found: Iterator[Any] | AsyncIterator[Any]) -> list[Any]:
        """Read an iterator of either kind to its end."""
        return self.do(self._collected(found)) if isinstance(found, AsyncIterator) else list(found)

    async def _make(self) -> Any:
        return AsyncDaytona() if self.kind == "async" else Daytona()

    @staticmethod
    async def _awaited(value: Any) -> Any:
        return await value

    @staticmethod
    async def _collected(found: AsyncIterator[Any]) -> list[Any]:
        return [item async for item in found]
