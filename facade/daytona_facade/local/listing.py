"""Pages of sandboxes: filters, order, and cursors that remember where a page ended."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .records import Record
from .wire import RefusedError, rest_time

SORTS: dict[str, Callable[[Record], Any]] = {
    "name": lambda record: record.name,
    "cpu": lambda record: record.cpu,
    "memoryGib": lambda record: record.memory,
    "diskGib": lambda record: record.disk,
    "lastActivityAt": lambda record: rest_time(record.active),
    "createdAt": lambda record: rest_time(record.created),
}
DEFAULT_LIMIT = 100
MAX_LIMIT = 200


def page(records: Iterable[Record], query: Mapping[str, str]) -> tuple[list[Record], str | None]:
    """Pick one page of sandboxes, and the cursor of the next; raises RefusedError with 400."""
    limit = asked_limit(query.get("limit"))
    sort, order = query.get("sort") or "lastActivityAt", query.get("order") or "desc"
    if sort not in SORTS:
        raise RefusedError(400, f"sort must be one of the following values: {', '.join(SORTS)}")
    if order not in ("asc", "desc"):
        raise RefusedError(400, "order must be one of the following values: asc, desc")
    key = SORTS[sort]
    backwards = order == "desc"
    labels = asked_labels(query.get("labels"))
    found = [record for record in records if matches(record, query, labels)]
    found.sort(key=lambda record: (key(record), record.id), reverse=backwards)
    after = read_cursor(query.get("cursor"), type(key(found[0])) if found else None)
    if after is not None:
        found = [
            record
            for record in found
            if ((key(record), record.id) < after if backwards else (key(record), record.id) > after)
        ]
    rest = found[limit:]
    last = found[limit - 1] if rest else None
    return found[:limit], write_cursor(key(last), last.id) if last else None


def asked_limit(text: str | None) -> int:
    """Read how many sandboxes a page holds: 1 to 200."""
    if not text:
        return DEFAULT_LIMIT
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise RefusedError(400, "limit must be an integer number")
    if int(text) < 1:
        raise RefusedError(400, "limit must not be less than 1")
    if int(text) > MAX_LIMIT:
        raise RefusedError(400, "limit must not be greater than 200")
    return int(text)


def matches(record: Record, query: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Tell whether a sandbox passes every filter of a query."""
    states = {state for state in query.get("states", "").split(",") if state}
    return (
        record.state != "destroyed"
        and (not query.get("id") or record.id.startswith(query["id"].lower()))
        and (not query.get("name") or like(query["name"]).match(record.name) is not None)
        and all(record.labels.get(key) == value for key, value in labels.items())
        and (not states or record.state in states)
        and (query.get("isPublic") not in ("true", "false") or record.public is (query["isPublic"] == "true"))
    )


def asked_labels(text: str | None) -> dict[str, str]:
    """Read the labels filter, a JSON object of strings."""
    if not text:
        return {}
    try:
        labels = json.loads(text)
    except ValueError:
        raise RefusedError(400, "Invalid labels JSON format") from None
    if not isinstance(labels, dict) or not all(isinstance(value, str) for value in labels.values()):
        raise RefusedError(400, "Invalid labels JSON format")
    return labels


def like(prefix: str) -> re.Pattern[str]:
    """Make a matcher of prefixes as SQL's LIKE has them: any case, and % and _ are wild."""
    wild = {"%": ".*", "_": "."}
    return re.compile("".join(wild.get(letter) or re.escape(letter) for letter in prefix), re.IGNORECASE | re.DOTALL)


def write_cursor(value: Any, identity: str) -> str:
    """Write where a page ended, as text that only this server reads."""
    return base64.b64encode(json.dumps([value, identity]).encode()).decode()


def read_cursor(text: str | None, kind: type | None) -> tuple[Any, str] | None:
    """Read where the page before ended; `kind` is the type of the values sorted by."""
    if not text:
        return None
    try:
        value, identity = json.loads(base64.b64decode(text, validate=True))
    except (ValueError, TypeError, binascii.Error) as error:
        raise RefusedError(400, f"Invalid cursor provided: {error}") from None
    if not isinstance(identity, str) or (kind is not None and type(value) is not kind):
        raise RefusedError(400, "Invalid cursor provided: not a position in this list")
    return value, identity
