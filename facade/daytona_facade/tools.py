"""The actions as tools for a model: the schemas that each vendor takes, and the content blocks of an answer."""

import base64
from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any, Literal, TypeAlias, get_args

from .actions import ACTIONS, Action
from .model_view import ModelView, Picture, for_model, view_description

__all__ = ["ModelView", "Picture", "Vendor", "content_blocks", "for_model", "tool_schemas"]

Vendor: TypeAlias = Literal["openai", "openai-responses", "anthropic", "mcp", "gemini", "json-schema"]


def tool_schemas(
    vendor: Vendor, *, actions: Iterable[str] | None = None, read_only: bool = False
) -> list[dict[str, Any]]:
    """Return the actions as tools, in the shape that a vendor's ``tools`` parameter takes.

    ``client.run_action(name, arguments)`` runs what the model then asks for, and ``for_model()`` and
    ``content_blocks()`` make the answer for it. An unknown vendor or action is a ``ValueError``.

    Args:
        vendor: ``openai`` (Chat Completions), ``openai-responses``, ``anthropic``, ``mcp``, ``gemini``,
            or ``json-schema``: name, description, input_schema and output_schema, for any other.
        actions: Names of the actions to offer; all when left out.
        read_only: Offer only those that change nothing.
    """
    if vendor not in _SHAPES:
        raise ValueError(f"vendor must be one of {', '.join(get_args(Vendor))}, not {vendor!r}")
    selected = select_actions(actions, read_only=read_only)
    return _SHAPES[vendor]([deepcopy(_SHAPED[vendor](action)) for action in selected])


def content_blocks(vendor: Vendor, view: ModelView) -> list[dict[str, Any]]:
    """Return what a model is shown as content blocks, in the shape that a vendor's tool results take.

    ``anthropic``: the ``content`` of a ``tool_result``, whose ``is_error`` is the view's. ``openai-responses``: the
    ``output`` of a ``function_call_output``. ``openai``: Chat Completions takes only text in a tool's message, so put
    the other blocks into a user message after it. ``gemini``: parts, the pictures for the ``parts`` of a function
    response. ``mcp``, and ``json-schema`` for want of a vendor: the ``content`` of an MCP tool's result.
    """
    if vendor not in _SHAPES:
        raise ValueError(f"vendor must be one of {', '.join(get_args(Vendor))}, not {vendor!r}")
    text, picture = _BLOCKS[vendor]
    return [text(view.text), *(picture(item) for item in view.pictures)]


def select_actions(names: Iterable[str] | None = None, *, read_only: bool = False) -> list[Action[..., Any]]:
    """Return the actions of these names, or all; an unknown name is a ``ValueError``."""
    selected = list(ACTIONS) if names is None else list(dict.fromkeys(names))
    for name in selected:
        if name not in ACTIONS:
            raise ValueError(f"there is no action {name!r}; the actions are {', '.join(ACTIONS)}")
    return [ACTIONS[name] for name in selected if ACTIONS[name].read_only or not read_only]


def model_description(action: Action[..., Any], *more: str) -> str:
    """Describe an action to a model, with how it is shown the answer."""
    return "\n\n".join(text for text in (action.description, view_description(action.name), *more) if text)


def _openai(action: Action[..., Any]) -> dict[str, Any]:
    return {"type": "function", "function": _function(action)}


def _openai_responses(action: Action[..., Any]) -> dict[str, Any]:
    return {"type": "function", **_function(action)}


def _function(action: Action[..., Any]) -> dict[str, Any]:
    strict = strict_schema(action)
    return {
        "name": action.name,
        "description": model_description(action),
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
    return {"name": action.name, "description": model_description(action), "input_schema": plain_schema(action)}


def _mcp(action: Action[..., Any]) -> dict[str, Any]:
    return {
        "name": action.name,
        "title": action.title,
        "description": model_description(action),
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
    return {"name": action.name, "description": model_description(action), "parametersJsonSchema": schema}


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


def _text_block(kind: str) -> Callable[[str], dict[str, Any]]:
    return lambda text: {"type": kind, "text": text}


def _data_url(picture: Picture) -> str:
    return f"data:{picture.media_type};base64,{_base64(picture)}"


def _base64(picture: Picture) -> str:
    return base64.b64encode(picture.data).decode()


def _openai_picture(picture: Picture) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": _data_url(picture)}}


def _openai_responses_picture(picture: Picture) -> dict[str, Any]:
    return {"type": "input_image", "image_url": _data_url(picture), "detail": "auto"}


def _anthropic_picture(picture: Picture) -> dict[str, Any]:
    source = {"type": "base64", "media_type": picture.media_type, "data": _base64(picture)}
    return {"type": "image", "source": source}


def _mcp_picture(picture: Picture) -> dict[str, Any]:
    return {"type": "image", "data": _base64(picture), "mimeType": picture.media_type}


def _gemini_picture(picture: Picture) -> dict[str, Any]:
    if picture.media_type == "image/gif":
        return {"text": "[A GIF picture, which Gemini does not take: convert it to PNG.]"}
    return {"inlineData": {"mimeType": picture.media_type, "data": _base64(picture)}}


_BLOCKS: dict[str, tuple[Callable[[str], dict[str, Any]], Callable[[Picture], dict[str, Any]]]] = {
    "openai": (_text_block("text"), _openai_picture),
    "openai-responses": (_text_block("input_text"), _openai_responses_picture),
    "anthropic": (_text_block("text"), _anthropic_picture),
    "mcp": (_text_block("text"), _mcp_picture),
    "json-schema": (_text_block("text"), _mcp_picture),
    "gemini": (lambda text: {"text": text}, _gemini_picture),
}
