"""A sandbox for the length of a ``with`` block."""

import math
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
)
from typing import Any, Concatenate, ParamSpec, TypeAlias

from .. import limits
from .._engine.calls import Pause, Steps
from .._engine.deadline import start_deadline
from .._responses.normalize import summary_from_id
from ..errors import DaytonaError
from ..outputs import CreateSandboxOutput, DeleteSandboxOutput
from .action import Action, AsyncClient, SyncClient, action
from .parameters import Count, SandboxId, Text
from .sandboxes import create_sandbox, get_sandbox
from .signatures import copy_metadata
from .waiting import remove_sandbox, wait_until

P = ParamSpec("P")
LABEL = "daytona-facade/temporary"
"""Marks a temporary sandbox, with a value that no other has."""
_LEFT_OVER_MIN = 60
_Cleanup: TypeAlias = tuple[Action[..., DeleteSandboxOutput], dict[str, Any]]
_LOOKS = 3
_LOOK_S = 0.5


class Plan:
    """What to create, and how to find it again if the answer is lost."""

    def __init__(self, arguments: Mapping[str, Any]) -> None:
        """Give the sandbox a name and a label of its own, so that it is deleted even if this process is killed."""
        from secrets import token_hex

        self.token = token_hex(8)
        self.name = arguments.get("name") or f"temporary-{self.token}"
        labels = arguments.get("labels")
        if labels is None or isinstance(labels, Mapping):
            labels = {**(labels or {}), LABEL: self.token}
        left_over = {"auto_delete_interval": _LEFT_OVER_MIN}
        self.arguments = {**left_over, **arguments, "name": self.name, "labels": labels}

    def cleanup_action(self, created: CreateSandboxOutput | None) -> _Cleanup | None:
        """Return the action that cleans up after what create answered, which is ``None`` if it was interrupted."""
        if created is not None and created.sandbox is not None:
            return remove_sandbox, {"sandbox_id": created.sandbox.id}
        failure = None if created is None else created.failure
        if failure is not None and not failure.sent:
            return None
        refused = failure is not None and 400 <= (failure.status_code or 0) < 500
        return reclaim_sandbox, {"sandbox_id": self.name, "token": self.token, "looks": 1 if refused else _LOOKS}


@action(DeleteSandboxOutput, deadline_s=limits.LIFECYCLE_S, destructive=True, idempotent=True, listed=False)
def reclaim_sandbox(sandbox_id: SandboxId, token: Text, looks: Count = 1) -> Steps[DeleteSandboxOutput]:
    """Delete the temporary sandbox that a lost answer may have left: by its name, and only with its label.

    Args:
        sandbox_id: Name of the sandbox.
        token: The label's value.
        looks: How often to look for it: a request that was given up may still be on its way.
    """
    for look in range(looks or 0):
        if look:
            yield from Pause(_LOOK_S)
        try:
            found = yield from get_sandbox.steps(sandbox_id)
        except DaytonaError as exc:
            if exc.failure.kind != "not_found":
                raise
            continue
        sandbox = found.sandbox
        if sandbox is not None and sandbox.id and sandbox.labels.get(LABEL) == token:
            return (yield from remove_sandbox.steps(sandbox.id))
        break
    return DeleteSandboxOutput(success=True, sandbox=summary_from_id(sandbox_id))


def temporary(
    create: Action[P, CreateSandboxOutput],
) -> Callable[Concatenate[Any, P], AbstractContextManager[str]]:
    """Make the method of ``Daytona``."""

    def temporary_sandbox(client: Any, /, *args: P.args, **kwargs: P.kwargs) -> AbstractContextManager[str]:
        return _sandbox_block(client, Plan(create.bind(args, kwargs)))

    copy_metadata(create.steps, temporary_sandbox, AbstractContextManager[str])
    temporary_sandbox.__name__ = temporary_sandbox.__qualname__ = "temporary_sandbox"
    temporary_sandbox.__doc__ = _DOC.format(block="with")
    return temporary_sandbox


def atemporary(
    create: Action[P, CreateSandboxOutput],
) -> Callable[Concatenate[Any, P], AbstractAsyncContextManager[str]]:
    """Make the method of ``AsyncDaytona``."""

    def temporary_sandbox(client: Any, /, *args: P.args, **kwargs: P.kwargs) -> AbstractAsyncContextManager[str]:
        return _asandbox_block(client, Plan(create.bind(args, kwargs)))

    copy_metadata(create.steps, temporary_sandbox, AbstractAsyncContextManager[str])
    temporary_sandbox.__name__ = temporary_sandbox.__qualname__ = "temporary_sandbox"
    temporary_sandbox.__doc__ = _DOC.format(block="async with")
    return temporary_sandbox


_DOC = """Create a sandbox for the length of the ``{block}`` block, which gets the ID of one that is started.

    It takes what create_sandbox takes. The sandbox is deleted at the end of the block however that ends, by an
    exception, a cancellation or Ctrl-C as well, and also where the answer of create was lost. Should the process be
    killed, Daytona stops the sandbox when it has been idle, and deletes it an hour later (``auto_delete_interval``).
    A block cannot begin without a sandbox, so ``DaytonaError`` is raised where it cannot be created or does not start
    within 60 s, or the client's ``deadline_s`` for wait_until; and at the end where it cannot be deleted, unless the
    block raised something itself.
    """


@contextmanager
def _sandbox_block(client: SyncClient, plan: Plan) -> Iterator[str]:
    created = None
    try:
        created = create_sandbox.run(client, **plan.arguments)
        sandbox_id = _id(created)
        wait_until.run(client, sandbox_id, timeout=_start_s(client)).raise_for_failure()
        yield sandbox_id
    except BaseException as exc:
        if end := plan.cleanup_action(created):
            _note(exc, end[0].run(client, **end[1]))
        raise
    if end := plan.cleanup_action(created):
        end[0].run(client, **end[1]).raise_for_failure()


@asynccontextmanager
async def _asandbox_block(client: AsyncClient, plan: Plan) -> AsyncIterator[str]:
    created = None
    try:
        created = await create_sandbox.arun(client, **plan.arguments)
        sandbox_id = _id(created)
        (await wait_until.arun(client, sandbox_id, timeout=_start_s(client))).raise_for_failure()
        yield sandbox_id
    except BaseException as exc:
        if end := plan.cleanup_action(created):
            _note(exc, await _finished(end[0].arun(client, **end[1])))
        raise
    if end := plan.cleanup_action(created):
        (await _finished(end[0].arun(client, **end[1]))).raise_for_failure()


def _id(created: CreateSandboxOutput) -> str:
    sandbox = created.raise_for_failure().sandbox
    return (sandbox.id if sandbox else None) or ""


def _start_s(client: SyncClient | AsyncClient) -> int:
    return max(1, math.ceil(start_deadline(client.session.settings.deadline_s, wait_until.name, limits.WAIT_S).seconds))


def _note(exc: BaseException, ended: DeleteSandboxOutput) -> None:
    if ended.error:
        exc.add_note(f"The temporary sandbox may be left: {ended.error}")


async def _finished(deletion: Coroutine[Any, Any, DeleteSandboxOutput]) -> DeleteSandboxOutput:
    """Wait until a deletion has ended, even if the waiting is cancelled; then pass the cancellation on."""
    # Who calls from threads alone never loads it.
    import asyncio

    task = asyncio.ensure_future(deletion)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as exc:
            cancelled = exc
    if cancelled is not None:
        raise cancelled
    return task.result()
