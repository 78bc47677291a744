"""The JSON of an answer, decoded in bounded memory, and its leaves as the types that outputs hold."""

import json
import math
from itertools import repeat
from types import SimpleNamespace
from typing import Any, Protocol, TypeVar

import httpx

from .. import limits
from ..errors import protocol_error

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Answer:
    """A complete 2xx answer; its body is bytes, or what the call's consumer made of them."""

    def __init__(self, headers: httpx.Headers, body: Any, download_limit: int = limits.DOWNLOAD_BYTES) -> None:
        self.headers = headers
        self.body = body
        self.download_limit = download_limit
        """The client's ``max_download_bytes``."""


class Parser(Protocol[T_co]):
    """A generated response parser."""

    def __call__(self, *, client: Any, response: httpx.Response) -> T_co: ...


def parse_json(parser: Parser[T], answer: Answer) -> T:
    """Decode an answer as JSON and hand it to a generated parser."""
    return run_parser(parser, check_object(decode_json(answer)))


def parse_json_if_present(parser: Parser[T], answer: Answer) -> T | None:
    """Do as ``parse_json`` does; an answer without a body is ``None``."""
    return run_parser(parser, check_object(decode_json(answer))) if answer.body.strip() else None


def check_object(document: Any) -> Any:
    """Return a JSON object, or say what came in its place."""
    if not isinstance(document, dict):
        raise protocol_error(f"the answer is {json_type(document)}, where a JSON object belongs")
    return document


def json_type(document: object) -> str:
    """Name what a JSON document is."""
    if isinstance(document, bool) or document is None:
        return "null" if document is None else "a boolean"
    names = {dict: "an object", list: "an array", str: "a string", int: "a number", float: "a number"}
    return names[type(document)]


def run_parser(parser: Parser[T], document: Any) -> T:
    """Run a generated parser on decoded JSON: its status is 200, because any 2xx counts here."""
    response: Any = SimpleNamespace(status_code=200, json=repeat(document).__next__)
    return parser(client=None, response=response)


def decode_json(answer: Answer) -> Any:
    """Decode the JSON of an answer; NaN and Infinity, which JSON cannot write, become null."""
    if len(answer.body) > limits.JSON_VALUES:
        _check_values(answer.body)
    try:
        text = answer.body.decode("utf-8-sig")
        try:
            return _JSON.decode(text)
        except json.JSONDecodeError:
            raise
        except ValueError:
            # Python reads no integer of more than some 4,300 digits: such a number becomes null, the rest stays.
            return json.JSONDecoder(parse_constant=_null, parse_int=_int_or_null).decode(text)
    except (ValueError, RecursionError) as exc:
        html = "html" in answer.headers.get("content-type", "") or answer.body.lstrip()[:1] == b"<"
        if html:
            raise protocol_error("the answer is an HTML page, not JSON (does the API URL lack /api?)") from None
        reason = "nested too deeply" if isinstance(exc, RecursionError) else "not JSON"
        raise protocol_error(f"the answer is {reason}" if answer.body.strip() else "the answer is empty") from None


def to_str(value: object) -> str | None:
    """Return a string; a lone surrogate, which JSON can spell but nothing can encode, becomes U+FFFD."""
    if not isinstance(value, str):
        return None
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def to_int(value: object) -> int | None:
    """Return an integer, also for 2.0; anything else becomes null."""
    if type(value) is int:
        return value
    return int(value) if isinstance(value, float) and value.is_integer() else None


def to_bool(value: object) -> bool | None:
    """Return true or false; anything else becomes null."""
    return value if isinstance(value, bool) else None


def to_object(value: object) -> dict[str, Any] | None:
    """Return a free-form object as plain JSON: finite numbers, no lone surrogates, limited depth."""
    document = value if isinstance(value, dict) else getattr(value, "additional_properties", None)
    return _plain(document, limits.JSON_DEPTH) if isinstance(document, dict) else None


def _plain(value: Any, depth: int) -> Any:
    if depth == 0:
        raise protocol_error(f"the answer is nested deeper than {limits.JSON_DEPTH} levels")
    if isinstance(value, str):
        return to_str(value)
    if isinstance(value, dict):
        return {to_str(key) or "": _plain(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, depth - 1) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _check_values(body: bytes) -> None:
    """Reject JSON of more than a million values, which would take far more memory than its bytes do."""
    unescaped = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    if unescaped.count(b'"') <= 2 * limits.JSON_VALUES:
        outside = b"".join(unescaped.split(b'"')[::2])
        if sum(map(outside.count, (b",", b"[", b"{"))) <= limits.JSON_VALUES:
            return
    raise protocol_error(f"the answer holds more than {limits.JSON_VALUES:,} values")


def _null(_: str) -> None:
    return None


def _int_or_null(digits: str) -> int | None:
    try:
        return int(digits)
    except ValueError:
        return None


_JSON = json.JSONDecoder(parse_constant=_null)
