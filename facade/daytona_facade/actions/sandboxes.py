"""The life of a sandbox: create, list, get, start, stop, delete."""

import json
from functools import partial
from typing import Any

import attrs

from .. import limits
from .._engine.calls import Call, Steps, check_length, in_batches
from .._responses import generated
from .._responses.decoding import (
    Answer,
    Parser,
    check_object,
    decode_json,
    parse_json,
    parse_json_if_present,
    run_parser,
    to_str,
)
from .._responses.normalize import own_name, summary_from_id, to_summaries, to_summary
from ..errors import protocol_error
from ..outputs import (
    CreateSandboxOutput,
    DeleteSandboxOutput,
    GetSandboxOutput,
    ListSandboxesOutput,
    SandboxSummary,
    StartSandboxOutput,
    StopSandboxOutput,
)
from .action import action
from .parameters import (
    Configured,
    Count,
    Flag,
    Interval,
    Labels,
    OptionalName,
    PageSize,
    SandboxEnv,
    SandboxId,
    drop_none,
)


@action(CreateSandboxOutput, deadline_s=limits.LIFECYCLE_S)
def create_sandbox(
    snapshot: OptionalName = None,
    name: OptionalName = None,
    target: Configured = None,
    user: OptionalName = None,
    env: SandboxEnv = None,
    labels: Labels = None,
    cpu: Count = None,
    memory: Count = None,
    disk: Count = None,
    auto_stop_interval: Count = None,
    auto_archive_interval: Count = None,
    auto_delete_interval: Interval = None,
    public: Flag = None,
) -> Steps[CreateSandboxOutput]:
    """Create a sandbox: an isolated Linux computer.

    It may still be ``creating`` when this returns: call get_sandbox until its state is ``started``, usually within
    seconds. CPU, memory and disk come from the snapshot. To have it deleted when nobody uses it, set
    auto_stop_interval, and auto_delete_interval to 0. Not idempotent: after a timeout, call list_sandboxes before
    creating another.
    Operation: POST /sandbox.

    Args:
        snapshot: ID or name of the snapshot to start from; Daytona's default when left out.
        name: A name of your own; the ID serves as name when left out.
        target: Region, such as us or eu; the client's configured one when left out.
        user: User that commands run as.
        env: Environment variables of all programs in the sandbox, kept over stop and start.
        labels: Labels, to find it again with list_sandboxes.
        cpu: CPU cores. Leave out cpu, memory and disk: Daytona refuses them with a snapshot, and there always is one.
        memory: Memory in GB.
        disk: Disk space in GB.
        auto_stop_interval: Idle minutes until it is stopped; 0 is never, 15 when left out.
        auto_archive_interval: Stopped minutes until it is archived; 0 is the longest that Daytona allows.
        auto_delete_interval: Stopped minutes until it is deleted; 0 is at once, negative is never.
        public: Whether anyone may open the sandbox's HTTP previews.
    """
    fields = {
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
    body = generated.rest_models.CreateSandbox.from_dict(drop_none(fields))
    request = generated.rest.create_sandbox_request(body=body)
    sandbox = yield from Call(
        generated.rest.create_sandbox_path, request, partial(parse_json, generated.rest.create_sandbox_parse)
    )
    return CreateSandboxOutput(success=True, sandbox=to_summary(sandbox))


@action(ListSandboxesOutput, deadline_s=limits.LOOKUP_S, read_only=True, idempotent=True)
def list_sandboxes(
    limit: PageSize = None, name: OptionalName = None, labels: Labels = None, cursor: OptionalName = None
) -> Steps[ListSandboxesOutput]:
    """List sandboxes, a page at a time, the most recently active first.

    The list lags behind: a sandbox created a moment ago may be missing, one just deleted may still be there.
    Operation: GET /sandbox.

    Args:
        limit: Sandboxes on a page, 1 to 200; 100 when left out.
        name: Beginning of the names to find, in either case.
        labels: Labels that a sandbox must have, each with exactly this value.
        cursor: The ``next_cursor`` of the page before; the first page when left out.
    """
    fields = {
        "limit": limit,
        "cursor": cursor or None,
        "name": name or None,
        "labels": None if labels is None else json.dumps(labels),
    }
    request = generated.rest.list_sandboxes_request(**drop_none(fields))
    page = yield from Call(generated.rest.list_sandboxes_path, request, _page)
    if not isinstance(page, generated.rest_models.SandboxPage) or not isinstance(page.items, list):
        raise protocol_error("the answer is not a list of sandboxes")
    sandboxes = yield from in_batches(page.items, to_summaries)
    return ListSandboxesOutput(success=True, sandboxes=sandboxes, next_cursor=to_str(page.next_cursor) or None)


def _page(answer: Answer) -> Any:
    """Read a page; servers before 0.180 answer with the bare array of all sandboxes."""
    page = decode_json(answer)
    page = {"items": page} if isinstance(page, list) else check_object(page)
    if isinstance(page.get("items"), list):
        check_length(page["items"])
    return run_parser(generated.rest.list_sandboxes_parse, page)


@action(GetSandboxOutput, deadline_s=limits.LOOKUP_S, read_only=True, idempotent=True)
def get_sandbox(sandbox_id: SandboxId) -> Steps[GetSandboxOutput]:
    """Look up one sandbox by ID or name.

    Use it to turn a name into the ID that files and programs need, and to wait for a state.
    Operation: GET /sandbox/{sandboxIdOrName}.

    Args:
        sandbox_id: ID or name of the sandbox.
    """
    request = generated.rest.get_sandbox_request(sandbox_id)
    sandbox = yield from Call(
        generated.rest.get_sandbox_path, request, partial(parse_json, generated.rest.get_sandbox_parse)
    )
    return GetSandboxOutput(success=True, sandbox=to_summary(sandbox))


@action(StartSandboxOutput, deadline_s=limits.LIFECYCLE_S, idempotent=True)
def start_sandbox(sandbox_id: SandboxId) -> Steps[StartSandboxOutput]:
    """Start a stopped or archived sandbox.

    Its files are there again, its processes are not. It may still be ``starting`` when this returns, an archived one
    ``archived`` or ``restoring``: call get_sandbox until it is ``started``. Starting a started one is a success; while
    another change of state is under way it is a failure of kind ``conflict``. A sandbox in state ``error`` cannot be
    started: read its error_reason.
    Operation: POST /sandbox/{sandboxIdOrName}/start.

    Args:
        sandbox_id: ID or name of the sandbox.
    """
    request = generated.rest.start_sandbox_request(sandbox_id)
    sandbox = yield from _change(
        generated.rest.start_sandbox_path, request, generated.rest.start_sandbox_parse, sandbox_id
    )
    return StartSandboxOutput(success=True, sandbox=sandbox)


@action(StopSandboxOutput, deadline_s=limits.LOOKUP_S, idempotent=True)
def stop_sandbox(sandbox_id: SandboxId) -> Steps[StopSandboxOutput]:
    """Stop a sandbox: its processes end, its files stay.

    It is ``stopping`` when this returns, and done when get_sandbox says ``stopped``. Stopping one that is not started
    is a failure of kind ``conflict``. One that was created with auto_delete_interval 0 is deleted.
    Operation: POST /sandbox/{sandboxIdOrName}/stop.

    Args:
        sandbox_id: ID or name of the sandbox.
    """
    request = generated.rest.stop_sandbox_request(sandbox_id)
    sandbox = yield from _change(
        generated.rest.stop_sandbox_path, request, generated.rest.stop_sandbox_parse, sandbox_id
    )
    return StopSandboxOutput(success=True, sandbox=sandbox)


@action(DeleteSandboxOutput, deadline_s=limits.LIFECYCLE_S, destructive=True, idempotent=True)
def delete_sandbox(sandbox_id: SandboxId) -> Steps[DeleteSandboxOutput]:
    """Delete a sandbox and its files, for good.

    It is ``destroying`` when this returns; it is gone when get_sandbox fails with ``not_found``.
    Operation: DELETE /sandbox/{sandboxIdOrName}.

    Args:
        sandbox_id: ID or name of the sandbox.
    """
    request = generated.rest.delete_sandbox_request(sandbox_id)
    sandbox = yield from _change(
        generated.rest.delete_sandbox_path, request, generated.rest.delete_sandbox_parse, sandbox_id
    )
    return DeleteSandboxOutput(success=True, sandbox=attrs.evolve(sandbox, name=own_name(sandbox.name)))


def _change(path: str, request: dict[str, Any], parse: Parser[Any], sandbox_id: str) -> Steps[SandboxSummary]:
    """Send a change of state; some servers answer with the sandbox, some with an empty body."""
    sandbox = yield from Call(path, request, partial(parse_json_if_present, parse))
    return summary_from_id(sandbox_id) if sandbox is None else to_summary(sandbox)
