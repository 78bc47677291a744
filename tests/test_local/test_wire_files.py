"""The toolbox's answers about files, row by row."""

import re
import secrets

import httpx
import pytest

from test_local.rows import covers
from test_local.wire import Wire


def told(answer: httpx.Response) -> tuple[int, str]:
    """Read the status and the code of an error."""
    return answer.status_code, answer.json()["code"]


@covers("upload: bulk, parents made, overwrites", "upload: bulk answers the files")
def test_bulk_upload(shared: Wire) -> None:
    """Files land where their paths say, over what was there; a path is trimmed."""
    for content in (b"first", b"2nd"):
        answer = shared.upload(" up/deep/a.txt ", content)

    assert answer.json() == {"files": [{"path": "up/deep/a.txt", "bytes": 3}]}
    assert shared.output("cat up/deep/a.txt") == "2nd"
    assert shared.output("stat -c %a up/deep") == "755\n"


@covers("upload: bulk takes several files")
def test_bulk_upload_of_several(shared: Wire) -> None:
    """Each file goes to the path of its own number."""
    fields = {"files[0].path": "many/0", "files[1].path": "/tmp/many-1"}
    files = {"files[0].file": ("x", b"zero"), "files[1].file": ("x", b"one")}

    assert shared.toolbox("POST", "/files/bulk-upload", data=fields, files=files).status_code == 200
    assert shared.output("cat many/0 /tmp/many-1") == "zeroone"


@covers(
    "upload: bulk errors are a list in a 400", "upload: a trailing slash is a directory 400", "upload: path before file"
)
def test_refused_bulk_uploads(shared: Wire) -> None:
    """What cannot be written is told, path by path, and the rest is written."""
    fields = {"files[0].path": "refused/", "files[1].path": "accepted"}
    files = {"files[0].file": ("x", b"0"), "files[1].file": ("x", b"1"), "files[2].file": ("x", b"2")}
    answer = shared.toolbox("POST", "/files/bulk-upload", data=fields, files=files)

    assert answer.status_code == 400
    assert answer.json()["errors"][0] == "refused/: open refused/: is a directory"
    assert "no destination path" in answer.json()["errors"][1]
    assert answer.json()["files"] == [{"path": "accepted", "bytes": 1}]
    assert shared.toolbox("POST", "/files/bulk-upload", content=b"x").status_code == 400


@covers("upload: v2 as a form and raw")
def test_upload_v2(shared: Wire) -> None:
    """The newer route takes a form or the bytes themselves."""
    form = shared.toolbox("POST", "/files/upload-v2?path=v2/form.txt", files={"file": ("x", b"form")})
    raw = shared.toolbox("POST", "/files/upload-v2?path=v2/raw.bin", content=b"raw")

    assert form.json() == {"name": "form.txt", "path": "v2/form.txt", "type": "text/plain"}
    assert raw.json() == {"name": "raw.bin", "path": "v2/raw.bin", "type": "application/octet-stream"}
    assert shared.output("cat v2/form.txt v2/raw.bin") == "formraw"


@covers("download: 200 octet-stream with a length", "download: disposition in both forms")
def test_download(shared: Wire) -> None:
    """A file comes back with headers that name it."""
    content = secrets.token_bytes(300_000)
    shared.upload('down/ü "q".txt', content)
    answer = shared.toolbox("GET", "/files/download", params={"path": 'down/ü "q".txt'})

    assert content == answer.content
    assert answer.headers["content-type"] == "application/octet-stream"
    assert str(len(content)) == answer.headers["content-length"]
    assert answer.headers["content-disposition"].endswith("filename*=utf-8''%C3%BC%20%22q%22.txt")
    assert answer.headers["last-modified"]


@covers("download: Range")
def test_download_of_a_range(shared: Wire) -> None:
    """A part of a file can be asked for."""
    shared.upload("range.txt", b"0123456789")
    answer = shared.toolbox("GET", "/files/download?path=range.txt", headers={"Range": "bytes=2-4"})

    assert (answer.status_code, answer.content, answer.headers["content-range"]) == (206, b"234", "bytes 2-4/10")


@covers("download: missing 404", "download: no permission 403", "download: a directory 400", "download: no path 400")
def test_refused_downloads(shared: Wire) -> None:
    """What is not a readable file is refused."""
    shared.upload("closed.txt", b"x")
    shared.execute("chmod 0 closed.txt; mkfifo pipe")

    def download(path: str) -> httpx.Response:
        return shared.toolbox("GET", "/files/download", params={"path": path})

    assert told(download("nothing")) == (404, "FILE_NOT_FOUND")
    assert told(download("closed.txt")) == (403, "FILE_ACCESS_DENIED")
    assert told(download("/tmp")) == (400, "INVALID_FILE_PATH")
    assert told(download("pipe")) == (400, "INVALID_FILE_PATH")
    assert download("").status_code == 400
    assert download("a\0b").status_code == 400
    assert download("x" * 5000).status_code == 400
    assert download("/tmp").json()["message"] == "bad request: path must be a file"


@covers("download: special files without a length")
def test_download_of_a_file_that_hides_its_size(shared: Wire) -> None:
    """A file of /proc says that it is empty, and is not."""
    answer = shared.toolbox("GET", "/files/download?path=/proc/version")

    assert answer.content.startswith(b"Linux version")
    assert "content-length" not in answer.headers


@covers("bulk-download: 200 multipart with the boundary", "bulk-download: errors are parts")
def test_bulk_download(shared: Wire) -> None:
    """Every path has a part, be it the file or the reason why not."""
    shared.upload("bulk.txt", b"bulk\r\n")
    paths = ["bulk.txt", "nothing", "/tmp"]
    answer = shared.toolbox("POST", "/files/bulk-download", json={"paths": paths})
    parts = answer.content.split(b"--DAYTONA-FILE-BOUNDARY")

    assert answer.headers["content-type"] == "multipart/form-data; boundary=DAYTONA-FILE-BOUNDARY"
    assert (len(parts), parts[-1]) == (5, b"--\r\n")
    assert b'name="file"; filename="bulk.txt"' in parts[1]
    assert b"Content-Type: text/plain\r\nContent-Length: 6\r\n\r\nbulk\r\n\r\n" in parts[1]
    assert b'name="error"; filename="nothing"' in parts[2]
    assert b'"code":"FILE_NOT_FOUND"' in parts[2]
    assert b'"code":"INVALID_FILE_PATH"' in parts[3]


@covers("bulk-download: bad body 400 with error")
@pytest.mark.parametrize("body", [{}, {"paths": []}, {"paths": [1]}], ids=str)
def test_refused_bulk_downloads(shared: Wire, body: dict[str, object]) -> None:
    """A body without paths is refused in a shape of its own."""
    answer = shared.toolbox("POST", "/files/bulk-download", json=body)

    assert (400, {"error"}) == (answer.status_code, set(answer.json()))


@covers("list_files: sorted, one level, dotfiles", "list_files: every field", "list_files: empty is []")
def test_listing(shared: Wire) -> None:
    """A listing words each entry as Go does."""
    shared.execute(
        "mkdir -p l/dir/inner l/none; cd l; echo -n 12345 > b.txt; chmod 640 b.txt; touch .dot; chmod 1777 dir"
    )
    shared.execute("touch -d '2026-06-01T12:00:00.1Z' l/b.txt")
    found = shared.toolbox("GET", "/files?path=l").json()
    file = found[1]

    assert [item["name"] for item in found] == [".dot", "b.txt", "dir", "none"]
    assert [item["isDir"] for item in found] == [False, False, True, True]
    assert (file["size"], file["mode"], file["permissions"]) == (5, "-rw-r-----", "0640")
    assert (file["modTime"], file["modifiedAt"]) == ("2026-06-01 12:00:00.1 +0000 UTC", "2026-06-01T12:00:00.1Z")
    assert (file["owner"], file["group"]) == ("1000", "1000")
    assert found[2]["mode"] == "dtrwxrwxrwx"
    assert file["path"] == "/home/daytona/l/b.txt"
    assert shared.toolbox("GET", "/files?path=l/none").json() == []


@covers("list_files: /files and /files/, default the work dir", "list_files: depth")
def test_listing_of_the_home(shared: Wire) -> None:
    """Without a path the home is listed, and deeper on request."""
    shared.execute("mkdir -p l2/inner; touch l2/inner/x")

    assert "l2" in [item["name"] for item in shared.toolbox("GET", "/files").json()]
    assert "l2" in [item["name"] for item in shared.toolbox("GET", "/files/").json()]
    assert [item["name"] for item in shared.toolbox("GET", "/files?path=l2&depth=2").json()] == ["inner", "x"]
    assert shared.toolbox("GET", "/files?path=l2&depth=0").status_code == 400


@covers("list_files: links are followed, broken ones left out")
def test_listing_of_links(shared: Wire) -> None:
    """A link shows its own name and its target's data."""
    shared.execute("mkdir links; cd links; ln -s /tmp folder; ln -s nowhere broken; ln -s ../links/self self")
    found = shared.toolbox("GET", "/files?path=links").json()

    assert [(item["name"], item["isDir"]) for item in found] == [("folder", True)]


@covers("list_files: a file 400", "list_files: missing 404", "list_files: no permission 403")
def test_refused_listings(shared: Wire) -> None:
    """What is not a readable folder is refused."""
    shared.execute("touch afile; mkdir closed; chmod 0 closed")

    assert shared.toolbox("GET", "/files?path=afile").status_code == 400
    assert told(shared.toolbox("GET", "/files?path=nowhere")) == (404, "FILE_NOT_FOUND")
    assert told(shared.toolbox("GET", "/files?path=closed")) == (403, "FILE_ACCESS_DENIED")


@covers("list_files: names that are not UTF-8")
def test_listing_of_an_odd_name(shared: Wire) -> None:
    """A name that is not text is shown as well as can be."""
    shared.execute(r"mkdir odd; touch odd/$(printf 'a\xffb')")

    assert shared.toolbox("GET", "/files?path=odd").json()[0]["name"] == "a\ufffdb"


@covers("files: folder 201, info, move, delete 204", "files: work-dir and user-home-dir")
def test_other_file_routes(shared: Wire) -> None:
    """The routes around the twelve actions do what they say."""
    assert shared.toolbox("POST", "/files/folder?path=made/deep&mode=700").status_code == 201
    assert shared.toolbox("GET", "/files/info?path=made/deep").json()["permissions"] == "0700"
    assert shared.toolbox("POST", "/files/move?source=made/deep&destination=moved").status_code == 200
    assert shared.toolbox("GET", "/files/info?path=made/deep").status_code == 404
    assert shared.toolbox("POST", "/files/move?source=made&destination=moved").status_code == 409
    assert shared.toolbox("DELETE", "/files?path=moved").status_code == 400
    assert shared.toolbox("DELETE", "/files?path=moved&recursive=true").status_code == 204
    assert shared.toolbox("DELETE", "/files?path=moved").status_code == 404
    for route in ("/work-dir", "/user-home-dir"):
        assert shared.toolbox("GET", route).json() == {"dir": "/home/daytona"}
    assert re.fullmatch(r"v\d+\.\d+\.\d+", shared.toolbox("GET", "/version").json()["version"])
