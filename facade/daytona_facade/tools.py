"""The actions as tools for a model: the schemas that each vendor takes, and what of an output a model is shown."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any, Literal, TypeAlias, get_args

from .actions import ACTIONS, Action

Vendor: TypeAlias = Literal["openai", "openai-responses", "anthropic", "mcp", "gemini", "json-schema"]

SHOWN_BYTES = 32 * 2**10
"""A larger file stays out of a model's context: in base64 it would be more than 10,000 tokens."""
SHOWN_CHARS = 100_000
"""A longer output of a program is shown without its middle: all of it could be millions of tokens."""


def tool_schemas(
    vendor: Vendor, *, actions: Iterable[str] | None = None, read_only: bool = False
) -> list[dict[str, Any]]:
    """Return the actions as tools, in the shape that a vendor's ``tools`` parameter takes.

    ``client.call(name, arguments)`` runs what the model then asks for. An unknown vendor or action is a ``ValueError``.

    Args:
        vendor: ``openai`` (Chat Completions), ``openai-responses``, ``anthropic``, ``mcp``, ``gemini``,
            or ``json-schema``: name, description, input_schema and output_schema, for any other.
        actions: Names of the actions to offer; all when left out.
        read_only: Offer only those that change nothing.
    """
    if vendor not in _SHAPES:
        raise ValueError(f"vendor must be one of {', '.join(get_args(Vendor))}, not {vendor!r}")
    return _SHAPES[vendor]([deepcopy(_SHAPED[vendor](action)) for action in chosen(actions, read_only=read_only)])


def chosen(names: Iterable[str] | None = None, *, read_only: bool = False) -> list[Action[..., Any]]:
    """Return the actions of these names, or all; an unknown name is a ``ValueError``."""
    wanted = list(ACTIONS) if names is None else list(dict.fromkeys(names))
    for name in wanted:
        if name not in ACTIONS:
            raise ValueError(f"there is no action {name!r}; the actions are {', '.join(ACTIONS)}")
    return [ACTIONS[name] for name in wanted if ACTIONS[name].read_only or not read_only]


def described(action: Action[..., Any], instead: str = "is left out of the answer") -> str:
    """Describe an action to a model, with what becomes of a file or an output that it is not shown."""
    told = [action.description]
    properties = action.output_schema["properties"]
    if "content_base64" in properties:
        told.append(f"A file over {SHOWN_BYTES // 2**10} KB {instead}; execute_command can show parts of it.")
    if "result" in properties:
        told.append(f"Of an output over {SHOWN_CHARS:,} characters the beginning and the end are shown.")
    return "\n\n".join(told)


def shown(output: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON form of an output as a model should see it: no large file, and no endless output of a program."""
    content, result = output.get("content_base64"), output.get("result")
    if isinstance(content, str) and len(content) // 4 * 3 - content[-2:].count("=") > SHOWN_BYTES:
        output = {**output, "content_base64": None}
    if isinstance(result, str) and len(result) > SHOWN_CHARS:
        half = SHOWN_CHARS // 2
        note = f"\n[{len(result) - 2 * half:,} characters are left out here]\n"
        output = {**output, "result": result[:half] + note + result[-half:]}
    return output


def _openai(action: Action[..., Any]) -> dict[str, Any]:
    return {"type": "function", "function": _function(action)}


def _openai_responses(action: Action[..., Any]) -> dict[str, Any]:
    return {"type": "function", **_function(action)}


def _function(action: Action[..., Any]) -> dict[str, Any]:
    strict = strict_schema(action)
    return {
        "name": action.name,
        "description": action.description,
        "parameters": strict or plain_schema(action),
        "strict": strict is not None,
    }


def plain_schema(action: Action[..., Any]) -> dict[str, Any]:
    """Return the input schema in which an optional parameter is left out, never null: one type each.

    The action itself takes null as well; forms and command lines of hosts, and some models, cannot read a choice.
    """
    properties = {name: _without_null(value) for name, value in action.input_schema["properties"].items()}
    return {**action.input_schema, "properties": properties}


def strict_schema(action: Action[..., Any]) -> dict[str, Any] | None:
    """Return the input schema in OpenAI's strict form, or nothing where a free-form map has none.

    There every property is required, one that may be left out may be null, and no default or length is given.
    """
    schema = _without(action.input_schema, "default", "minLength")
    properties = schema["properties"]
    if any("object" in _types(value) for value in properties.values()):
        return None
    return {**schema, "required": list(properties)}


def _anthropic(action: Action[..., Any]) -> dict[str, Any]:
    return {"name": action.name, "description": action.description, "input_schema": plain_schema(action)}


def _mcp(action: Action[..., Any]) -> dict[str, Any]:
    return {
        "name": action.name,
        "title": action.title,
        "description": action.description,
        "inputSchema": plain_schema(action),
        "outputSchema": action.output_schema,
        "annotations": {
            "title": action.title,
            "readOnlyHint": action.read_only,
            "destructiveHint": action.destructive,
            "idempotentHint": action.idempotent,
            # Daytona, and the network that a sandbox sees, are outside of what a host controls.
            "openWorldHint": True,
        },
    }


def _gemini(action: Action[..., Any]) -> dict[str, Any]:
    schema = _without(plain_schema(action), "default", "minLength")
    return {"name": action.name, "description": action.description, "parametersJsonSchema": schema}


def _json_schema(action: Action[..., Any]) -> dict[str, Any]:
    return {**_anthropic(action), "output_schema": action.output_schema}


def _without(schema: Any, *keywords: str) -> Any:
    """Copy a schema without some keywords; the names of its properties are left alone."""
    if isinstance(schema, list):
        return [_without(item, *keywords) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: _without(item, *keywords) for name, item in value.items()}
        if key == "properties"
        else _without(value, *keywords)
        for key, value in schema.items()
        if key not in keywords
    }


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    others = [option for option in schema.get("anyOf", []) if option != {"type": "null"}]
    if len(others) != 1:
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf" and (key, value) != ("default", None)}
    return {**others[0], **rest}


def _types(schema: dict[str, Any]) -> set[str]:
    return {option.get("type", "") for option in schema.get("anyOf", [schema])}


def _as_they_are(tools: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return tools


def _in_one_tool(declarations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"functionDeclarations": declarations}]


_SHAPED: dict[str, Callable[[Action[..., Any]], dict[str, Any]]] = {
    "openai": _openai,
    "openai-responses": _openai_responses,
    "anthropic": _anthropic,
    "mcp": _mcp,
    "gemini": _gemini,
    "json-schema": _json_schema,
}
_SHAPES: dict[str, Callable[[list[dict[str, Any]]], list[dict[str, Any]]]] = {
    **dict.fromkeys(_SHAPED, _as_they_are),
    "gemini": _in_one_tool,
}
