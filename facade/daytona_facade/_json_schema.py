"""JSON Schemas (2020-12) derived from the outputs' attrs fields, and their plain JSON form."""

import types
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs

_SCALARS: dict[Any, str] = {str: "string", int: "integer", bool: "boolean", types.NoneType: "null"}


def to_json(value: Any) -> Any:
    """Return an output, or a part of one, as JSON-compatible dicts, lists and scalars."""
    cls: Any = type(value)
    if attrs.has(cls):
        return {name: to_json(getattr(value, name)) for name in _json_fields(cls)}
    if isinstance(value, list):
        return [to_json(item) for item in value]
    return dict(value) if isinstance(value, dict) else value


def output_schema(cls: type) -> dict[str, Any]:
    """Derive the schema of an output class; the classes that it holds go to ``$defs``."""
    defs: dict[str, Any] = {}
    schema = _object(cls, defs)
    return {"$defs": defs, **schema} if defs else schema


@cache
def _json_fields(cls: Any) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(cls) if field.metadata.get("json", True))


def _object(cls: type, defs: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(cls)
    fields = {field.name: field for field in attrs.fields(cls)}
    names = _json_fields(cls)
    schema: dict[str, Any] = {
        "type": "object",
        "title": cls.__name__,
        "additionalProperties": False,
        "properties": {name: _property(fields[name], hints[name], defs) for name in names},
    }
    if required := [name for name in names if fields[name].default is attrs.NOTHING]:
        schema["required"] = required
    return schema


def _property(field: "attrs.Attribute[Any]", hint: Any, defs: dict[str, Any]) -> dict[str, Any]:
    schema = _value(hint, defs)
    if field.default is None:
        schema["default"] = None
    if not any("$ref" in option for option in schema.get("anyOf", [])):
        schema["title"] = field.name.replace("_", " ").title()
    return schema


def _value(hint: Any, defs: dict[str, Any]) -> dict[str, Any]:
    if hint in _SCALARS:
        return {"type": _SCALARS[hint]}
    origin = get_origin(hint)
    if origin in {Union, types.UnionType}:
        return {"anyOf": [_value(option, defs) for option in get_args(hint)]}
    if origin is list:
        return {"type": "array", "items": _value(get_args(hint)[0], defs)}
    if origin is dict:
        return {"type": "object", "additionalProperties": True}
    if hint.__name__ not in defs:
        defs[hint.__name__] = {**_object(hint, defs), "description": hint.__doc__}
    return {"$ref": f"#/$defs/{hint.__name__}"}
