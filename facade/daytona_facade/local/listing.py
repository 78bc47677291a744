"""Pages of sandboxes: filters, order, and cursors that remember where a page ended."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from .js_numbers import js_number
from .json_body import is_storable, parse_json
from .records import Record
from .rest_errors import UNEXPECTED, ApiError, rest_time

STATES = (
    *("creating", "restoring", "destroying", "started", "stopped", "starting", "stopping", "error", "build_failed"),
    *("pending_build", "building_snapshot", "unknown", "pulling_snapshot", "archived", "archiving", "resizing"),
    *("snapshotting", "forking", "pausing", "paused", "resuming"),
)
DEFAULT_LIMIT = 100
MAX_LIMIT = 200
_SORTS: dict[str, Callable[[Record], Any]] = {
    "name": lambda record: record.name,
    "cpu": lambda record: record.cpu,
    "memoryGib": lambda record: record.memory,
    "diskGib": lambda record: record.disk,
    "lastActivityAt": lambda record: rest_time(record.active),
    "createdAt": lambda record: rest_time(record.created),
}
_STRINGS = ("cursor", "id", "name", "labels")
_AMOUNTS: dict[str, Callable[[Record, float], bool]] = {
    "minCpu": lambda record, amount: record.cpu >= amount,
    "maxCpu": lambda record, amount: record.cpu <= amount,
    "minMemoryGiB": lambda record, amount: record.memory >= amount,
    "maxMemoryGiB": lambda record, amount: record.memory <= amount,
    "minDiskGiB": lambda record, amount: record.disk >= amount,
    "maxDiskGiB": lambda record, amount: record.disk <= amount,
}
_MOMENTS: dict[str, Callable[[Record, datetime], bool]] = {
    "createdAtAfter": lambda record, moment: record.created >= moment,
    "createdAtBefore": lambda record, moment: record.created <= moment,
    "lastEventAfter": lambda record, moment: record.active >= moment,
    "lastEventBefore": lambda record, moment: record.active <= moment,
}

Query = Mapping[str, list[str]]


def page(records: Iterable[Record], query: Query) -> tuple[list[Record], str | None]:
    """Return one page of sandboxes and the cursor of the next; raises ApiError."""
    limit = _validated_limit(query)
    labels = _labels(_first(query, "labels"))
    if not is_storable([_first(query, name) for name in ("id", "name")] + [labels]):
        raise ApiError(500, UNEXPECTED)
    key, descending = _SORTS[_first(query, "sort") or "lastActivityAt"], _first(query, "order") != "asc"
    found = [record for record in records if record.listed and _matches(record, query, labels)]
    found.sort(key=lambda record: (key(record), record.id), reverse=descending)
    after = _read_cursor(_first(query, "cursor"), type(key(found[0])) if found else None)
    if after is not None:
        positions = ((record, (key(record), record.id)) for record in found)
        found = [record for record, position in positions if (position < after if descending else position > after)]
    rest = found[limit:]
    last = found[limit - 1] if rest else None
    return found[:limit], _write_cursor(key(last), last.id) if last else None


def _first(query: Query, name: str) -> str:
    return query.get(name, [""])[0]


def _validated_limit(query: Query) -> int:
    limit, faults = _check_limit(query)
    faults += [f"{name} must be a string" for name in _STRINGS if len(query.get(name, ())) > 1]
    if any(state not in STATES for state in query.get("states", ()) if state or len(query["states"]) > 1):
        faults.append(f"each value must be one of the following values: {', '.join(STATES)}")
    for name in _AMOUNTS:
        amount = js_number(query[name][0]) if len(query.get(name, ())) == 1 else float("nan")
        if name in query and not amount >= 1:
            faults.append(f"{name} must not be less than 1")
        if name in query and not amount.is_integer():
            faults.append(f"{name} must be an integer number")
    faults += [f"{name} must be a Date instance" for name in _MOMENTS if name in query and not _moment(query, name)]
    for name, known in (("sort", tuple(_SORTS)), ("order", ("asc", "desc"))):
        if name in query and (len(query[name]) > 1 or query[name][0] not in known):
            faults.append(f"{name} must be one of the following values: {', '.join(known)}")
    if faults:
        raise ApiError(400, ", ".join(faults))
    return limit


def _check_limit(query: Query) -> tuple[int, list[str]]:
    given = query.get("limit")
    if given is None:
        return DEFAULT_LIMIT, []
    limit = js_number(given[0]) if len(given) == 1 else float("nan")
    checks = [
        (float(limit).is_integer(), "limit must be an integer number"),
        (limit >= 1, "limit must not be less than 1"),
        (limit <= MAX_LIMIT, f"limit must not be greater than {MAX_LIMIT}"),
    ]
    faults = [message for holds, message in checks if not holds]
    return (DEFAULT_LIMIT if faults else int(limit)), faults


def _matches(record: Record, query: Query, labels: Mapping[str, Any] | None) -> bool:
    def among(name: str, value: str) -> bool:
        wanted = [item for item in query.get(name, ()) if item]
        return not wanted or value in wanted

    name, public = _first(query, "name"), _first(query, "isPublic")
    moments = ((test, _moment(query, field)) for field, test in _MOMENTS.items())
    return (
        record.id.startswith(_first(query, "id").lower())
        and (not name or _like(name).match(record.name) is not None)
        and labels is not None
        and all(name in record.labels and record.labels[name] == value for name, value in labels.items())
        and among("states", record.state)
        and among("snapshots", record.snapshot)
        and among("regionIds", record.target)
        and all(test(record, js_number(query[field][0])) for field, test in _AMOUNTS.items() if field in query)
        and all(moment is None or test(record, moment) for test, moment in moments)
        and (public not in ("true", "false") or record.public is (public == "true"))
    )


def _moment(query: Query, name: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_first(query, name))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _labels(text: str) -> dict[str, Any] | None:
    """Read the labels filter; ``None`` is a filter that no sandbox passes."""
    if not text:
        return {}
    try:
        labels = parse_json(text)
    except (ValueError, RecursionError):
        raise ApiError(400, "Invalid labels JSON format") from None
    if not labels:
        return {}
    if isinstance(labels, list | str):
        raise ApiError(500, UNEXPECTED)
    return labels if isinstance(labels, dict) else None


def _like(prefix: str) -> re.Pattern[str]:
    """Return a pattern for a prefix as SQL's LIKE reads it: any case, and ``%`` and ``_`` are wildcards."""
    wild = {"%": ".*", "_": "."}
    return re.compile("".join(wild.get(letter) or re.escape(letter) for letter in prefix), re.IGNORECASE | re.DOTALL)


def _write_cursor(value: Any, identity: str) -> str:
    return base64.b64encode(json.dumps([value, identity]).encode()).decode()


def _read_cursor(text: str, kind: type | None) -> tuple[Any, str] | None:
    """Read where the page before ended; ``kind`` is the type of the values sorted by."""
    if not text:
        return None
    try:
        position = parse_json(base64.b64decode(text, validate=True).decode())
    except (ValueError, RecursionError, binascii.Error):
        raise ApiError(400, f"Invalid cursor provided: {text}") from None
    if position is None:
        raise ApiError(500, UNEXPECTED)
    if isinstance(position, list) and len(position) == 2:
        value, identity = position
        if isinstance(identity, str) and (kind is None or type(value) is kind):
            return value, identity
    raise ApiError(400, f"Invalid cursor provided: {text}")
