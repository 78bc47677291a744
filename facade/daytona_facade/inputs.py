"""The parameters of the actions: their kinds, their checks and their JSON Schemas, read from the signatures."""

import inspect
import re
import types
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

import attrs

from .failures import DaytonaError, invalid


@attrs.frozen(eq=False, repr=False)
class Rule:
    """What a parameter's type alone does not say."""

    minimum: int | None = None
    maximum: int | None = None
    empty: bool = False
    """Whether an empty text is a value."""
    segment: bool = False
    """Whether the text becomes a segment of a URL's path: trimmed, and never ``.`` or ``..``."""
    secret: bool = False
    """Whether the value, or each value of a map, must never be seen again."""
    setting: bool = False
    """Whether the client's setting of the same name stands in when no value is given."""


SandboxId: TypeAlias = Annotated[str, Rule(segment=True)]
Text: TypeAlias = Annotated[str, Rule()]
Content: TypeAlias = Annotated[str, Rule(empty=True)]
OptionalText: TypeAlias = Annotated[str | None, Rule(empty=True)]
Configured: TypeAlias = Annotated[str | None, Rule(empty=True, setting=True)]
Password: TypeAlias = Annotated[str | None, Rule(empty=True, secret=True)]
Env: TypeAlias = Annotated[Mapping[str, str] | None, Rule(secret=True)]
Labels: TypeAlias = Annotated[Mapping[str, str] | None, Rule()]
Count: TypeAlias = Annotated[int | None, Rule(minimum=0)]
Interval: TypeAlias = Annotated[int | None, Rule()]
Seconds: TypeAlias = Annotated[int | None, Rule(minimum=1, maximum=2**32 - 1)]
PageSize: TypeAlias = Annotated[int | None, Rule(minimum=1, maximum=200)]
Flag: TypeAlias = Annotated[bool | None, Rule()]
Language: TypeAlias = Annotated[Literal["python", "javascript", "typescript"], Rule()]


@attrs.frozen(eq=False, repr=False)
class Parameter:
    """One parameter of an action."""

    name: str
    description: str
    required: bool
    default: Any
    schema: dict[str, Any]
    """Its JSON Schema, description and default included."""
    rule: Rule
    check: Callable[[str, Any], Any]

    def accept(self, value: Any) -> Any:
        """Return the value as the action wants it, or raise ``invalid_input``."""
        if value is None and not self.required:
            return self.default
        try:
            return self.check(self.name, value)
        except DaytonaError:
            raise
        except Exception:  # noqa: BLE001 - a value of any class comes here, and its methods raise what they like
            raise invalid(self.name, "cannot be read") from None


def parameters(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """Read the parameters of an action from its signature and the ``Args:`` of its docstring."""
    hints = get_type_hints(function, include_extras=True)
    meanings = described(function)
    return tuple(
        _parameter(parameter, hints[name], meanings.get(name, ""))
        for name, parameter in inspect.signature(function).parameters.items()
    )


def described(function: Callable[..., Any]) -> dict[str, str]:
    """Read the ``Args:`` section of a docstring: name -> meaning."""
    _, _, section = (inspect.getdoc(function) or "").partition("\nArgs:\n")
    entries = re.split(r"^    (\w+): ", section.partition("\n\n")[0], flags=re.MULTILINE)[1:]
    return {name: prose(text) for name, text in zip(entries[::2], entries[1::2], strict=True)}


def prose(text: str) -> str:
    """Turn a docstring's paragraphs into plain sentences, without marks, line breaks and the ``Operation:`` line."""
    told = re.sub(r"^Operation: .*$", "", text, flags=re.MULTILINE).replace("``", "`")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in told.split("\n\n") if paragraph.strip())


def schema(parameters: tuple[Parameter, ...]) -> dict[str, Any]:
    """Put the parameters' schemas together to the schema of an action's arguments."""
    return {
        "type": "object",
        "properties": {parameter.name: parameter.schema for parameter in parameters},
        "required": [parameter.name for parameter in parameters if parameter.required],
        "additionalProperties": False,
    }


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what was not given: nothing is sent for it."""
    return {name: value for name, value in values.items() if value is not None}


def _parameter(parameter: inspect.Parameter, hint: Any, meaning: str) -> Parameter:
    kind, rule = get_args(hint)
    required = parameter.default is inspect.Parameter.empty
    options = [option for option in get_args(kind) if option is not types.NoneType] if _is_union(kind) else [kind]
    schema, check = _KINDS[get_origin(options[0]) or options[0]](options[0], rule)
    if not required:
        schema = {"anyOf": [schema, {"type": "null"}], "default": parameter.default}
    described = {**schema, "description": meaning}
    default = None if required else parameter.default
    return Parameter(parameter.name, meaning, required, default, described, rule, check)


def _is_union(hint: Any) -> bool:
    return get_origin(hint) in {Union, types.UnionType}


_Kind: TypeAlias = tuple[dict[str, Any], Callable[[str, Any], Any]]


def _text(_: Any, rule: Rule) -> _Kind:
    def check(name: str, value: Any) -> str:
        text = _encodable(name, value)
        if rule.segment:
            text = text.strip()
            if text in {".", ".."}:
                raise invalid(name, f"cannot be {text!r}")
        if not rule.empty and not text.strip():
            raise invalid(name, "must not be empty")
        return text

    return {"type": "string"} if rule.empty else {"type": "string", "minLength": 1}, check


def _whole(_: Any, rule: Rule) -> _Kind:
    bounds = {"minimum": rule.minimum, "maximum": rule.maximum}
    low = rule.minimum if rule.minimum is not None else -(2**31)
    high = rule.maximum if rule.maximum is not None else 2**31 - 1

    def check(name: str, value: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise invalid(name, f"must be a whole number, not {_named(value)}")
        if not low <= value <= high:
            raise invalid(name, f"must be between {low} and {high}")
        return int(value)

    return {"type": "integer", **{key: bound for key, bound in bounds.items() if bound is not None}}, check


def _flag(_: Any, _rule: Rule) -> _Kind:
    def check(name: str, value: Any) -> bool:
        if not isinstance(value, bool):
            raise invalid(name, f"must be true or false, not {_named(value)}")
        return value

    return {"type": "boolean"}, check


def _texts(_: Any, _rule: Rule) -> _Kind:
    def check(name: str, value: Any) -> dict[str, str]:
        if not isinstance(value, Mapping):
            raise invalid(name, f"must map texts to texts, not be {_named(value)}")
        return {
            _encodable(f"a key of {name}", key): _encodable(f"a value of {name}", text) for key, text in value.items()
        }

    return {"type": "object", "additionalProperties": {"type": "string"}}, check


def _choice(hint: Any, _rule: Rule) -> _Kind:
    options = get_args(hint)

    def check(name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in options:
            raise invalid(name, f"must be one of {', '.join(options)}")
        return value

    return {"type": "string", "enum": list(options)}, check


_KINDS: dict[Any, Callable[[Any, Rule], _Kind]] = {
    str: _text,
    int: _whole,
    bool: _flag,
    Mapping: _texts,
    Literal: _choice,
}


def _encodable(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise invalid(name, f"must be a text, not {_named(value)}")
    # What a subclass of str makes of its methods is not asked.
    text = str.__str__(value)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as exc:
            raise invalid(name, f"has a lone surrogate at position {exc.start}, which is no character") from None
    return text


def _named(value: Any) -> str:
    return "null" if value is None else f"a value of type {type(value).__name__}"
