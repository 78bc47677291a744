"""From what a server sent to what an output holds: tolerant of odd leaves, strict about the whole."""

import datetime
import math
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from . import wire
from .failures import malformed
from .outputs import FileInfo as FileEntry
from .outputs import SandboxSummary

_MAX_DEPTH = 100
# Patterns are compiled where they are first needed, which for most processes is never.
_UUID = r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_DESTROYED = r"(?s)DESTROYED_(.*)_\d+"
_GO_TIME = r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) ([+-]\d{4})\b.*"
_TIME_CHARS = 80
"""No time is written longer than this; a reader of odd ones would take minutes over a megabyte."""


def summary(sandbox: object) -> SandboxSummary:
    """Map one sandbox; without an ID it is none."""
    if not isinstance(sandbox, wire.Sandbox) or not (sandbox_id := text(sandbox.id)):
        raise malformed("the answer holds no sandbox")
    return SandboxSummary(
        id=sandbox_id,
        name=text(sandbox.name),
        state=text(sandbox.state),
        snapshot=text(sandbox.snapshot),
        target=text(sandbox.target),
        cpu=whole(sandbox.cpu),
        gpu=whole(sandbox.gpu),
        memory=whole(sandbox.memory),
        disk=whole(sandbox.disk),
        labels=free_form(sandbox.labels) or {},
        public=flag(sandbox.public),
        error_reason=text(sandbox.error_reason),
        auto_stop_interval=whole(sandbox.auto_stop_interval),
        created_at=timestamp(sandbox.created_at),
        updated_at=timestamp(sandbox.updated_at),
    )


def identified(sandbox_id: str) -> SandboxSummary:
    """Make the summary for an answer without a body: all that is known is what the caller named."""
    return SandboxSummary(id=sandbox_id) if re.fullmatch(_UUID, sandbox_id) else SandboxSummary(name=sandbox_id)


def own_name(name: str | None) -> str | None:
    """Undo the renaming of a deleted sandbox (``DESTROYED_<name>_<milliseconds>``)."""
    renamed = re.fullmatch(_DESTROYED, name or "")
    return renamed[1] if renamed else name


def file_info(entry: object) -> FileEntry:
    """Map one directory entry; without a name it is none."""
    if not isinstance(entry, wire.FileInfo) or not text(entry.name):
        raise malformed("the answer holds an entry that is no file")
    return FileEntry(
        name=text(entry.name),
        is_dir=flag(entry.is_dir),
        size=whole(entry.size),
        mode=text(entry.mode),
        permissions=text(entry.permissions),
        owner=text(entry.owner),
        group=text(entry.group),
        modified_at=timestamp(entry.modified_at) or timestamp(entry.mod_time),
    )


def addresses(model: object) -> Iterator[tuple[str, str]]:
    """Find the toolbox address of every sandbox in an answer of the REST API: (ID, ``toolboxProxyUrl``)."""
    found = model.items if isinstance(model, wire.SandboxPage) else [model]
    for sandbox in found if isinstance(found, list) else []:
        if (
            isinstance(sandbox, wire.Sandbox)
            and (sandbox_id := text(sandbox.id))
            and (url := text(sandbox.toolbox_proxy_url))
        ):
            yield sandbox_id, url


def text(value: object) -> str | None:
    """Take a text; a lone surrogate, which JSON can spell but nothing can encode, becomes U+FFFD."""
    if not isinstance(value, str):
        return None
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def whole(value: object) -> int | None:
    """Take a whole number, also one written as 2.0; anything else is unknown."""
    if type(value) is int:
        return value
    return int(value) if isinstance(value, float) and value.is_integer() else None


def flag(value: object) -> bool | None:
    """Take true or false; anything else is unknown."""
    return value if isinstance(value, bool) else None


def timestamp(value: object) -> str | None:
    """Write a time as ISO 8601 in UTC; without a zone it is taken as UTC, and what is no time is unknown."""
    if not (written := text(value)) or len(written) > _TIME_CHARS:
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


def free_form(value: object) -> dict[str, Any] | None:
    """Take a free-form object as plain JSON: no number that JSON cannot write, no lone surrogate, no endless depth."""
    document = value if isinstance(value, dict) else getattr(value, "additional_properties", None)
    return _plain(document, _MAX_DEPTH) if isinstance(document, dict) else None


def _plain(value: Any, depth: int) -> Any:
    if depth == 0:
        raise malformed(f"the answer is nested deeper than {_MAX_DEPTH} levels")
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        return {text(key) or "": _plain(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, depth - 1) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
