"""From what a server sent to what an output holds: tolerant of odd leaves, strict about the whole."""

import datetime
import re
from collections.abc import Iterator
from contextlib import suppress

from .. import limits
from ..errors import protocol_error
from ..outputs import FileInfo, SandboxSummary
from . import generated
from .decoding import to_bool, to_int, to_object, to_str

# Patterns are compiled where they are first needed, which for most processes is never.
_UUID = r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_DESTROYED = r"(?s)DESTROYED_(.*)_\d+"
_GO_TIME = r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) ([+-]\d{4})\b.*"


def to_summary(sandbox: object) -> SandboxSummary:
    """Map one sandbox; without an ID it is none."""
    if not isinstance(sandbox, generated.rest_models.Sandbox) or not (sandbox_id := to_str(sandbox.id)):
        raise protocol_error("the answer holds no sandbox")
    return SandboxSummary(
        id=sandbox_id,
        name=to_str(sandbox.name),
        state=to_str(sandbox.state),
        snapshot=to_str(sandbox.snapshot),
        target=to_str(sandbox.target),
        cpu=to_int(sandbox.cpu),
        gpu=to_int(sandbox.gpu),
        memory=to_int(sandbox.memory),
        disk=to_int(sandbox.disk),
        labels=to_object(sandbox.labels) or {},
        public=to_bool(sandbox.public),
        error_reason=to_str(sandbox.error_reason),
        auto_stop_interval=to_int(sandbox.auto_stop_interval),
        created_at=timestamp(sandbox.created_at),
        updated_at=timestamp(sandbox.updated_at),
    )


def summary_from_id(sandbox_id: str) -> SandboxSummary:
    """Make the summary for an answer without a body: all that is known is what the caller named."""
    return SandboxSummary(id=sandbox_id) if re.fullmatch(_UUID, sandbox_id) else SandboxSummary(name=sandbox_id)


def own_name(name: str | None) -> str | None:
    """Undo the renaming of a deleted sandbox (``DESTROYED_<name>_<milliseconds>``)."""
    renamed = re.fullmatch(_DESTROYED, name or "")
    return renamed[1] if renamed else name


def to_file_info(entry: object) -> FileInfo:
    """Map one directory entry; without a name it is none."""
    if not isinstance(entry, generated.toolbox_models.FileInfo) or not to_str(entry.name):
        raise protocol_error("the answer holds an entry that is no file")
    return FileInfo(
        name=to_str(entry.name),
        is_dir=to_bool(entry.is_dir),
        size=to_int(entry.size),
        mode=to_str(entry.mode),
        permissions=to_str(entry.permissions),
        owner=to_str(entry.owner),
        group=to_str(entry.group),
        modified_at=timestamp(entry.modified_at) or timestamp(entry.mod_time),
    )


def toolbox_addresses(model: object) -> Iterator[tuple[str, str]]:
    """Find the toolbox address of every sandbox in an answer of the REST API: (ID, ``toolboxProxyUrl``)."""
    found = model.items if isinstance(model, generated.rest_models.SandboxPage) else [model]
    for sandbox in found if isinstance(found, list) else []:
        if (
            isinstance(sandbox, generated.rest_models.Sandbox)
            and (sandbox_id := to_str(sandbox.id))
            and (url := to_str(sandbox.toolbox_proxy_url))
        ):
            yield sandbox_id, url


def timestamp(value: object) -> str | None:
    """Write a time as ISO 8601 in UTC; without a zone it is taken as UTC, and what is no time is unknown."""
    if not (written := to_str(value)) or len(written) > limits.TIME_CHARS:
        return None
    try:
        moment: datetime.datetime | None = datetime.datetime.fromisoformat(written)
    except ValueError:
        moment = _read(re.sub(_GO_TIME, r"\1\2", written))
    if moment is None:
        return None
    try:
        if moment.tzinfo not in (None, datetime.UTC):
            moment = moment.astimezone(datetime.UTC)
        return moment.isoformat().removesuffix("+00:00") + "Z"
    except OverflowError:
        return None


def _read(written: str) -> datetime.datetime | None:
    with suppress(ValueError):
        return datetime.datetime.fromisoformat(written)
    # Imported where it is needed: what servers send today, the standard library reads.
    from dateutil import parser

    try:
        first, second = (
            parser.parse(written, default=default, tzinfos=_no_zone_names)
            for default in (datetime.datetime(2000, 1, 1), datetime.datetime(2001, 2, 2))  # noqa: DTZ001 - only compared
        )
    except (ValueError, OverflowError):
        return None
    # A date that takes its year, month or day from the default does not say when.
    return first if first == second else None


def _no_zone_names(name: str | None, offset: int | None) -> datetime.tzinfo:
    if offset is None:
        raise ValueError(f"the zone {name!r} has no fixed offset")
    return datetime.timezone(datetime.timedelta(seconds=offset))
