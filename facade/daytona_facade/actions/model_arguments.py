"""Arguments as models write them: what has one meaning only is given the type that the parameter has."""

import json
import re
from collections.abc import Mapping
from typing import Any

from .parameters import Parameter

_INTEGER = r"\s*(-?(?:0|[1-9][0-9]{0,18}))\s*"


def coerce(parameters: tuple[Parameter, ...], arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read integers and objects written as strings, and scalars in maps of strings; leave the rest alone."""
    types = {parameter.name: _json_type(parameter.schema) for parameter in parameters}
    return {name: _coerced(value, types.get(name, "")) for name, value in arguments.items()}


def _json_type(schema: Mapping[str, Any]) -> str:
    options = schema.get("anyOf", [schema])
    return str(options[0].get("type", ""))


def _coerced(value: Any, json_type: str) -> Any:
    if json_type == "integer" and type(value) is str:
        written = re.fullmatch(_INTEGER, value)
        return int(written[1]) if written else value
    if json_type == "object":
        value = _object(value) if type(value) is str else value
        if type(value) is dict:
            return {key: _string(item) for key, item in value.items()}
    return value


def _object(text: str) -> Any:
    """Read a JSON object; any other text stays as it is, and so does one that names a key twice."""
    try:
        document = json.loads(text, object_pairs_hook=_pairs, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return text
    return document if isinstance(document, dict) else text


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _string(item: Any) -> Any:
    """Write a number, true or false as JSON does; null and what is nested have no one meaning as a string."""
    try:
        return json.dumps(item, allow_nan=False) if type(item) in {bool, int, float} else item
    except ValueError:
        return item
