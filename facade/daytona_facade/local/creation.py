"""What a request to create a sandbox may say."""

from __future__ import annotations

import re
from typing import Any

from .wire import RefusedError

NAME = re.compile(r"[^<>\x00-\x1f\x7f]*\Z")
ENV_NAME = re.compile(r"[^=\x00]+\Z")
MAX_ARCHIVE = 43200
DEFAULT_ARCHIVE = 10080
TEXTS = ("name", "snapshot", "user", "target", "networkAllowList")
RESOURCES = ("cpu", "gpu", "memory", "disk")


def creation_fields(body: Any) -> dict[str, Any]:
    """Read the body of POST /sandbox into fields of a record; raises RefusedError."""
    if not isinstance(body, dict):
        raise RefusedError(400, "body must be an object")
    found = {name: text(body, name) for name in TEXTS}
    fields: dict[str, Any] = {name: value for name, value in found.items() if value and name != "networkAllowList"}
    if found["networkAllowList"]:
        fields["network_allow_list"] = found["networkAllowList"]
    if not NAME.match(fields.get("name", "")) or "://" in fields.get("name", ""):
        raise RefusedError(400, "Sandbox name contains invalid characters")
    fields["public"] = boolean(body, "public")
    fields["network_block_all"] = boolean(body, "networkBlockAll")
    fields["labels"] = string_map(body, "labels")
    fields["env"] = string_map(body, "env")
    if not all(ENV_NAME.match(name) and "\0" not in value for name, value in fields["env"].items()):
        raise RefusedError(400, "env contains an invalid environment variable")
    return fields | resources(body) | intervals(body)


def resources(body: dict[str, Any]) -> dict[str, Any]:
    """Read cpu, gpu, memory and disk, which only a sandbox built from an image may ask for."""
    asked = {name: number(body, name, 0) for name in RESOURCES}
    build = body.get("buildInfo")
    if build is not None and not isinstance(build, dict):
        raise RefusedError(400, "buildInfo must be an object")
    if build is None:
        if any(asked.values()):
            raise RefusedError(400, "Cannot specify Sandbox resources when using a snapshot")
        return {}
    if body.get("snapshot"):
        raise RefusedError(400, "Cannot specify a snapshot when using a build info entry")
    return {"snapshot": None} | {name: value for name, value in asked.items() if value}


def intervals(body: dict[str, Any]) -> dict[str, Any]:
    """Read the automatic intervals, in minutes."""
    stop = number(body, "autoStopInterval", 15)
    archive = number(body, "autoArchiveInterval", DEFAULT_ARCHIVE)
    delete = number(body, "autoDeleteInterval", -1, negative=True)
    return {"auto_stop": stop, "auto_archive": archive or MAX_ARCHIVE, "auto_delete": delete}


def text(body: dict[str, Any], name: str) -> str:
    """Read a string that may be absent."""
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RefusedError(400, f"{name} must be a string")
    return encodable(value, name)


def boolean(body: dict[str, Any], name: str) -> bool:
    """Read a boolean that may be absent."""
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise RefusedError(400, f"{name} must be a boolean value")
    return bool(value)


def number(body: dict[str, Any], name: str, default: int, *, negative: bool = False) -> int:
    """Read a whole number that may be absent."""
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**31:
        raise RefusedError(400, f"{name} must be an integer number")
    if value < 0 and not negative:
        raise RefusedError(400, f"{name} must not be less than 0")
    return value


def string_map(body: dict[str, Any], name: str) -> dict[str, str]:
    """Read an object of strings that may be absent."""
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise RefusedError(400, f"{name} must be an object with string values")
    return {encodable(key, name): encodable(item, name) for key, item in value.items()}


def encodable(value: str, name: str) -> str:
    """Refuse a string that is not Unicode text."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise RefusedError(400, f"{name} must be Unicode text") from None
    return value
