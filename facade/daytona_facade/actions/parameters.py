"""The parameters of the actions: their kinds, and the checks of what a caller passes."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, TypeAlias, get_args

import attrs

from .._engine.settings import Settings
from ..errors import DaytonaError, invalid_input


@attrs.frozen(eq=False, repr=False)
class Rule:
    """What a parameter's type alone does not say."""

    minimum: int | None = None
    maximum: int | None = None
    empty: bool = False
    """Whether an empty string is a value."""
    segment: bool = False
    """Whether the string becomes a segment of a URL's path: trimmed, and never ``.`` or ``..``."""
    nul: bool = True
    """Whether a NUL character may be in it: the REST API answers 500 to one."""
    secret: bool = False
    """Whether the value, or each value of a mapping, must stay out of errors, records and reprs."""
    setting: bool = False
    """Whether the client's setting of the same name is used when there is no value."""


SandboxId: TypeAlias = Annotated[str, Rule(segment=True, nul=False)]
Text: TypeAlias = Annotated[str, Rule()]
Content: TypeAlias = Annotated[str, Rule(empty=True)]
OptionalText: TypeAlias = Annotated[str | None, Rule(empty=True)]
OptionalName: TypeAlias = Annotated[str | None, Rule(empty=True, nul=False)]
Configured: TypeAlias = Annotated[str | None, Rule(empty=True, nul=False, setting=True)]
Password: TypeAlias = Annotated[str | None, Rule(empty=True, secret=True)]
Env: TypeAlias = Annotated[Mapping[str, str] | None, Rule(secret=True)]
SandboxEnv: TypeAlias = Annotated[Mapping[str, str] | None, Rule(secret=True, nul=False)]
Labels: TypeAlias = Annotated[Mapping[str, str] | None, Rule(nul=False)]
Count: TypeAlias = Annotated[int | None, Rule(minimum=0)]
Interval: TypeAlias = Annotated[int | None, Rule()]
Seconds: TypeAlias = Annotated[int | None, Rule(minimum=1, maximum=2**32 - 1)]
PageSize: TypeAlias = Annotated[int | None, Rule(minimum=1, maximum=200)]
Flag: TypeAlias = Annotated[bool | None, Rule()]
Language: TypeAlias = Annotated[Literal["python", "javascript", "typescript"], Rule()]

Check: TypeAlias = Callable[[str, Any], Any]
"""Returns the value of a parameter, given its name and an argument, or raises ``invalid_input``."""


@attrs.frozen(eq=False, repr=False)
class Parameter:
    """One parameter of an action."""

    name: str
    description: str
    required: bool
    default: Any
    schema: dict[str, Any]
    """Its JSON Schema, with description and default."""
    rule: Rule
    check: Check


def validate(
    action: str, parameters: tuple[Parameter, ...], args: tuple[Any, ...], kwargs: Mapping[str, Any], settings: Settings
) -> dict[str, Any]:
    """Check the arguments of an action and add the defaults, or raise ``invalid_input`` with the parameter's name."""
    names = [parameter.name for parameter in parameters]
    if len(args) > len(names):
        raise invalid_input(action, f"takes {len(names)} arguments, not {len(args)}")
    arguments = dict(zip(names, args, strict=False))
    for name, value in kwargs.items():
        if name not in names:
            raise invalid_input(str(name), f"is not a parameter of {action}; it takes {', '.join(names)}")
        if name in arguments:
            raise invalid_input(name, "is given twice")
        arguments[name] = value
    for parameter in parameters:
        name, value = parameter.name, arguments.get(parameter.name)
        if value is None and not parameter.required:
            value = parameter.default
        elif name not in arguments:
            raise invalid_input(name, "is missing")
        else:
            try:
                value = parameter.check(name, value)
            except DaytonaError:
                raise
            except Exception:  # noqa: BLE001 - a value of any class comes here, and its methods raise what they like
                raise invalid_input(name, "cannot be read") from None
        arguments[name] = value or getattr(settings, name) if parameter.rule.setting else value
    return arguments


def drop_none(values: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out arguments without a value: nothing is sent for them."""
    return {name: value for name, value in values.items() if value is not None}


def string(_: Any, rule: Rule) -> tuple[dict[str, Any], Check]:
    """Return the JSON Schema and the check of a string."""

    def check(name: str, value: Any) -> str:
        text = value if type(value) is str and value.isascii() else _encodable(name, value)
        if rule.segment:
            text = text.strip()
            if text in {".", ".."}:
                raise invalid_input(name, f"cannot be {text!r}")
        if not rule.empty and not text.strip():
            raise invalid_input(name, "must not be empty")
        return text if rule.nul else _without_nul(name, text)

    return {"type": "string"} if rule.empty else {"type": "string", "minLength": 1}, check


def integer(_: Any, rule: Rule) -> tuple[dict[str, Any], Check]:
    """Return the JSON Schema and the check of an integer; 2.0 is one."""
    bounds = {"minimum": rule.minimum, "maximum": rule.maximum}
    low = rule.minimum if rule.minimum is not None else -(2**31)
    high = rule.maximum if rule.maximum is not None else 2**31 - 1

    def check(name: str, value: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise invalid_input(name, f"must be an integer, not {_type_of(value)}")
        if not low <= value <= high:
            raise invalid_input(name, f"must be between {low} and {high}")
        return int(value)

    return {"type": "integer", **{key: bound for key, bound in bounds.items() if bound is not None}}, check


def boolean(_: Any, _rule: Rule) -> tuple[dict[str, Any], Check]:
    """Return the JSON Schema and the check of true or false."""

    def check(name: str, value: Any) -> bool:
        if not isinstance(value, bool):
            raise invalid_input(name, f"must be true or false, not {_type_of(value)}")
        return value

    return {"type": "boolean"}, check


def strings(_: Any, rule: Rule) -> tuple[dict[str, Any], Check]:
    """Return the JSON Schema and the check of an object whose values are strings."""

    def check(name: str, value: Any) -> dict[str, str]:
        if not isinstance(value, Mapping):
            raise invalid_input(name, f"must be an object of strings, not {_type_of(value)}")
        found = {
            _encodable(f"a key of {name}", key): _encodable(f"a value of {name}", text) for key, text in value.items()
        }
        if not rule.nul:
            for key, text in found.items():
                _without_nul(f"a key of {name}", key)
                _without_nul(f"a value of {name}", text)
        return found

    return {"type": "object", "additionalProperties": {"type": "string"}}, check


def choice(hint: Any, _rule: Rule) -> tuple[dict[str, Any], Check]:
    """Return the JSON Schema and the check of one of several strings."""
    options = get_args(hint)

    def check(name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in options:
            raise invalid_input(name, f"must be one of {', '.join(options)}")
        return value

    return {"type": "string", "enum": list(options)}, check


def _encodable(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise invalid_input(name, f"must be a string, not {_type_of(value)}")
    # The methods of a subclass of str may do anything, so str's own are called.
    text = str.__str__(value)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as exc:
            raise invalid_input(name, f"has a lone surrogate at position {exc.start}") from None
    return text


def _without_nul(name: str, text: str) -> str:
    if "\0" in text:
        raise invalid_input(name, f"has a NUL character at position {text.index(chr(0))}")
    return text


def _type_of(value: Any) -> str:
    return "null" if value is None else type(value).__name__
