"""The two clients: configuration, and the twelve actions as methods."""

from collections.abc import Mapping
from copy import copy
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import httpx

from ._engine.calls import Exchanges
from ._engine.settings import Session, Settings
from ._transport.drivers import arun, run
from .actions import ACTIONS, files, git, paging, programs, sandboxes, temporary, waiting
from .errors import Failure
from .outputs import Output

Transport = TypeVar("Transport")


class _Client(Generic[Transport]):
    """What both clients are: settings, a session and a transport, none of which opens anything."""

    def __init__(
        self,
        api_key: str | None = None,
        *,
        api_url: str | None = None,
        toolbox_url: str | None = None,
        target: str | None = None,
        organization_id: str | None = None,
        deadline_s: float | Mapping[str, float] | None = None,
        retries: int = 2,
        max_download_bytes: int | None = None,
        transport: Transport | None = None,
    ) -> None:
        """Configure a client; nothing is sent and nothing is opened.

        Args:
            api_key: Daytona API key; else ``DAYTONA_API_KEY``. Without one, ``ValueError``: the only error raised.
            api_url: Else ``DAYTONA_API_URL``, else ``https://app.daytona.io/api``.
            toolbox_url: Else ``DAYTONA_TOOLBOX_URL``, else what the API names for each sandbox, else Daytona's own.
            target: Region of new sandboxes; else ``DAYTONA_TARGET``.
            organization_id: Sent as ``X-Daytona-Organization-ID``; else ``DAYTONA_ORGANIZATION_ID``.
            deadline_s: Seconds by which an action returns, whatever happens: one number for all, or by action's name.
            retries: How often an exchange that certainly did nothing is tried again; 0 is never.
            max_download_bytes: A smaller cap for ``download_file`` than the 104,857,600 bytes that always hold.
            transport: An httpx transport of your own, to be closed by you; else the shared connection pool.
        """
        self.session = Session(
            Settings.read(
                api_key=api_key,
                api_url=api_url,
                toolbox_url=toolbox_url,
                target=target,
                organization_id=organization_id,
                deadline_s=deadline_s,
                retries=retries,
                max_download_bytes=max_download_bytes,
            )
        )
        self.transport = transport

    def with_options(
        self,
        *,
        deadline_s: float | Mapping[str, float] | None = None,
        retries: int | None = None,
        max_download_bytes: int | None = None,
    ) -> Self:
        """Return a client with other limits that shares all else, for one call or for many."""
        settings = self.session.settings.evolve(
            deadline_s=deadline_s, retries=retries, max_download_bytes=max_download_bytes
        )
        changed = copy(self)
        changed.session = Session(settings, self.session.addresses)
        return changed

    def __repr__(self) -> str:
        return f"{type(self).__name__}(api_url={self.session.settings.api_url!r})"


class Daytona(_Client[httpx.BaseTransport]):
    """The twelve actions, to be called from any number of threads; every call returns an output, none raises."""

    create_sandbox = sandboxes.create_sandbox.method()
    run_code = programs.run_code.method()
    execute_command = programs.execute_command.method()
    upload_file = files.upload_file.method()
    download_file = files.download_file.method()
    list_files = files.list_files.method()
    git_clone = git.git_clone.method()
    list_sandboxes = sandboxes.list_sandboxes.method()
    get_sandbox = sandboxes.get_sandbox.method()
    start_sandbox = sandboxes.start_sandbox.method()
    stop_sandbox = sandboxes.stop_sandbox.method()
    delete_sandbox = sandboxes.delete_sandbox.method()

    wait_until = waiting.wait_until.method()
    iter_sandboxes = paging.iter_sandboxes
    temporary_sandbox = temporary.temporary(sandboxes.create_sandbox)

    def call(self, name: str, arguments: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Run an action by its name on plain JSON arguments, and return its output as plain JSON.

        An unknown action and a wrong argument are failures like any other: ``success`` is false, ``error`` says why.
        """
        return run(_perform_by_name(self.session, name, arguments), self.transport).to_dict()

    def close(self) -> None:
        """Do nothing but end a ``with`` block: the connections are shared, and close when idle or at exit."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncDaytona(_Client[httpx.AsyncBaseTransport]):
    """The twelve actions, to be awaited in any number of tasks; every call returns an output, none raises."""

    create_sandbox = sandboxes.create_sandbox.amethod()
    run_code = programs.run_code.amethod()
    execute_command = programs.execute_command.amethod()
    upload_file = files.upload_file.amethod()
    download_file = files.download_file.amethod()
    list_files = files.list_files.amethod()
    git_clone = git.git_clone.amethod()
    list_sandboxes = sandboxes.list_sandboxes.amethod()
    get_sandbox = sandboxes.get_sandbox.amethod()
    start_sandbox = sandboxes.start_sandbox.amethod()
    stop_sandbox = sandboxes.stop_sandbox.amethod()
    delete_sandbox = sandboxes.delete_sandbox.amethod()

    wait_until = waiting.wait_until.amethod()
    iter_sandboxes = paging.aiter_sandboxes
    temporary_sandbox = temporary.atemporary(sandboxes.create_sandbox)

    async def call(self, name: str, arguments: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Run an action by its name on plain JSON arguments, and return its output as plain JSON.

        An unknown action and a wrong argument are failures like any other: ``success`` is false, ``error`` says why.
        """
        return (await arun(_perform_by_name(self.session, name, arguments), self.transport)).to_dict()

    async def aclose(self) -> None:
        """Do nothing but end an ``async with`` block: the connections are shared, and close with the event loop."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def _perform_by_name(session: Session, name: str, arguments: Mapping[str, Any] | None) -> Exchanges[Output]:
    """Run an action on JSON arguments; an unknown action, or anything but an object, is a failure like any other."""
    if not isinstance(name, str) or name not in ACTIONS:
        message = f"there is no action {str(name)[:80]!r}; the actions are {', '.join(ACTIONS)}."
        return Output(success=False, error=message, failure=Failure("invalid_input", message))
    action = ACTIONS[name]
    if not isinstance(arguments, Mapping | None):
        return action.failed(Failure("invalid_input", f"{name} failed: arguments must be a JSON object."))
    output: Output = yield from action.perform(session, (), arguments or {})
    return output
