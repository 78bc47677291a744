"""What is read from an action's function: its parameters, their JSON Schema, its description, its signature."""

import inspect
import re
import types
from collections.abc import Callable, Mapping
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from .parameters import Check, Parameter, Rule, boolean, choice, integer, string, strings

_KINDS: dict[Any, Callable[[Any, Rule], tuple[dict[str, Any], Check]]] = {
    str: string,
    int: integer,
    bool: boolean,
    Mapping: strings,
    Literal: choice,
}


def read_parameters(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """Read the parameters of an action from its signature and the ``Args:`` of its docstring."""
    hints = get_type_hints(function, include_extras=True)
    descriptions = _parameter_descriptions(function)
    return tuple(
        _parameter(parameter, hints[name], descriptions.get(name, ""))
        for name, parameter in inspect.signature(function).parameters.items()
    )


def read_description(function: Callable[..., Any]) -> str:
    """Read the docstring of an action up to its ``Args:``, as plain paragraphs."""
    return _prose((inspect.getdoc(function) or "").partition("\nArgs:\n")[0])


def input_schema(parameters: tuple[Parameter, ...]) -> dict[str, Any]:
    """Return the JSON Schema of an action's arguments."""
    return {
        "type": "object",
        "properties": {parameter.name: parameter.schema for parameter in parameters},
        "required": [parameter.name for parameter in parameters if parameter.required],
        "additionalProperties": False,
    }


def copy_metadata(function: Callable[..., Any], method: Any, output: Any) -> None:
    """Give a client's method the name, docstring, signature and annotations of an action's function."""
    signature = inspect.signature(function)
    client = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    plain = [p.replace(annotation=get_args(p.annotation)[0]) for p in signature.parameters.values()]
    method.__name__ = method.__qualname__ = function.__name__
    method.__module__ = function.__module__
    method.__doc__ = function.__doc__
    method.__signature__ = signature.replace(parameters=[client, *plain], return_annotation=output)
    method.__annotations__ = {**{p.name: p.annotation for p in plain}, "return": output}


def _parameter_descriptions(function: Callable[..., Any]) -> dict[str, str]:
    """Read the ``Args:`` section of a docstring: name -> description."""
    _, _, section = (inspect.getdoc(function) or "").partition("\nArgs:\n")
    entries = re.split(r"^    (\w+): ", section.partition("\n\n")[0], flags=re.MULTILINE)[1:]
    return {name: _prose(text) for name, text in zip(entries[::2], entries[1::2], strict=True)}


def _prose(text: str) -> str:
    """Turn a docstring into plain paragraphs, without line breaks, double backticks and the ``Operation:`` line."""
    plain = re.sub(r"^Operation: .*$", "", text, flags=re.MULTILINE).replace("``", "`")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in plain.split("\n\n") if paragraph.strip())


def _parameter(parameter: inspect.Parameter, hint: Any, description: str) -> Parameter:
    kind, rule = get_args(hint)
    required = parameter.default is inspect.Parameter.empty
    options = [option for option in get_args(kind) if option is not types.NoneType] if _is_union(kind) else [kind]
    schema, check = _KINDS[get_origin(options[0]) or options[0]](options[0], rule)
    if not required:
        schema = {"anyOf": [schema, {"type": "null"}], "default": parameter.default}
    default = None if required else parameter.default
    return Parameter(
        parameter.name, description, required, default, {**schema, "description": description}, rule, check
    )


def _is_union(hint: Any) -> bool:
    return get_origin(hint) in {Union, types.UnionType}
