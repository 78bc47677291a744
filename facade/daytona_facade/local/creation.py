"""What a request to create a sandbox may say, and the words for what it may not."""

import math
import re
from collections.abc import Callable
from typing import Any

from .json_body import is_storable
from .options import Options
from .rest_errors import UNEXPECTED, ApiError

MAX_ARCHIVE_MINUTES = 43200
_DEFAULT_STOP_MINUTES = 15
_DEFAULT_ARCHIVE_MINUTES = 10080
_RESOURCES = ("cpu", "gpu", "memory", "disk")
_HTML_TAG = re.compile(r"<[a-zA-Z/][^>]*>")
_URL = re.compile(
    r"(https?|ftps?|sftp|ssh|wss?|file|ldaps?)://|(javascript|data|mailto|tel):|www\.", re.IGNORECASE | re.ASCII
)
# Tab, line feed and carriage return are allowed.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

Check = tuple[Callable[[Any], bool], str]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_safe(value: Any) -> bool:
    return isinstance(value, str) and not any(rule.search(value) for rule in (_HTML_TAG, _URL, _CONTROL))


_STRING: Check = (lambda value: isinstance(value, str), "must be a string")
_OBJECT: Check = (lambda value: isinstance(value, dict), "must be an object")
_BOOLEAN: Check = (lambda value: isinstance(value, bool), "must be a boolean value")
_NUMBER: Check = (_is_number, "must be a number conforming to the specified constraints")
_SAFE: Check = (_is_safe, "must not contain HTML tags, URLs, or control characters")
_POSITIVE: Check = (lambda value: _is_number(value) and value >= 0, "must not be less than 0")

# The order of fields, and of the checks of a field, is the order of the messages in Daytona's answer.
_CHECKS: dict[str, tuple[Check, ...]] = {
    "name": (_SAFE, _STRING),
    "snapshot": (_STRING,),
    "user": (_STRING,),
    "env": (_OBJECT,),
    "labels": (_OBJECT,),
    "public": (_BOOLEAN,),
    "networkBlockAll": (_BOOLEAN,),
    "networkAllowList": (_STRING,),
    "domainAllowList": (_STRING,),
    "target": (_STRING,),
    "cpu": (_POSITIVE, _NUMBER),
    "gpu": (_POSITIVE, _NUMBER),
    "memory": (_POSITIVE, _NUMBER),
    "disk": (_POSITIVE, _NUMBER),
    "autoStopInterval": (_NUMBER,),
    "autoArchiveInterval": (_NUMBER,),
    "autoDeleteInterval": (_NUMBER,),
    "buildInfo": (_OBJECT,),
    "linkedSandbox": (_STRING,),
}


def creation_fields(body: Any, options: Options) -> dict[str, Any]:
    """Read the body of POST /sandbox into the fields of a record; raises ApiError."""
    # The fields of an array are not those of a sandbox: Daytona creates one with its defaults.
    asked = {name: value for name, value in body.items() if value is not None} if isinstance(body, dict) else {}
    _refuse_unstorable(asked)
    _validate(asked)
    _refuse_unserved(asked)
    fields: dict[str, Any] = {
        "target": _known(asked.get("target"), options.targets, 404, "Region not found"),
        "snapshot": _known(
            asked.get("snapshot"),
            options.snapshots,
            400,
            f"Snapshot {asked.get('snapshot')} not found. Did you add it through the Daytona Dashboard?",
        ),
        "auto_stop": stop_minutes(asked.get("autoStopInterval", _DEFAULT_STOP_MINUTES)),
        "auto_archive": archive_minutes(asked.get("autoArchiveInterval", _DEFAULT_ARCHIVE_MINUTES)),
        "auto_delete": whole_minutes(asked.get("autoDeleteInterval", -1)),
        "public": asked.get("public", False),
        "network_block_all": asked.get("networkBlockAll", False),
        "network_allow_list": asked.get("networkAllowList") or None,
        "domain_allow_list": asked.get("domainAllowList") or None,
        "labels": asked.get("labels", {}),
        "env": asked.get("env", {}),
    }
    if not is_storable(fields["env"]):
        raise ApiError(500, UNEXPECTED)
    return fields | {name: asked[name] for name in ("name", "user") if asked.get(name)}


def label_fields(body: Any) -> dict[str, Any]:
    """Read the body of PUT /sandbox/{id}/labels; raises ApiError."""
    labels = body.get("labels") if isinstance(body, dict) else None
    if not is_storable(labels):
        raise ApiError(500, "Internal Server Error")
    if labels is not None and not isinstance(labels, dict):
        raise ApiError(400, "labels must be an object")
    return labels or {}


def stop_minutes(value: float) -> int:
    """Return an auto-stop interval as Daytona stores it; raises ApiError."""
    if value < 0:
        raise ApiError(400, "Auto-stop interval must be non-negative")
    return whole_minutes(value)


def archive_minutes(value: float) -> int:
    """Return an auto-archive interval as Daytona stores it: 0 is the maximum; raises ApiError."""
    if value < 0:
        raise ApiError(400, "Auto-archive interval must be non-negative")
    return whole_minutes(min(value, MAX_ARCHIVE_MINUTES) or MAX_ARCHIVE_MINUTES)


def whole_minutes(value: float) -> int:
    """Return an interval that fits an integer column; raises ApiError."""
    # Anything else is refused by the database, not by the API.
    if math.isnan(value) or abs(value) >= 2**31 or value != int(value):
        raise ApiError(500, UNEXPECTED)
    return int(value)


def _refuse_unstorable(asked: dict[str, Any]) -> None:
    # Daytona writes its audit log before it validates, and the log has no values of env.
    logged = [value for name, value in asked.items() if name in _CHECKS and name != "env"]
    env = asked.get("env")
    if not is_storable(logged) or not is_storable(list(env) if isinstance(env, dict) else []):
        raise ApiError(500, "Internal Server Error")


def _validate(asked: dict[str, Any]) -> None:
    faults = [
        f"{name} {message}"
        for name, checks in _CHECKS.items()
        if name in asked
        for holds, message in checks
        if not holds(asked[name])
    ]
    if faults:
        raise ApiError(400, ", ".join(faults))


def _refuse_unserved(asked: dict[str, Any]) -> None:
    if "buildInfo" in asked:
        if asked.get("snapshot"):
            raise ApiError(400, "Cannot specify a snapshot when using a build info entry")
        raise ApiError(
            400, "buildInfo (an image or a Dockerfile) is not served by the local backend: create from a snapshot"
        )
    if any(asked.get(name) for name in _RESOURCES):
        raise ApiError(400, "Cannot specify Sandbox resources when using a snapshot")
    for name in ("volumes", "linkedSandbox"):
        if asked.get(name):
            raise ApiError(400, f"{name} is not served by the local backend")


def _known(name: str | None, known: tuple[str, ...], status: int, message: str) -> str:
    if not name or not name.strip():
        return known[0]
    if name not in known:
        raise ApiError(status, message)
    return name
