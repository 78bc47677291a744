"""An action in steps: a generator that yields calls, receives their parsed answers and returns its output."""

import json
from collections.abc import Callable, Generator
from typing import Any, Generic, Protocol, TypeAlias, TypeVar, cast

import attrs
import httpx

from .bodies import JSON_LIMIT_BYTES, Consumer, check_values, joined
from .failures import malformed

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Out = TypeVar("Out")

_AT_A_TIME = 256
_ENTRIES = 100_000


class Answer:
    """A complete 2xx answer; its body is what the call's consumer made of it, bytes unless the call says otherwise."""

    def __init__(self, headers: httpx.Headers, body: Any) -> None:
        self.headers = headers
        self.body = body


@attrs.frozen(eq=False, repr=False)
class Call(Generic[T]):
    """One request, and how to read its 2xx answer."""

    path: str
    """The path's template, for log records."""
    request: dict[str, Any]
    """What the generated request builder made: method, url, and params, json or files."""
    parse: Callable[[Answer], T]
    sandbox_id: str | None = None
    """The sandbox whose toolbox is called; the REST API where there is none."""
    consumer: Callable[[], Consumer] = joined
    limit: int | None = JSON_LIMIT_BYTES
    """Bytes of a 2xx body; ``None`` is the client's cap for downloads."""
    begun: Callable[[httpx.Headers], None] | None = None
    """Told the head of each 2xx answer, before its body comes."""

    @property
    def file(self) -> bool:
        """Whether the body is a file: it is not joined in memory, and it is wanted as it is, not compressed."""
        return self.consumer is not joined

    def __iter__(self) -> "Steps[T]":
        answer: T = yield self
        return answer


class Pause:
    """A rest between two calls; the deadline ends it as a failure of kind ``timeout``."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __iter__(self) -> "Steps[None]":
        yield self


Steps: TypeAlias = Generator[Call[Any] | Pause, Any, Out]


def each(items: list[Any], make: Callable[[Any], T]) -> Steps[list[T]]:
    """Make something of every item of a list that a server may have made long: the deadline and other tasks get in."""
    made: list[T] = []
    for start in range(0, len(items), _AT_A_TIME):
        if start:
            yield from Pause(0)
        made += map(make, items[start : start + _AT_A_TIME])
    return made


def bounded(items: list[Any]) -> list[Any]:
    """Refuse a list that no server sends; each of its items is going to cost a thousand bytes."""
    if len(items) > _ENTRIES:
        raise malformed(f"the answer lists more than {_ENTRIES:,} entries")
    return items


class Parse(Protocol[T_co]):
    """A generated response parser."""

    def __call__(self, *, client: Any, response: httpx.Response) -> T_co: ...


def model(parse: Parse[T]) -> Callable[[Answer], T]:
    """Read an answer as JSON and hand it to a generated parser."""
    return lambda answer: parsed(parse, document(answer))


def model_or_nothing(parse: Parse[T]) -> Callable[[Answer], T | None]:
    """Read an answer as ``model`` does; one without a body is ``None``."""
    return lambda answer: parsed(parse, document(answer)) if answer.body.strip() else None


def parsed(parse: Parse[T], document: Any) -> T:
    """Run a generated parser on a decoded document; it knows 200 alone, and any 2xx counts."""
    return parse(client=None, response=cast(httpx.Response, _Decoded(document)))


def document(answer: Answer) -> Any:
    """Decode the JSON of an answer; NaN and Infinity, which JSON cannot write, are read as null."""
    check_values(answer.body)
    try:
        return _decoded(answer.body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as exc:
        html = "html" in answer.headers.get("content-type", "") or answer.body.lstrip()[:1] == b"<"
        if html:
            raise malformed("the answer is an HTML page, not JSON (does the API URL lack its path, /api?)") from None
        reason = "nested too deeply" if isinstance(exc, RecursionError) else "not JSON"
        raise malformed(f"the answer is {reason}" if answer.body.strip() else "the answer is empty") from None


def _decoded(text: str) -> Any:
    try:
        return _JSON.decode(text)
    except json.JSONDecodeError:
        raise
    except ValueError:
        # Python reads no integer of more than some 4,300 digits; such a number is unknown, the rest is not.
        return json.JSONDecoder(parse_constant=_nothing, parse_int=_whole).decode(text)


def _nothing(_: str) -> None:
    return None


def _whole(digits: str) -> int | None:
    try:
        return int(digits)
    except ValueError:
        return None


class _Decoded:
    """The part of a response that generated parsers look at, its JSON decoded already."""

    status_code = 200

    def __init__(self, document: Any) -> None:
        self.json = lambda: document


_JSON = json.JSONDecoder(parse_constant=_nothing)
