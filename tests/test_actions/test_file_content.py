"""Files whose size is not their content's, and paths with white space at their ends."""

import base64
import io
import json
from collections.abc import Callable

import httpx
import pytest

from daytona_facade.actions import streamed_files
from hostile.canaries import KEY
from support.callers import Caller, MockServer, SyncCaller

ID = "6b3f7d2e-0c1a-4f6e-9a55-0d4b7c1e2f30"
CONTENT = b"processor\t: 0\r\n\xff\r\n"
_ERROR = {"statusCode": 500, "message": "read /proc/1/mem: input/output error", "code": "FILE_READ_FAILED"}


def _part(field: str, content: bytes) -> bytes:
    head = f'--B\r\nContent-Disposition: form-data; name="{field}"; filename="x"\r\nContent-Length: 0\r\n\r\n'
    return head.encode() + content + b"\r\n"


def _bulk(*parts: bytes) -> httpx.Response:
    body = b"".join(parts) + b"--B--\r\n"
    return httpx.Response(200, content=body, headers={"content-type": "multipart/form-data; boundary=B"})


def _daemon(bulk: httpx.Response) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/files/download"):
            return httpx.Response(200, headers={"content-length": "0"})
        assert request.url.path.endswith("/files/bulk-download")
        return bulk

    return answer


def _call(caller_class: type[Caller], bulk: httpx.Response, path: str, **options: int) -> tuple[MockServer, object]:
    server = MockServer(_daemon(bulk))
    with caller_class(KEY, toolbox_url="http://t.invalid", transport=server.transport, **options) as call:
        return server, call("download_file", ID, path)


@pytest.mark.parametrize("path", ["/proc/cpuinfo", "/sys/kernel/x", "/proc/self/../cpuinfo", "relative", "/mnt/fuse"])
def test_the_content_of_a_file_without_a_size(path: str, caller_class: type[Caller]) -> None:
    """What the plain route calls empty is read by the route that reads to the end."""
    server, output = _call(caller_class, _bulk(_part("file", CONTENT)), path)

    assert base64.b64decode(output.content_base64) == CONTENT  # type: ignore[attr-defined]
    assert json.loads(server.requests[-1].content) == {"paths": [path]}
    assert len(server.requests) <= 2


@pytest.mark.parametrize("path", ["empty", "/proc/empty", "/tmp/a"])
def test_a_file_that_is_empty(path: str, caller_class: type[Caller]) -> None:
    """An empty part proves that the file is empty."""
    _, output = _call(caller_class, _bulk(_part("file", b"")), path)

    assert (output.success, output.size, output.content_base64) == (True, 0, "")  # type: ignore[attr-defined]


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_daemon_without_the_bulk_route(status: int, caller_class: type[Caller]) -> None:
    """Then an empty file is taken as empty, but for the kernel's, which never are."""
    bulk = httpx.Response(status, text="404 page not found")

    assert _call(caller_class, bulk, "empty")[1].success  # type: ignore[attr-defined]
    kernel = _call(caller_class, bulk, "/proc/cpuinfo")[1]
    assert kernel.failure.kind == "protocol"  # type: ignore[attr-defined]
    assert "/proc/cpuinfo" in kernel.error  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("bulk", "kind"),
    [
        (_bulk(_part("error", json.dumps(_ERROR).encode())), "server"),
        (_bulk(_part("error", b'{"statusCode": 403, "message": "denied"}')), "permission"),
        (_bulk(_part("file", b"half"), _part("error", b"error streaming file: input/output error")), "server"),
        (
            httpx.Response(200, content=b"--B\r\nx", headers={"content-type": "multipart/form-data; boundary=B"}),
            "protocol",
        ),
        (httpx.Response(500), "server"),
    ],
)
def test_content_that_cannot_be_read(bulk: httpx.Response, kind: str, caller_class: type[Caller]) -> None:
    """What the daemon says of it is the failure: never an empty success."""
    for path in ("/proc/1/mem", "some/file"):
        assert _call(caller_class, bulk, path)[1].failure.kind == kind  # type: ignore[attr-defined]


def test_the_cap_holds_for_content_without_a_size(caller_class: type[Caller]) -> None:
    """max_download_bytes counts the content, and not what is around it."""
    bulk = _bulk(_part("file", b"12345"))

    assert _call(caller_class, bulk, "/proc/x", max_download_bytes=5)[1].success  # type: ignore[attr-defined]
    assert _call(caller_class, bulk, "/proc/x", max_download_bytes=4)[1].failure.kind == "too_large"  # type: ignore[attr-defined]


def test_streamed_to_disk() -> None:
    """The download to disk writes the same content."""
    server = MockServer(_daemon(_bulk(_part("file", CONTENT))))
    target = io.BytesIO()
    client = SyncCaller(KEY, toolbox_url="http://t.invalid", transport=server.transport).client
    for path in ("/proc/cpuinfo", "relative"):
        output = streamed_files.download(target, lambda *_: None, rewinds=True).run(client, ID, path)

        assert output.size == len(CONTENT), output.error
        assert target.getvalue() == CONTENT


@pytest.mark.parametrize("path", ["dir/a ", " dir/a", "dir/a\n", "dir/a\u3000", "\x85dir/a\xa0"])
def test_one_path_is_one_file(path: str, on_backend: Caller, sandbox_id: str) -> None:
    """A daemon trims the path of an upload: the output names what was written, and a download finds it."""
    up = on_backend("upload_file", sandbox_id, path, "aGVsbG8=")
    down = on_backend("download_file", sandbox_id, path)

    assert (up.uploaded_path, up.name) == ("dir/a", "a")
    assert (down.name, down.content_base64) == ("a", "aGVsbG8=")


def test_a_name_that_ends_with_a_space(on_backend: Caller, sandbox_id: str) -> None:
    """A file that a program named so is found where no trimmed one is."""
    on_backend("execute_command", sandbox_id, "printf hi > 'a '")

    assert on_backend("download_file", sandbox_id, "a ").name == "a "
