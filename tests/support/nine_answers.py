"""Nine answers of Daytona that no model could read raw, as the wire carries them, and the calls that get them."""

import base64
import random
import re
import struct
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import attrs
import httpx

from daytona_facade import AsyncDaytona, Daytona, limits

BOX = "6b3f7d2e-0c1a-4f6e-9a55-0d4b7c1e2f30"
POINTS = 20_000
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + random.Random(1).randbytes(2_000_000)
BINARY = b"\x7fELF\x02\x01\x01\x00" + random.Random(2).randbytes(3_000_000)
RESULT_END = "line 99999 of the program's output\n"


def png(size: int = 100) -> bytes:
    """Return a real PNG picture of noise, so that it does not compress."""
    noise = random.Random(3)
    rows = b"".join(b"\x00" + noise.randbytes(3 * size) for _ in range(size))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def text(size: int) -> bytes:
    """Return lines of text, each another."""
    line = "Line {:>7} of the report: the café serves naïve visitors.\n"
    written = "".join(line.format(number) for number in range(size // 50))
    return written.encode()[: size - 1].decode(errors="ignore").encode() + b"\n"


@attrs.frozen
class Case:
    """One call, and what the wire answers to it."""

    action: str
    arguments: Mapping[str, Any]
    response: Callable[[], httpx.Response]
    picture: bytes | None = None
    """The picture that a model has to see."""
    shows: tuple[str, ...] = ()
    """What the text for a model has to contain."""
    structured: bool = False
    """Whether the MCP server sends structured content with it."""

    def clients(self) -> dict[str, Any]:
        """Return a client of each kind that gets this answer."""
        transport = httpx.MockTransport(self.answer)
        options: dict[str, Any] = {"toolbox_url": "http://toolbox", "transport": transport}
        return {"sync": Daytona("key", **options), "async": AsyncDaytona("key", **options)}

    def answer(self, _request: httpx.Request) -> httpx.Response:
        """Answer a request, whatever it asks."""
        return self.response()


def _file(content: bytes) -> Callable[[], httpx.Response]:
    return lambda: httpx.Response(200, content=content, headers={"content-disposition": "attachment"})


def _json(make: Callable[[], Any]) -> Callable[[], httpx.Response]:
    return lambda: httpx.Response(200, json=cache(make)())


def _chart() -> dict[str, Any]:
    points = [[number / 7, number * 1.5] for number in range(POINTS)]
    chart = {
        "type": "scatter",
        "title": "Outliers",
        "png": base64.b64encode(png()).decode(),
        "x_label": "time",
        "y_label": "height",
        "x_ticks": [0.0, 10_000.0, 20_000.0],
        "elements": [{"label": "series", "points": points}],
    }
    return {"exitCode": 0, "result": "plotted\n", "artifacts": {"charts": [chart]}}


def _directory() -> list[dict[str, Any]]:
    return [
        {"name": f"file-{number:05}.txt", "isDir": False, "size": number, "mode": "-rw-r--r--", "permissions": "0644",
         "owner": "daytona", "group": "daytona", "modTime": "2026-11-25 10:00:00 +0000 UTC"}
        for number in range(20_000)
    ]  # fmt: skip


def _result() -> dict[str, Any]:
    lines = "".join(f"line {number:05} of the program's output\n" for number in range(100_000))
    return {"exitCode": 0, "result": lines[-1_000_000:]}


def _sandboxes() -> dict[str, Any]:
    items = [
        {"id": f"{number:08}-0c1a-4f6e-9a55-0d4b7c1e2f30", "name": f"worker-{number}", "state": "started",
         "snapshot": "daytona-small", "target": "eu", "cpu": 1, "gpu": 0, "memory": 1, "disk": 3, "public": False,
         "labels": {"project": "a-project-of-some-length", "owner": f"person-{number}@example.com", "stage": "test"},
         "autoStopInterval": 15, "createdAt": "2026-11-25T10:00:00.000Z", "updatedAt": "2026-11-25T10:00:00.000Z"}
        for number in range(200)
    ]  # fmt: skip
    return {"items": items, "nextCursor": "cursor-of-the-next-page"}


def _download(path: str, content: bytes, **expected: Any) -> Case:
    return Case("download_file", {"sandbox_id": BOX, "file_path": path}, _file(content), **expected)


_PLOT = {"sandbox_id": BOX, "code": "plt.show()", "language": "python"}
CASES = {
    "chart of 20,000 points": Case(
        "run_code", _PLOT, _json(_chart), png(), ("plotted", "scatter", "Outliers", "height", "20,000")
    ),
    "PNG file": _download("plots/plot.png", png(), picture=png(), shows=("plot.png", "image/png")),
    "JPEG of 2 MB": _download("photo.bin", JPEG, picture=JPEG, shows=("photo.bin", "image/jpeg")),
    "text of 20 KB": _download("report.dat", text(20_000), shows=(text(20_000).decode(),)),
    "text of 2 MB": _download(
        "my report.txt", text(2_000_000),
        shows=("Line       0 of", text(2_000_000).decode()[-500:], "left out", "sed -n"),
    ),
    "binary of 3 MB": _download("tool", BINARY, shows=("tool", "3,000,008 bytes", "execute_command")),
    "directory of 20,000 files": Case(
        "list_files", {"sandbox_id": BOX, "path": "many"}, _json(_directory), shows=("20,000", "file-00000.txt", "find")
    ),
    "result of 1 MB": Case(
        "execute_command", {"sandbox_id": BOX, "command": "seq"}, _json(_result),
        shows=(RESULT_END.strip(), "left out", "tail"), structured=True,
    ),
    "200 sandboxes": Case(
        "list_sandboxes", {"limit": 200}, _json(_sandboxes),
        shows=("worker-0", "worker-199", "cursor-of-the-next-page", "00000199-0c1a-4f6e-9a55-0d4b7c1e2f30"),
        structured=True,
    ),
}  # fmt: skip


def check(case: Case, text: str, pictures: list[bytes]) -> None:
    """Hold what a model is shown to the rules: short, no base64, the picture as a picture, the rest in words."""
    assert len(text) <= limits.MODEL_CHARS
    assert not re.search(r"[A-Za-z0-9+/]{1500}", text)
    assert pictures == ([case.picture] if case.picture else [])
    for words in case.shows:
        assert words in text
