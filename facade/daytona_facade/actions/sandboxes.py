"""The life of a sandbox: create, list, get, start, stop, delete."""

import json
from typing import Any

import attrs

from .. import wire
from ..failures import malformed
from ..inputs import Configured, Count, Env, Flag, Interval, Labels, OptionalText, PageSize, SandboxId, given
from ..mapping import identified, own_name, summary, text
from ..outputs import (
    CreateSandboxOutput,
    DeleteSandboxOutput,
    GetSandboxOutput,
    ListSandboxesOutput,
    SandboxSummary,
    StartSandboxOutput,
    StopSandboxOutput,
)
from ..registry import action
from ..steps import Answer, Call, Parse, Steps, bounded, document, each, model, model_or_nothing, parsed

_QUICK_S = 30.0
_HELD_S = 60.0
"""The server holds the answer of create and start for up to 30 s."""


@action(CreateSandboxOutput, deadline_s=_HELD_S)
def create_sandbox(
    snapshot: OptionalText = None,
    name: OptionalText = None,
    target: Configured = None,
    user: OptionalText = None,
    env: Env = None,
    labels: Labels = None,
    cpu: Count = None,
    memory: Count = None,
    disk: Count = None,
    auto_stop_interval: Count = None,
    auto_archive_interval: Count = None,
    auto_delete_interval: Interval = None,
    public: Flag = None,
) -> Steps[CreateSandboxOutput]:
    """Create a sandbox.

    It may still be ``creating`` when this returns: look again with get_sandbox until it is ``started``.
    Not idempotent: after a timeout, list the sandboxes before creating another.
    Operation: POST /sandbox.

    Args:
        snapshot: ID or name of the snapshot to start from; Daytona's default when left out.
        name: A name of your own; the ID serves as name when left out.
        target: Region, such as us or eu; the client's configured one when left out.
        user: User that commands run as.
        env: Environment variables of the sandbox.
        labels: Labels, to find it again with list_sandboxes.
        cpu: CPU cores. Daytona refuses cpu, memory and disk together with a snapshot, the default one included.
        memory: Memory in GB.
        disk: Disk space in GB.
        auto_stop_interval: Idle minutes until it is stopped; 0 is never.
        auto_archive_interval: Stopped minutes until it is archived; 0 is the longest that Daytona allows.
        auto_delete_interval: Stopped minutes until it is deleted; 0 is at once, negative is never.
        public: Whether anyone may open the sandbox's HTTP previews.
    """
    wanted = {
        "snapshot": snapshot or None,
        "name": name or None,
        "target": target or None,
        "user": user or None,
        "env": env,
        "labels": labels,
        "cpu": cpu,
        "memory": memory,
        "disk": disk,
        "autoStopInterval": auto_stop_interval,
        "autoArchiveInterval": auto_archive_interval,
        "autoDeleteInterval": auto_delete_interval,
        "public": public,
    }
    body = wire.CreateSandbox.from_dict(given(wanted))
    request = wire.rest.create_sandbox_request(body=body)
    sandbox = yield from Call(wire.rest.create_sandbox_path, request, model(wire.rest.create_sandbox_parse))
    return CreateSandboxOutput(success=True, sandbox=summary(sandbox))


@action(ListSandboxesOutput, deadline_s=_QUICK_S, read_only=True, idempotent=True)
def list_sandboxes(
    limit: PageSize = None, name: OptionalText = None, labels: Labels = None, cursor: OptionalText = None
) -> Steps[ListSandboxesOutput]:
    """List sandboxes, a page at a time, the most recently active first.

    The list follows events: a sandbox made a moment ago may be missing, one just deleted may still be there.
    Operation: GET /sandbox.

    Args:
        limit: Sandboxes on a page, 1 to 200; 100 when left out.
        name: Beginning of the names to find, in either case.
        labels: Labels that a sandbox must have, each with exactly this value.
        cursor: The ``next_cursor`` of the page before; the first page when left out.
    """
    wanted = {
        "limit": limit,
        "cursor": cursor or None,
        "name": name or None,
        "labels": None if labels is None else json.dumps(labels),
    }
    request = wire.rest.list_sandboxes_request(**given(wanted))
    page = yield from Call(wire.rest.list_sandboxes_path, request, _page)
    if not isinstance(page, wire.SandboxPage) or not isinstance(page.items, list):
        raise malformed("the answer is no list of sandboxes")
    sandboxes = yield from each(page.items, summary)
    return ListSandboxesOutput(success=True, sandboxes=sandboxes, next_cursor=text(page.next_cursor) or None)


def _page(answer: Answer) -> Any:
    """Read a page; servers before 0.180 answer with the bare array of all sandboxes."""
    page = document(answer)
    page = {"items": page} if isinstance(page, list) else page
    if isinstance(page, dict) and isinstance(page.get("items"), list):
        bounded(page["items"])
    return parsed(wire.rest.list_sandboxes_parse, page)


@action(GetSandboxOutput, deadline_s=_QUICK_S, read_only=True, idempotent=True)
def get_sandbox(sandbox_id: SandboxId) -> Steps[GetSandboxOutput]:
    """Look up one sandbox by ID or name.

    Operation: GET /sandbox/{sandboxIdOrName}.

    Args:
        sandbox_id: ID or name of the sandbox.
    """
    request = wire.rest.get_sandbox_request(sandbox_id)
    sandbox = yield from Call(wire.rest.get_sandbox_path, request, model(wire.rest.get_sandbox_parse))
    return GetSandboxOutput(success=True, sandbox=summary(sandbox))


@action(StartSandboxOutput, deadline_s=_HELD_S, idempotent=True)
def start_sandbox(sandbox_id: SandboxId) -> Steps[StartSandboxOutput]:
    """Start a stopped sandbox.

    It may still be ``starting`` when this returns; starting a started one is a success.
    Operation: POST /sandbox/{sandboxIdOrName}/start.

    Args:
        sandbox_id: ID or name of the sandbox.
    """
    request = wire.rest.start_sandbox_request(sandbox_id)
    sandbox = yield from _changed(wire.rest.start_sandbox_path, request, wire.rest.start_sandbox_parse, sandbox_id)
    return StartSandboxOutput(success=True, sandbox=sandbox)


@action(StopSandboxOutput, deadline_s=_QUICK_S, idempotent=True)
def stop_sandbox(sandbox_id: SandboxId) -> Steps[StopSandboxOutput]:
    """Stop a sandbox: its processes end, its files stay.

    It is ``stopping`` when this returns; stopping a stopped one is a failure of kind ``conflict``.
    Operation: POST /sandbox/{sandboxIdOrName}/stop.

    Args:
        sandbox_id: ID or name of the sandbox.
    """
    request = wire.rest.stop_sandbox_request(sandbox_id)
    sandbox = yield from _changed(wire.rest.stop_sandbox_path, request, wire.rest.stop_sandbox_parse, sandbox_id)
    return StopSandboxOutput(success=True, sandbox=sandbox)


@action(DeleteSandboxOutput, deadline_s=_HELD_S, destructive=True, idempotent=True)
def delete_sandbox(sandbox_id: SandboxId) -> Steps[DeleteSandboxOutput]:
    """Delete a sandbox with all that is in it, for good.

    It is ``destroying`` when this returns, and reported under its own name, not the one it is given to die with.
    Operation: DELETE /sandbox/{sandboxIdOrName}.

    Args:
        sandbox_id: ID or name of the sandbox.
    """
    request = wire.rest.delete_sandbox_request(sandbox_id)
    sandbox = yield from _changed(wire.rest.delete_sandbox_path, request, wire.rest.delete_sandbox_parse, sandbox_id)
    return DeleteSandboxOutput(success=True, sandbox=attrs.evolve(sandbox, name=own_name(sandbox.name)))


def _changed(path: str, request: dict[str, Any], parse: Parse[Any], sandbox_id: str) -> Steps[SandboxSummary]:
    """Call what changes a sandbox; some servers answer with it, some with nothing."""
    sandbox = yield from Call(path, request, model_or_nothing(parse))
    return identified(sandbox_id) if sandbox is None else summary(sandbox)
