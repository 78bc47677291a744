"""What an action yields, ``Call`` and ``Pause``, and what the engine yields for it, ``Exchange`` and ``Pause``."""

from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

import attrs
import httpx

from .. import limits
from .._responses.bodies import Body, Consumer, ErrorBody
from .._responses.decoding import Answer
from ..errors import protocol_error
from .deadline import Deadline

T = TypeVar("T")
Out = TypeVar("Out")
Out_co = TypeVar("Out_co", covariant=True)

_BATCH = 256
_NO_HEADERS = httpx.Headers()


@attrs.frozen(eq=False, repr=False)
class Call(Generic[T]):
    """One request of an action, and how to read its 2xx answer."""

    path: str
    """The path's template, for log records."""
    request: dict[str, Any]
    """What the generated request builder returned: method, url, and params, json or files."""
    parse: Callable[[Answer], T]
    sandbox_id: str | None = None
    """The sandbox whose toolbox is called; ``None`` is the REST API."""
    consumer: Callable[[], Consumer] | None = None
    """Reads the body of a file as it arrives; ``None`` collects the bytes."""
    limit: int | None = limits.JSON_BYTES
    """Bytes of a 2xx body; ``None`` is the client's limit for downloads."""
    on_headers: Callable[[httpx.Headers], None] | None = None
    """Called with the headers of each 2xx answer, before its body arrives."""

    def __iter__(self) -> "Steps[T]":
        answer: T = yield self
        return answer


class Pause:
    """A wait between two calls or two attempts."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __iter__(self) -> "Steps[None]":
        yield self


class Exchange:
    """One attempt of a call: the request to send, and the answer as it arrives."""

    def __init__(self, call: Call[Any], request: httpx.Request, deadline: Deadline, limit: int) -> None:
        self.call = call
        self.request = request
        self.deadline = deadline
        self.status: int | None = None
        self.headers = _NO_HEADERS
        self.body: Body | ErrorBody | None = None
        self._limit = limit

    def begin(self, response: httpx.Response) -> Body | ErrorBody:
        """Take the head of the answer, and return the reader of its body."""
        call, self.status, self.headers = self.call, response.status_code, response.headers
        if not 200 <= self.status < 300:
            self.body = ErrorBody(self.headers)
            return self.body
        if call.on_headers:
            call.on_headers(self.headers)
        consumer, what = (call.consumer(), "the file") if call.consumer else (None, "the answer")
        self.body = Body(self.headers, consumer, self._limit, what)
        return self.body


Steps: TypeAlias = Generator[Call[Any] | Pause, Any, Out]
"""An action: it yields calls and pauses, receives answers, and returns its output."""
Exchanges: TypeAlias = Generator[Exchange | Pause, Any, Out]
"""An action that the engine runs: it yields exchanges and pauses, which a driver carries out."""


class Operation(Protocol[Out_co]):
    """What the engine needs to know of an action."""

    @property
    def name(self) -> str: ...
    @property
    def steps(self) -> Callable[..., Steps[Out_co]]: ...
    @property
    def deadline_s(self) -> Callable[[Mapping[str, Any]], float]: ...
    def bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]: ...
    @property
    def validate(self) -> Callable[[tuple[Any, ...], Mapping[str, Any], Any], dict[str, Any]]: ...
    def secrets(self, arguments: Mapping[str, Any]) -> Iterable[str]: ...
    def failed(self, failure: Any) -> Out_co: ...


def in_batches(items: list[Any], convert: Callable[[list[Any]], list[T]]) -> Steps[list[T]]:
    """Convert a list in batches, pausing between them so that the deadline and other tasks are served."""
    converted: list[T] = []
    for start in range(0, len(items), _BATCH):
        if start:
            yield from Pause(0)
        converted += convert(items[start : start + _BATCH])
    return converted


def check_length(items: list[Any]) -> list[Any]:
    """Reject a list that is longer than any real answer."""
    if len(items) > limits.LIST_ENTRIES:
        raise protocol_error(f"the answer lists more than {limits.LIST_ENTRIES:,} entries")
    return items
