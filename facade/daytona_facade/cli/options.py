"""An action's parameters as arguments and options of a command."""

import os
import re
import sys
from collections.abc import Mapping
from typing import Any

import click

from ..actions.parameters import Parameter


class KeyValue(click.ParamType[tuple[str, str], Any]):
    """``KEY=VALUE``; for a secret map also ``KEY``, with the value from the environment."""

    def __init__(self, *, secret: bool) -> None:
        self.name = "KEY[=VALUE]" if secret else "KEY=VALUE"
        self._secret = secret

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):
            key, text = value
            return str(key), str(text)
        key, equals, text = str(value).partition("=")
        if not key:
            self.fail(f"{value!r} has no name before the equals sign", param, ctx)
        if equals:
            return key, text
        if not self._secret:
            self.fail(f"{value!r} must be {self.name}", param, ctx)
        if key not in os.environ:
            self.fail(f"{key} has no value: write {key}=VALUE; {key} is not set in the environment either", param, ctx)
        return key, os.environ[key]


def click_parameters(action: str, parameter: Parameter) -> list[click.Parameter]:
    """Make an argument for a required parameter, and one or two options for any other."""
    schema, text = _non_null_schema(parameter), without_markup(parameter.description)
    if parameter.required:
        return [click.Argument([parameter.name], type=_type(schema), metavar=_metavar(parameter.name), help=text)]
    dashed = parameter.name.replace("_", "-")
    if schema["type"] == "object":
        secret = parameter.rule.secret
        text += " Repeat the option for more."
        if secret:
            text += " KEY alone takes the value from this environment."
        flag = f"--{dashed.removesuffix('s')}"
        return [_option(parameter.name, flag, type=KeyValue(secret=secret), multiple=True, help=text)]
    if schema["type"] == "boolean":
        return [_option(parameter.name, f"--{dashed}/--no-{dashed}", default=None, help=text)]
    if parameter.rule.secret:
        return _secret_options(action, parameter.name, dashed, text)
    return [_option(parameter.name, f"--{dashed}", type=_type(schema), help=text)]


def action_arguments(parameters: tuple[Parameter, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    """Make the action's arguments from the values on the command line."""
    arguments: dict[str, Any] = {}
    for parameter in parameters:
        value = values.get(parameter.name)
        if values.get(f"{parameter.name}_stdin"):
            value = _read_secret(parameter.name)
        if isinstance(value, tuple):
            value = dict(value) or None
        if value is not None:
            arguments[parameter.name] = value
    return arguments


def without_markup(text: str) -> str:
    """Remove a docstring's backticks from a text for a terminal."""
    return re.sub(r"`+", "", text)


def _secret_options(action: str, name: str, dashed: str, text: str) -> list[click.Parameter]:
    variable = f"DAYTONA_{action.partition('_')[0].upper()}_{name.upper()}"
    text += f" Other users of this machine can see an option: better set {variable}."
    return [
        _option(name, f"--{dashed}", envvar=variable, help=text),
        _option(
            f"{name}_stdin",
            f"--{dashed}-stdin",
            is_flag=True,
            help=f"Read the {dashed} from standard input; a terminal prompts for it.",
        ),
    ]


def _read_secret(name: str) -> str:
    source = click.get_current_context().get_parameter_source(name)
    if source is click.ParameterSource.COMMANDLINE:
        raise click.UsageError(f"--{name} and --{name}-stdin cannot be used together")
    if sys.stdin.isatty():
        return str(click.prompt(name.capitalize(), hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _option(name: str, flag: str, **attributes: Any) -> click.Option:
    return click.Option([name, flag], **attributes)


def _non_null_schema(parameter: Parameter) -> Mapping[str, Any]:
    """Return the parameter's JSON Schema without the null that omitting it stands for."""
    variants = [variant for variant in parameter.schema.get("anyOf", []) if variant.get("type") != "null"]
    schema: Mapping[str, Any] = variants[0] if variants else parameter.schema
    return schema


def _metavar(name: str) -> str:
    return name.removesuffix("_id").upper()


def _type(schema: Mapping[str, Any]) -> "click.ParamType[Any] | type":
    if "enum" in schema:
        return click.Choice(schema["enum"])
    if schema["type"] == "integer":
        if "minimum" not in schema:
            return int
        return click.IntRange(schema.get("minimum"), schema.get("maximum"))
    return str
