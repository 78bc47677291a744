"""Each daemon generation differs on the wire as it did in life."""

from collections.abc import Iterator

import pytest

from daytona_facade.local import LocalDaytona
from test_local.rows import covers
from test_local.wire import Wire

VERSIONS = ("0.190", "0.205", "0.226")


@pytest.fixture(scope="module", params=VERSIONS)
def played(request: pytest.FixtureRequest) -> Iterator[tuple[str, Wire]]:
    """Serve one sandbox as a daemon of some version."""
    with LocalDaytona(daemon=request.param) as backend, Wire(backend) as wire:
        wire.box = wire.made()
        yield request.param, wire


@covers("profiles: kvm is 0.226's, region fields are 0.205's")
def test_fields_of_a_sandbox(played: tuple[str, Wire]) -> None:
    """A generation's sandboxes have its fields, and its list items too."""
    version, wire = played
    body = wire.rest("GET", f"/sandbox/{wire.box}").json()
    (item,) = wire.rest("GET", "/sandbox").json()["items"]

    assert (version == "0.226") == ("kvm" in body)
    assert (version != "0.190") == ("spot" in body)
    assert (version != "0.190") == ("networkBlockAll" in item)
    assert f"v{version}.0" == body["daemonVersion"]


@covers("profiles: errors of file routes are empty in 0.190")
@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/files/download?path=none", 404, "FILE_NOT_FOUND"),
        ("/files?path=none", 404, "FILE_NOT_FOUND"),
        ("/files/download?path=/tmp", 400, "INVALID_FILE_PATH"),
        ("/files/download", 400, "BAD_REQUEST"),
    ],
)
def test_errors_of_files(played: tuple[str, Wire], path: str, status: int, code: str) -> None:
    """An error about a file has a reason only in newer generations."""
    version, wire = played
    answer = wire.toolbox("GET", path)

    assert status == answer.status_code
    if version == "0.190":
        assert answer.content == b""
    else:
        assert (code, "DAYTONA_DAEMON") == (answer.json()["code"], answer.json()["source"])


@covers("profiles: /files/upload is 0.190's, /files/upload-v2 is newer", "profiles: bulk-upload is everyone's")
def test_upload_routes(played: tuple[str, Wire]) -> None:
    """Only the bulk route is there in every generation."""
    version, wire = played
    old = wire.toolbox("POST", "/files/upload?path=old/x", files={"file": ("x", b"1")})
    new = wire.toolbox("POST", "/files/upload-v2?path=new/x", files={"file": ("x", b"1")})

    if version == "0.190":
        assert (old.status_code, old.content) == (200, b"")
        assert (new.status_code, new.text) == (404, "404 page not found")
        assert wire.output("stat -c %a old") == "750\n"
    else:
        assert (old.status_code, new.status_code) == (404, 200)
    assert wire.upload("bulk/x", b"1").status_code == 200


@covers("profiles: codes of other errors")
def test_codes(played: tuple[str, Wire]) -> None:
    """Newer generations have codes of their own for timeouts and clones."""
    version, wire = played
    timeout = wire.toolbox("POST", "/process/execute", json={"command": "sleep 9", "timeout": 1}).json()
    clone = wire.toolbox("POST", "/git/clone", json={"url": "/nowhere", "path": "c"}).json()
    proxied = wire.toolbox("GET", "/files", "nobody").json()
    codes = (
        ("REQUEST_TIMEOUT", "NOT_FOUND") if version == "0.190" else ("PROCESS_EXECUTION_TIMEOUT", "GIT_REPO_NOT_FOUND")
    )

    assert codes == (timeout["code"], clone["code"])
    assert (version != "0.190") == ("source" in proxied)


@covers("profiles: depth and path of entries are newer")
def test_depth(played: tuple[str, Wire]) -> None:
    """A listing goes deeper, and tells paths, only in newer generations."""
    version, wire = played
    wire.execute("mkdir -p d/e/f")
    found = wire.toolbox("GET", "/files?path=d&depth=2").json()

    assert (1 if version == "0.190" else 2) == len(found)
    assert (version != "0.190") == ("path" in found[0])
