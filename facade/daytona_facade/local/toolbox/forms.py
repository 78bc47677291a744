"""Multipart forms, read part by part as they come."""

from collections.abc import AsyncGenerator
from typing import Literal, NamedTuple

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request


class FormError(Exception):
    """A body that is no form, or not all of one; the text says why."""


class Event(NamedTuple):
    """The begin of a part with its name, some of its bytes, or its end."""

    kind: Literal["begin", "data", "end"]
    name: str = ""
    data: bytes = b""


class _Reader:
    """Turns the parser's callbacks into events."""

    def __init__(self, boundary: bytes) -> None:
        self.events: list[Event] = []
        self.ended = False
        self._header, self._value, self._name = b"", b"", ""
        self.parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._add_field,
                "on_header_value": self._add_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._end_headers,
                "on_part_data": self._add_data,
                "on_part_end": self._end_part,
                "on_end": self._end,
            },
        )

    def take(self) -> list[Event]:
        """Return the events since the last look."""
        events, self.events = self.events, []
        return events

    def _begin(self) -> None:
        self._header, self._value, self._name = b"", b"", ""

    def _add_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, options = parse_options_header(self._value)
            self._name = options.get(b"name", b"").decode(errors="surrogateescape")
        self._header, self._value = b"", b""

    def _end_headers(self) -> None:
        self.events.append(Event("begin", self._name))

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        self.events.append(Event("data", data=data[start:end]))

    def _end_part(self) -> None:
        self.events.append(Event("end"))

    def _end(self) -> None:
        self.ended = True


async def form_events(request: Request) -> AsyncGenerator[Event, None]:
    """Yield what a form holds, in its order; raise FormError where it is broken or ends too early."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise FormError("invalid multipart form")
    reader = _Reader(boundary)
    try:
        async for data in request.stream():
            reader.parser.write(data)
            for event in reader.take():
                yield event
    except FormParserError as exc:
        raise FormError(f"multipart: {exc}") from None
    except ClientDisconnect:
        raise FormError("unexpected EOF") from None
    if not reader.ended:
        raise FormError("multipart: NextPart: EOF")
