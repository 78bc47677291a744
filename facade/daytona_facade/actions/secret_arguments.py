"""Which of an action's arguments are secrets, and stay out of errors, records and reprs."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from .parameters import Parameter

_SECRET_CHARS = 4
"""Shorter environment values are words (``1``, ``on``), not secrets; hiding them would hide the error."""
_TOKEN_CHARS = 8
"""Shorter user names are names (``git``, ``oauth2``), not tokens."""


def find_secrets(parameters: tuple[Parameter, ...], arguments: Mapping[str, Any]) -> Iterator[str]:
    """Find the secrets in an action's arguments, valid or not."""
    for parameter in parameters:
        value = arguments.get(parameter.name)
        if isinstance(value, str):
            text = str.__str__(value)
            if parameter.rule.secret or (parameter.name == "username" and len(text) >= _TOKEN_CHARS):
                yield text
            elif parameter.name == "url":
                yield from _userinfo(text)
        elif parameter.rule.secret and isinstance(value, Mapping):
            texts = (str.__str__(text) for text in _values(value) if isinstance(text, str))
            yield from (text for text in texts if len(text) >= _SECRET_CHARS)
    user, password = arguments.get("username"), arguments.get("password")
    if isinstance(user, str) and isinstance(password, str):
        yield f"{str.__str__(user)}:{str.__str__(password)}"


def _values(mapping: Mapping[Any, Any]) -> list[Any]:
    try:
        return list(mapping.values())
    except Exception:  # noqa: BLE001 - a mapping that cannot be read is refused, and none of it is quoted
        return []


def _userinfo(url: str) -> Iterator[str]:
    """Find the credentials of a URL, valid or not: a password may hold characters that a URL must not."""
    rest = url.partition("://")[2] or url
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    _, colon, port = authority.partition(":")
    unescaped = "@" not in authority and colon and not port.isdigit()
    user, colon, password = (rest if unescaped else authority).rpartition("@")[0].partition(":")
    found = [password, f"{user}:{password}"] if password else []
    if user and (len(user) >= _TOKEN_CHARS or (not colon and url.lower().startswith("http"))):
        found.append(user)
    yield from {spelled for text in found for spelled in (text, unquote(text))}
