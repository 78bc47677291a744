"""An action's parameters as arguments and options of a command."""

import os
import re
import sys
from collections.abc import Mapping
from typing import Any

import click

from ..actions.parameters import Parameter


class Pair(click.ParamType[tuple[str, str], Any]):
    """``KEY=VALUE``; of a secret map also ``KEY``, whose value is taken from the environment."""

    def __init__(self, *, secret: bool) -> None:
        self.name = "KEY[=VALUE]" if secret else "KEY=VALUE"
        self._secret = secret

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):
            key, text = value
            return str(key), str(text)
        key, equals, text = str(value).partition("=")
        if not key:
            self.fail(f"{value!r} has no name before the =", param, ctx)
        if equals:
            return key, text
        if not self._secret:
            self.fail(f"{value!r} is not {self.name}", param, ctx)
        if key not in os.environ:
            self.fail(f"{key} is not set in the environment, and no value is given", param, ctx)
        return key, os.environ[key]


def kind(parameter: Parameter) -> Mapping[str, Any]:
    """Return the parameter's JSON Schema without the null that leaving it out stands for."""
    options = [option for option in parameter.schema.get("anyOf", []) if option.get("type") != "null"]
    described: Mapping[str, Any] = options[0] if options else parameter.schema
    return described


def option_of(action: str, parameter: Parameter) -> list[click.Parameter]:
    """Make the argument of a required parameter, and the option, or options, of another."""
    schema, text = kind(parameter), plain(parameter.description)
    if parameter.required:
        return [click.Argument([parameter.name], type=_type(schema), metavar=_metavar(parameter.name), help=text)]
    dashed = parameter.name.replace("_", "-")
    if schema["type"] == "object":
        flag = f"--{dashed.removesuffix('s')}"
        text += (
            f" May be given several times{'; KEY alone takes the value from here' if parameter.rule.secret else ''}."
        )
        return [_option(parameter.name, flag, type=Pair(secret=parameter.rule.secret), multiple=True, help=text)]
    if schema["type"] == "boolean":
        return [_option(parameter.name, f"--{dashed}/--no-{dashed}", default=None, help=text)]
    if not parameter.rule.secret:
        return [_option(parameter.name, f"--{dashed}", type=_type(schema), help=text)]
    variable = f"DAYTONA_{action.partition('_')[0].upper()}_{parameter.name.upper()}"
    text += f" An option is visible to every user of this machine: better set {variable}."
    return [
        _option(parameter.name, f"--{dashed}", envvar=variable, help=text),
        _option(
            f"{parameter.name}_stdin",
            f"--{dashed}-stdin",
            is_flag=True,
            help=f"Read the {dashed} from standard input; on a terminal it is asked for.",
        ),
    ]


def arguments(parameters: tuple[Parameter, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    """Make the action's arguments of what was given on the command line."""
    made: dict[str, Any] = {}
    for parameter in parameters:
        value = given.get(parameter.name)
        if given.get(f"{parameter.name}_stdin"):
            value = _secret(parameter.name)
        if isinstance(value, tuple):
            value = dict(value) or None
        if value is not None:
            made[parameter.name] = value
    return made


def plain(text: str) -> str:
    """Take the marks of a docstring out of a text for a terminal."""
    return re.sub(r"`+", "", text)


def _secret(name: str) -> str:
    source = click.get_current_context().get_parameter_source(name)
    if source is click.ParameterSource.COMMANDLINE:
        raise click.UsageError(f"--{name} and --{name}-stdin exclude each other")
    if sys.stdin.isatty():
        return str(click.prompt(name.capitalize(), hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _option(name: str, flag: str, **given: Any) -> click.Option:
    return click.Option([name, flag], **given)


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
