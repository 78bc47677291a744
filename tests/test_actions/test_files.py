"""Files of a sandbox, on real sockets, sync and async."""

import base64
import gzip
import hashlib
import os
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from support.callers import Caller, MockServer

ID = "6b3f7d2e-0c1a-4f6e-9a55-0d4b7c1e2f30"
CAP = 104_857_600


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.mark.parametrize("size", [0, 1, 2, 3, 65_537, 3_000_001])
def test_round_trip(size: int, on_backend: Caller, sandbox_id: str) -> None:
    """A file that was uploaded is downloaded byte for byte."""
    content = os.urandom(size)

    up = on_backend("upload_file", sandbox_id, "deep/er/data.bin", encoded(content))
    down = on_backend("download_file", sandbox_id, "deep/er/data.bin")

    assert (up.uploaded_path, up.name, up.size) == ("deep/er/data.bin", "data.bin", size)
    assert (down.name, down.mime_type, down.size) == ("data.bin", "application/octet-stream", size)
    assert hashlib.sha256(content).digest() == hashlib.sha256(base64.b64decode(down.content_base64)).digest()


def test_bytes_that_look_like_a_boundary(on_backend: Caller, sandbox_id: str) -> None:
    """No content can end the upload early: the boundary is random."""
    content = b"one\r\n--+++--\r\ntwo\r\n--+++\r\n\r\n"

    on_backend("upload_file", sandbox_id, "tricky", encoded(content))

    assert encoded(content) == on_backend("download_file", sandbox_id, "tricky").content_base64


def test_into_a_directory(on_backend: Caller, sandbox_id: str) -> None:
    """With a trailing slash the destination is a directory, and the file name is joined to it."""
    output = on_backend("upload_file", sandbox_id, "reports/", encoded(b"a,b\n"), file_name="über uns.csv")

    assert (output.uploaded_path, output.name) == ("reports/über uns.csv", "über uns.csv")
    down = on_backend("download_file", sandbox_id, "reports/über uns.csv")
    assert ("text/csv", encoded(b"a,b\n")) == (down.mime_type, down.content_base64)


def test_file_name_without_a_directory_only_names(on_backend: Caller, sandbox_id: str) -> None:
    """Without a trailing slash the path is the file; ``file_name`` only changes the reported name."""
    output = on_backend("upload_file", sandbox_id, "exact.txt", encoded(b"x"), file_name="Exact name")

    assert (output.uploaded_path, output.name) == ("exact.txt", "Exact name")


def test_listing(on_backend: Caller, sandbox_id: str) -> None:
    """A listing has every field of each entry, with times in UTC."""
    on_backend(
        "execute_command", sandbox_id, "mkdir -p shop/shelf && printf 12345 > shop/.hidden && chmod 640 shop/.hidden"
    )

    hidden, shelf = on_backend("list_files", sandbox_id, "shop").files

    assert (
        hidden.name,
        hidden.is_dir,
        hidden.size,
        hidden.mode,
        hidden.permissions,
    ) == (".hidden", False, 5, "-rw-r-----", "0640")
    assert (shelf.name, shelf.is_dir) == ("shelf", True)
    assert hidden.modified_at.endswith("Z")
    assert hidden.owner.isdigit()
    assert hidden.group.isdigit()
    assert "shop" in [entry.name for entry in on_backend("list_files", sandbox_id).files]


@pytest.mark.parametrize(
    ("sent", "reported"),
    [
        ({"modifiedAt": "2026-06-01T12:00:00.123456789Z"}, "2026-06-01T12:00:00.123456Z"),
        ({"modTime": "2026-06-01 12:00:00.1 +0000 UTC"}, "2026-06-01T12:00:00.100000Z"),
        ({"modTime": "2026-06-01 14:00:00 +0200 CEST m=+0.1"}, "2026-06-01T12:00:00Z"),
        ({"modifiedAt": None, "modTime": "2026-06-01 12:00:00 +0000 UTC"}, "2026-06-01T12:00:00Z"),
        ({"modifiedAt": "yesterday"}, None),
        ({"modifiedAt": "12"}, None),
        ({"modifiedAt": ""}, None),
        ({"modifiedAt": "2026-06-01Z"}, None),
        ({"modifiedAt": "2026-06-01T12:00:00+02:00Z"}, None),
        ({"modifiedAt": 5}, None),
        ({}, None),
    ],
)
def test_times(sent: dict[str, object], reported: str | None, caller_class: type[Caller]) -> None:
    """Times of every daemon version become ISO 8601 in UTC; a text that is not a time becomes None."""
    server = MockServer(httpx.Response(200, json=[{"name": "f", **sent}]))
    with caller_class("key", transport=server.transport) as caller:
        assert caller("list_files", ID).files[0].modified_at == reported


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("aGVsbG8", "padding"),
        ("aGVsbG8==", "padding"),
        ("aGVs$G8=", "'$' at position 4"),
        ("aGVs\nbG8-", "'-' at position 8"),
        ("aG=sbG8=", "'s' at position 3"),
        ("aGVsbG8=aGVs", "'a' at position 8"),
        ("é" + "A" * 3, "'\\xe9' at position 0"),
        ("A" * (2**20 + 4) + "%AAA", f"'%' at position {2**20 + 4}"),
        ("=", "padding"),
        ("A===", "padding"),
    ],
)
def test_wrong_base64_sends_nothing(text: str, complaint: str, caller_class: type[Caller]) -> None:
    """The whole text is checked first, and the error names the position of the fault."""
    server = MockServer(httpx.Response(200, json={}))
    with caller_class("key", transport=server.transport) as caller:
        output = caller("upload_file", ID, "x", text)

    assert output.failure.kind == "invalid_input"
    assert complaint in output.error
    assert server.requests == []


def test_wrapped_base64(on_backend: Caller, sandbox_id: str) -> None:
    """Base64 that another tool wrapped is accepted, wherever its lines break."""
    content = os.urandom(2_000_000)
    wrapped = base64.encodebytes(content).decode().replace("\n", "\r\n ")

    assert len(content) == on_backend("upload_file", sandbox_id, "wrapped", wrapped).size
    assert encoded(content) == on_backend("download_file", sandbox_id, "wrapped").content_base64


@pytest.mark.parametrize("file_name", [None, "", "a/b", "..", "."])
def test_directory_needs_a_plain_name(file_name: str | None, caller_class: type[Caller]) -> None:
    """A directory without a usable file name is refused, and the error says so."""
    server = MockServer(httpx.Response(200, json={}))
    with caller_class("key", transport=server.transport) as caller:
        output = caller("upload_file", ID, "dir/", "aGk=", file_name=file_name)

    assert "file_name" in output.error
    assert server.requests == []


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"errors": ["disk full"], "files": []}),
        (400, {"errors": ["disk full"], "files": []}),
        (200, {"files": [{"path": "x", "bytes": 1}]}),
    ],
)
def test_partial_upload(status: int, body: dict[str, object], caller_class: type[Caller]) -> None:
    """A partial write is a failure, whatever the status."""
    server = MockServer(lambda _: httpx.Response(status, json=body))
    with caller_class("key", transport=server.transport) as caller:
        output = caller("upload_file", ID, "x", "aGk=")

    assert not output.success
    assert ("disk full" in output.error) == ("errors" in body)


def test_upload_to_a_daemon_that_says_nothing(caller_class: type[Caller]) -> None:
    """An empty 200 is a success."""
    server = MockServer(lambda _: httpx.Response(200))
    with caller_class("key", transport=server.transport) as caller:
        assert caller("upload_file", ID, "x", "aGk=").size == 2


class Zeros(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body of zeros without a declared length, which counts what is taken of it."""

    def __init__(self, size: int, chunk: int = 65_536) -> None:
        self.taken = 0
        self._size, self._chunk = size, chunk

    def __iter__(self) -> Iterator[bytes]:
        while self.taken < self._size:
            size = min(self._chunk, self._size - self.taken)
            self.taken += size
            yield bytes(size)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk


def test_exactly_the_cap_passes(caller_class: type[Caller]) -> None:
    """A file of exactly 104,857,600 bytes is downloaded whole."""
    server = MockServer(httpx.Response(200, stream=Zeros(CAP)))
    with caller_class("key", transport=server.transport) as caller:
        output = caller("download_file", ID, "big")

    assert (output.size, len(output.content_base64)) == (CAP, 139_810_136)


def test_one_byte_over_the_cap(caller_class: type[Caller]) -> None:
    """A body that does not declare its length is cut off within a chunk of the cap."""
    body = Zeros(5 * 2**30)
    server = MockServer(httpx.Response(200, stream=body))
    with caller_class("key", transport=server.transport) as caller:
        output = caller("download_file", ID, "big")

    assert output.failure.kind == "too_large"
    assert CAP < body.taken <= CAP + 65_536


def test_a_declared_length_over_the_cap_is_not_read(caller_class: type[Caller]) -> None:
    """A declared length of 101 MB is refused before the body is read."""
    body = Zeros(101 * 2**20)
    server = MockServer(httpx.Response(200, stream=body, headers={"content-length": str(101 * 2**20)}))
    with caller_class("key", transport=server.transport) as caller:
        output = caller("download_file", ID, "big")

    assert (output.failure.kind, body.taken) == ("too_large", 0)


def test_a_smaller_cap(on_backend: Caller, sandbox_id: str) -> None:
    """With a smaller cap, a file of that size passes and one byte more fails."""
    on_backend("execute_command", sandbox_id, "head -c 1000 /dev/zero > small")
    whole = on_backend.client

    on_backend.client = whole.with_options(max_download_bytes=1000)
    assert on_backend("download_file", sandbox_id, "small").size == 1000
    on_backend.client = whole.with_options(max_download_bytes=999)
    assert on_backend("download_file", sandbox_id, "small").failure.kind == "too_large"


def test_gzip_does_not_slip_through(caller_class: type[Caller]) -> None:
    """The cap counts decoded bytes: a small gzip body that expands past it is refused."""
    body = gzip.compress(bytes(3_000_000))
    server = MockServer(lambda _: httpx.Response(200, content=body, headers={"content-encoding": "gzip"}))
    with caller_class("key", transport=server.transport, max_download_bytes=2_999_999) as caller:
        assert caller("download_file", ID, "bomb").failure.kind == "too_large"
    with caller_class("key", transport=server.transport, max_download_bytes=3_000_000) as caller:
        assert caller("download_file", ID, "bomb").size == 3_000_000


def test_a_short_body_is_a_failure(caller_class: type[Caller]) -> None:
    """A body shorter than its declared length is a failure."""
    server = MockServer(lambda _: httpx.Response(200, stream=Zeros(9), headers={"content-length": "10"}))
    with caller_class("key", transport=server.transport) as caller:
        assert not caller("download_file", ID, "x").success


@pytest.mark.parametrize(("path", "kind"), [("missing", 404), (".", 400)])
def test_what_is_no_file(path: str, kind: int, on_backend: Caller, sandbox_id: str) -> None:
    """A missing file and a directory are failures with a telling status."""
    assert on_backend("download_file", sandbox_id, path).failure.status_code == kind


@pytest.mark.parametrize(
    ("name", "mime_type"),
    [
        ("a.json", "application/json"),
        ("a.tar.gz", "application/gzip"),
        ("a.PNG", "image/png"),
        ("a", "application/octet-stream"),
        ("dir.csv/a", "application/octet-stream"),
        ("dir/page.html", "text/html"),
    ],
)
def test_mime_type(name: str, mime_type: str, caller_class: type[Caller]) -> None:
    """The type is guessed from the name: the server always says octet-stream."""
    headers = {"content-type": "application/octet-stream"}
    server = MockServer(lambda _: httpx.Response(200, content=b"x", headers=headers))
    with caller_class("key", transport=server.transport) as caller:
        output = caller("download_file", ID, name)

    assert (mime_type, name.rpartition("/")[2]) == (output.mime_type, output.name)


def test_a_page_is_no_file(caller_class: type[Caller]) -> None:
    """An HTML page instead of a file, the sign of a wrong URL, is a failure."""
    server = MockServer(lambda _: httpx.Response(200, html="<!doctype html>"))
    with caller_class("key", transport=server.transport) as caller:
        assert caller("download_file", ID, "x").failure.kind == "protocol"


@pytest.mark.parametrize("path", ["missing", "file"])
def test_listing_what_is_no_directory(path: str, on_backend: Caller, sandbox_id: str) -> None:
    """Listing a missing directory or a file is a failure with the right kind."""
    on_backend("execute_command", sandbox_id, "touch file")

    assert {"missing": 404, "file": 400}[path] == on_backend("list_files", sandbox_id, path).failure.status_code
