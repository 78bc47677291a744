"""Call an action sync or async through one face."""

import asyncio
import time
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Any, Self

import httpx

from daytona_facade import ACTIONS, AsyncDaytona, Daytona


def checked(action: str, output: Any) -> Any:
    """Return the output, which is of the action's own class; schema_guard has held it to its schema already."""
    assert type(output) is ACTIONS[action].output
    return output


class Caller(ABC):
    """A client of either kind: ``caller("get_sandbox", sandbox_id)``."""

    client: Any

    def __init__(self, api_key: str, **options: Any) -> None:
        self.created: list[str] = []

    def __call__(self, action: str, /, *args: Any, **kwargs: Any) -> Any:
        output = checked(action, self.call(action, args, kwargs))
        if action == "create_sandbox" and output.success:
            self.created.append(output.sandbox.id)
        elif action == "delete_sandbox" and output.success:
            self.created = [made for made in self.created if made != output.sandbox.id]
        return output

    @abstractmethod
    def call(self, action: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def started_sandbox(self, **options: Any) -> str:
        """Create a sandbox and wait until it is started."""
        output = self("create_sandbox", **options)
        assert output.success, output.error
        self.until(output.sandbox.id, "started")
        return output.sandbox.id

    def until(self, sandbox_id: str, state: str | None, timeout_s: float = 20) -> None:
        """Wait until a sandbox is in a state; ``None`` is gone."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            output = self("get_sandbox", sandbox_id)
            if (output.sandbox.state if output.success else None) == state:
                return
            time.sleep(0.02)
        raise AssertionError(f"{sandbox_id} did not become {state}: {output}")


class SyncCaller(Caller):
    """Drives ``Daytona``."""

    def __init__(self, api_key: str, **options: Any) -> None:
        super().__init__(api_key)
        self.client = Daytona(api_key, **options)

    def call(self, action: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return getattr(self.client, action)(*args, **kwargs)


class AsyncCaller(Caller):
    """Drives ``AsyncDaytona`` in an event loop of its own."""

    def __init__(self, api_key: str, **options: Any) -> None:
        super().__init__(api_key)
        self.client = AsyncDaytona(api_key, **options)
        self._runner = asyncio.Runner()

    def call(self, action: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return self._runner.run(getattr(self.client, action)(*args, **kwargs))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.close()


class MockServer:
    """Answers by a function and remembers the requests; both kinds of client take its transport."""

    def __init__(self, answer: Any) -> None:
        self.requests: list[httpx.Request] = []
        self._answer = answer
        self.transport = httpx.MockTransport(self._handle)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._answer(request) if callable(self._answer) else self._answer
