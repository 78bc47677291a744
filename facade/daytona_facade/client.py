"""The two clients: configuration, and the twelve actions as methods."""

from collections.abc import Mapping
from copy import copy
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import httpx

from . import limits
from ._engine.calls import Exchanges
from ._engine.settings import Session, Settings
from ._transport.drivers import arun, run
from .actions import ACTIONS, files, git, paging, programs, sandboxes, temporary, waiting
from .actions.model_arguments import coerce
from .errors import Failure
from .outputs import Output

Transport = TypeVar("Transport")


class _Client(Generic[Transport]):
    """What both clients have: a session and a transport, neither of which opens anything."""

    def __init__(
        self,
        api_key: str | None = None,
        *,
        api_url: str | None = None,
        toolbox_url: str | None = None,
        target: str | None = None,
        organization_id: str | None = None,
        deadline_s: float | Mapping[str, float] | None = None,
        retries: int = limits.RETRIES,
        max_download_bytes: int | None = None,
        transport: Transport | None = None,
    ) -> None:
        """Configure a client; nothing is sent and nothing is opened.

        An argument that is ``None`` is read from its variable. One that is empty is not: an empty key is an error, an
        empty organization or target means none, so that a tenant without a key never acts with the platform's.

        Args:
            api_key: Daytona API key; ``DAYTONA_API_KEY`` if ``None``.
            api_url: ``DAYTONA_API_URL`` if ``None``, and ``https://app.daytona.io/api`` if that is not set.
            toolbox_url: ``DAYTONA_TOOLBOX_URL`` if ``None``; without one, what the API names for each sandbox.
            target: Region of new sandboxes; ``DAYTONA_TARGET`` if ``None``.
            organization_id: Sent as ``X-Daytona-Organization-ID``; ``DAYTONA_ORGANIZATION_ID`` if ``None``.
            deadline_s: Seconds by which an action returns: one number for all actions, or a number by action name.
            retries: How often a request that certainly changed nothing is retried; 0 turns retries off.
            max_download_bytes: A limit for ``download_file`` below the 104,857,600 bytes that always apply.
            transport: An httpx transport of your own, which you close; ``None`` is the shared connection pool.

        Raises:
            ValueError: The key, a URL or a limit is unusable.
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
        """Return a client with other limits that shares everything else."""
        settings = self.session.settings.evolve(
            deadline_s=deadline_s, retries=retries, max_download_bytes=max_download_bytes
        )
        changed = copy(self)
        changed.session = Session(settings, self.session.addresses)
        return changed

    def __repr__(self) -> str:
        return f"{type(self).__name__}(api_url={self.session.settings.api_url!r})"


class Daytona(_Client[httpx.BaseTransport]):
    """The twelve actions for threads. They, ``wait_until`` and ``call`` return a failed output instead of raising."""

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
        """Run an action by name on JSON arguments, and return its output as JSON.

        An unknown action or a wrong argument is a failure like any other: ``success`` is false, ``error`` says why.
        """
        return self.run_action(name, arguments).to_dict()

    def run_action(self, name: str, arguments: Mapping[str, Any] | None = None) -> Output:
        """Run an action by name on JSON arguments, and return its output: what ``tools.for_model()`` takes."""
        return run(_perform_by_name(self.session, name, arguments), self.transport)

    def close(self) -> None:
        """Do nothing: connections are shared, and close when idle or at exit."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncDaytona(_Client[httpx.AsyncBaseTransport]):
    """The twelve actions for asyncio. They, ``wait_until`` and ``call`` return a failed output instead of raising."""

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
        """Run an action by name on JSON arguments, and return its output as JSON.

        An unknown action or a wrong argument is a failure like any other: ``success`` is false, ``error`` says why.
        """
        return (await self.run_action(name, arguments)).to_dict()

    async def run_action(self, name: str, arguments: Mapping[str, Any] | None = None) -> Output:
        """Run an action by name on JSON arguments, and return its output: what ``tools.for_model()`` takes."""
        return await arun(_perform_by_name(self.session, name, arguments), self.transport)

    async def aclose(self) -> None:
        """Do nothing: connections are shared, and close when idle or with the event loop."""

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
    output: Output = yield from action.perform(session, (), coerce(action.parameters, arguments or {}))
    return output
