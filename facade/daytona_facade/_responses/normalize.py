"""From generated models to the parts of outputs: tolerant of odd values, strict about the whole.

Lists are converted column by column: a list of 200 sandboxes costs some 15 calls, not 15 for each sandbox.
"""

import datetime
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar

import attrs

from .. import limits
from ..errors import protocol_error
from ..outputs import FileInfo, SandboxSummary
from . import generated
from .decoding import to_bool, to_int, to_object, to_str

T = TypeVar("T")
Column: TypeAlias = Callable[[Iterable[Any]], list[Any]]

# Patterns are compiled where they are first needed, which in most processes is never.
_UUID = r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_DESTROYED = r"(?s)DESTROYED_(.*)_\d+"
_DESTROYED_NOW = r"(?s)DESTROYED_.*_\d{13}"
_GO_TIME = r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) ([+-]\d{4})\b.*"
# As the API writes a time, every value of it valid: days from the 29th on are left to the slower way.
_USUAL_TIME = r"([1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)\.(\d{3})Z"


def to_summaries(sandboxes: list[Any]) -> list[SandboxSummary]:
    """Convert sandboxes; one without an ID is a failure."""
    model: Any = generated.rest_models.Sandbox
    if not all(isinstance(sandbox, model) for sandbox in sandboxes):
        raise protocol_error("the answer holds no sandbox")
    summaries = _convert(sandboxes, SandboxSummary, _SANDBOX)
    if not all(summary.id for summary in summaries):
        raise protocol_error("the answer holds no sandbox")
    return [
        _with_own_name(summary) if (summary.name or "").startswith("DESTROYED_") else summary for summary in summaries
    ]


def to_summary(sandbox: object) -> SandboxSummary:
    """Convert one sandbox."""
    return to_summaries([sandbox])[0]


def summary_from_id(sandbox_id: str) -> SandboxSummary:
    """Return the summary for an answer without a body, from the ID or name that the caller passed."""
    return SandboxSummary(id=sandbox_id) if re.fullmatch(_UUID, sandbox_id) else SandboxSummary(name=sandbox_id)


def _with_own_name(summary: SandboxSummary) -> SandboxSummary:
    # A name that somebody chose may look like a deleted sandbox's: the length of the time tells.
    if summary.state in {"destroying", "destroyed"} or re.fullmatch(_DESTROYED_NOW, summary.name or ""):
        return attrs.evolve(summary, name=own_name(summary.name))
    return summary


def own_name(name: str | None) -> str | None:
    """Undo the renaming of a deleted sandbox (``DESTROYED_<name>_<milliseconds>``)."""
    renamed = re.fullmatch(_DESTROYED, name or "")
    return renamed[1] if renamed else name


def to_file_infos(entries: list[Any]) -> list[FileInfo]:
    """Convert directory entries; one without a name is a failure."""
    model: Any = generated.toolbox_models.FileInfo
    if not all(isinstance(entry, model) for entry in entries):
        raise protocol_error("the answer holds an entry that is not a file")
    files = _convert(entries, FileInfo, _FILE)
    if not all(file.name for file in files):
        raise protocol_error("the answer holds an entry that is not a file")
    return [
        file if file.modified_at else attrs.evolve(file, modified_at=timestamp(entry.mod_time))
        for file, entry in zip(files, entries, strict=True)
    ]


def toolbox_addresses(model: object) -> Iterator[tuple[str, str]]:
    """Find the toolbox address of every sandbox in an answer of the REST API: (ID, ``toolboxProxyUrl``)."""
    found: Any = model.items if isinstance(model, generated.rest_models.SandboxPage) else [model]
    one: Any = generated.rest_models.Sandbox
    for sandbox in found if isinstance(found, list) else []:
        if isinstance(sandbox, one) and isinstance(sandbox.toolbox_proxy_url, str) and isinstance(sandbox.id, str):
            yield to_str(sandbox.id) or "", to_str(sandbox.toolbox_proxy_url) or ""


def timestamp(value: object) -> str | None:
    """Write a time as ISO 8601 in UTC; one without a zone counts as UTC, and anything else becomes null."""
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


def _convert(models: list[Any], output: Callable[..., T], columns: dict[str, Column]) -> list[T]:
    return list(map(output, *(convert(map(attrgetter(name), models)) for name, convert in columns.items())))


def _strings(values: Iterable[Any]) -> list[str | None]:
    return [value if type(value) is str and value.isascii() else to_str(value) for value in values]


def _integers(values: Iterable[Any]) -> list[int | None]:
    return [value if type(value) is int else to_int(value) for value in values]


def _booleans(values: Iterable[Any]) -> list[bool | None]:
    return [to_bool(value) for value in values]


def _timestamps(values: Iterable[Any]) -> list[str | None]:
    usual = _usual_time().fullmatch
    times: list[str | None] = []
    for value in values:
        found = usual(value) if type(value) is str else None
        if not found:
            times.append(timestamp(value))
        elif found[2] == "000":
            times.append(f"{found[1]}Z")
        else:
            times.append(f"{found[1]}.{found[2]}000Z")
    return times


@cache
def _usual_time() -> re.Pattern[str]:
    return re.compile(_USUAL_TIME, re.ASCII)


def _objects(values: Iterable[Any]) -> list[dict[str, Any]]:
    return [dict(value) if _is_plain(value) else to_object(value) or {} for value in values]


def _is_plain(value: Any) -> bool:
    """Tell whether a value is an object of ASCII strings, which labels mostly are."""
    try:
        return type(value) is dict and f"{''.join(value)}{''.join(value.values())}".isascii()
    except TypeError:
        return False


# The fields of the models in the order of the outputs' fields.
_SANDBOX: dict[str, Column] = {
    "id": _strings,
    "name": _strings,
    "state": _strings,
    "snapshot": _strings,
    "target": _strings,
    "cpu": _integers,
    "gpu": _integers,
    "memory": _integers,
    "disk": _integers,
    "labels": _objects,
    "public": _booleans,
    "error_reason": _strings,
    "auto_stop_interval": _integers,
    "created_at": _timestamps,
    "updated_at": _timestamps,
}
_FILE: dict[str, Column] = {
    "name": _strings,
    "is_dir": _booleans,
    "size": _integers,
    "mode": _strings,
    "permissions": _strings,
    "owner": _strings,
    "group": _strings,
    "modified_at": _timestamps,
}
