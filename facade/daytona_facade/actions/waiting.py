"""Waiting for a sandbox: until it is in a state, until it is gone."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from .. import limits
from .._engine.calls import Pause, Steps
from .._responses.normalize import own_name, summary_from_id
from ..errors import DaytonaError, Failure, deadline_error
from ..outputs import DeleteSandboxOutput, GetSandboxOutput, SandboxSummary
from .action import action
from .parameters import SandboxId, Seconds, Text
from .sandboxes import delete_sandbox, get_sandbox

_BROKEN = frozenset({"error", "build_failed"})
_GOING = frozenset({"destroying", "destroyed"})


def _timeout_s(arguments: Mapping[str, Any]) -> float:
    return float(arguments["timeout"])


@action(GetSandboxOutput, deadline_s=_timeout_s, read_only=True, idempotent=True, listed=False)
def wait_until(
    sandbox_id: SandboxId,
    state: Text = "started",
    timeout: Seconds = 60,
) -> Steps[GetSandboxOutput]:
    """Wait until a sandbox is in a state.

    One that is broken or being deleted, and so will never be in it, is a failure of kind ``conflict`` at once; when the
    time is up it is one of kind ``timeout``. A sandbox that is gone counts as ``destroyed``.
    A smaller ``deadline_s`` of the client holds here as well.
    Operation: GET /sandbox/{sandboxIdOrName}, again and again, at first 0.1 s apart, later 1 s.

    Args:
        sandbox_id: ID or name of the sandbox.
        state: Daytona's word for the state: started, stopped, archived, destroyed, ...
        timeout: Seconds until it is given up; 60 when left out.
    """
    wanted = state.strip().lower()
    end = time.monotonic() + (timeout or 0)
    seen: SandboxSummary | None = None
    for pause_s in _pauses():
        try:
            output = yield from get_sandbox.steps(sandbox_id)
            seen = output.sandbox
            wait_s = pause_s
        except DaytonaError as exc:
            if exc.failure.kind == "not_found" and wanted == "destroyed":
                return GetSandboxOutput(success=True, sandbox=_destroyed(seen or summary_from_id(sandbox_id)))
            if exc.failure.kind == "timeout":
                raise _out_of_time(seen, wanted, exc) from None
            if exc.failure.kind != "rate_limited":
                raise
            wait_s = max(pause_s, exc.failure.retry_after or 0.0)
        else:
            if seen is not None and seen.state == wanted:
                return output
            _expect(seen, wanted)
        left = end - time.monotonic()
        try:
            yield from Pause(min(wait_s, max(left, 0.0)))
            if wait_s >= left:
                raise deadline_error(float(timeout or 0), sent=True)
        except DaytonaError as exc:
            raise _out_of_time(seen, wanted, exc) from None
    raise AssertionError("the deadline ends the pauses")


@action(DeleteSandboxOutput, deadline_s=limits.LIFECYCLE_S, destructive=True, idempotent=True, listed=False)
def remove_sandbox(sandbox_id: SandboxId) -> Steps[DeleteSandboxOutput]:
    """Delete a sandbox, whatever it is doing: wait for a change of state to end, and take one that is gone as deleted.

    Operation: DELETE /sandbox/{sandboxIdOrName}, again while that is a conflict.

    Args:
        sandbox_id: ID or name of the sandbox.
    """
    for pause_s in _pauses():
        try:
            return (yield from delete_sandbox.steps(sandbox_id))
        except DaytonaError as exc:
            if exc.failure.kind == "not_found":
                return DeleteSandboxOutput(success=True, sandbox=summary_from_id(sandbox_id))
            if exc.failure.kind not in {"conflict", "rate_limited"}:
                raise
            refusal = exc
        if refusal.failure.kind == "conflict" and (going := (yield from _going(sandbox_id))):
            return DeleteSandboxOutput(success=True, sandbox=going)
        try:
            yield from Pause(max(pause_s, refusal.failure.retry_after or 0.0))
        except DaytonaError:
            raise refusal from None
    raise AssertionError("the deadline ends the pauses")


def _going(sandbox_id: str) -> Steps[SandboxSummary | None]:
    """Look whether somebody else deletes it already."""
    try:
        output = yield from get_sandbox.steps(sandbox_id)
    except DaytonaError as exc:
        if exc.failure.kind == "not_found":
            return summary_from_id(sandbox_id)
        return None
    sandbox = output.sandbox
    return sandbox if sandbox is not None and sandbox.state in _GOING else None


def _pauses() -> Iterator[float]:
    pause_s = limits.FIRST_POLL_S
    while True:
        yield pause_s
        pause_s = min(pause_s * 1.5, limits.LONGEST_POLL_S)


def _expect(seen: SandboxSummary | None, wanted: str) -> None:
    """Raise for a sandbox that will never be in the wanted state."""
    hopeless = _GOING if wanted in _BROKEN else _GOING | _BROKEN
    if seen is not None and seen.state in hopeless and wanted not in _GOING:
        reason = f" ({seen.error_reason})" if seen.error_reason else ""
        raise DaytonaError(Failure("conflict", f"it is {seen.state!r}{reason} and will not be {wanted!r}"))


def _destroyed(sandbox: SandboxSummary) -> SandboxSummary:
    return attrs.evolve(sandbox, name=own_name(sandbox.name), state="destroyed")


def _out_of_time(seen: SandboxSummary | None, wanted: str, exc: DaytonaError) -> DaytonaError:
    if seen is None:
        return exc
    return DaytonaError(attrs.evolve(exc.failure, message=f"it is still {seen.state!r}, not {wanted!r}: time is up"))
