"""What a command prints: in memory while it is short, on the sandbox's disk when it grows, and cut at a limit."""

import codecs
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

from starlette.responses import Response, StreamingResponse

from .go_text import whole

MEMORY_BYTES = 1024**2
# More than a client of this project takes (100 MiB): it meets its own limit here as it does at Daytona's.
LIMIT_BYTES = 128 * 1024**2
CHUNK = 256 * 1024

Filter = Callable[[Iterator[str]], Iterator[str]]


class Output:
    """The bytes that a command has printed; what comes after the limit is counted and dropped."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115 - closed by whoever reads it
        self._printed = 0
        self._kept = 0
        self._full = False

    @property
    def is_short(self) -> bool:
        """Whether all of it is in memory."""
        return self._kept <= MEMORY_BYTES

    def write(self, data: bytes) -> None:
        """Keep what was printed, as long as the limit and the disk allow."""
        self._printed += len(data)
        if self._full:
            return
        kept = data[: LIMIT_BYTES - self._kept]
        self._full = len(kept) < len(data)
        try:
            self._file.write(kept)
        except OSError:
            self._full = True
        else:
            self._kept += len(kept)

    def texts(self) -> Iterator[str]:
        """Read it piece by piece; where it was cut, a last line says so."""
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._file.seek(0)
        while data := self._file.read(CHUNK):
            yield whole(decoder.decode(data))
        yield whole(decoder.decode(b"", final=True))
        if self._full:
            yield f"\n[cut: {self._kept} of {self._printed} bytes were kept]\n"

    def close(self) -> None:
        """Give up the memory or the file."""
        self._file.close()


def respond(exit_code: int, output: Output, charts: list[dict[str, Any]], keep: Filter) -> Response:
    """Answer with what a command printed; ``keep`` takes the charts out of it as it is read."""
    body = _body(exit_code, output, charts, keep)
    if output.is_short:
        return Response(b"".join(body), media_type="application/json")
    return StreamingResponse(body, media_type="application/json")


def _body(exit_code: int, output: Output, charts: list[dict[str, Any]], keep: Filter) -> Iterator[bytes]:
    with closing(output):
        yield f'{{"exitCode":{exit_code},"result":"'.encode()
        for text in keep(output.texts()):
            yield json.dumps(text, ensure_ascii=False)[1:-1].encode()
        yield b'"'
        if charts:
            yield b',"artifacts":' + json.dumps({"charts": charts}, ensure_ascii=False).encode()
        yield b"}"
