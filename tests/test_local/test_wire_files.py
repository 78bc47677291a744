"""The toolbox's answers about files, row by row."""

import json
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
    assert answer.json()["errors"] == [
        "refused/: create: open refused/: is a directory",
        "file[2]: missing .path metadata",
    ]
    assert answer.json()["files"] == [{"path": "accepted", "bytes": 1}]
    assert shared.toolbox("POST", "/files/bulk-upload", content=b"x").status_code == 400


FORM = b'--B\r\nContent-Disposition: form-data; name="files[0].path"\r\n\r\n{path}\r\n'
FILE = b'--B\r\nContent-Disposition: form-data; name="files[0].file"; filename="x"\r\n\r\ncontent'


@covers("upload: a form that is not whole 400")
@pytest.mark.parametrize(
    ("content", "errors"),
    [
        (b"", ["reading part: multipart: NextPart: EOF"]),
        (FORM, ["reading part: multipart: NextPart: EOF"]),
        (FORM + FILE, ["cut.txt: write: unexpected EOF", "reading part: multipart: NextPart: EOF"]),
        (FORM.replace(b"{path}", b" \n") + b"--B--\r\n", ["path[0]: empty path"]),
    ],
    ids=["empty", "no file", "cut file", "blank path"],
)
def test_broken_forms(shared: Wire, content: bytes, errors: list[str]) -> None:
    """A form that ends too early is an error, however much of it has come."""
    content = content.replace(b"{path}", b"cut.txt")
    headers = {"Content-Type": "multipart/form-data; boundary=B"}
    answer = shared.toolbox("POST", "/files/bulk-upload", content=content, headers=headers)

    assert (answer.status_code, answer.json()["errors"]) == (400, errors)


@covers("upload: what is no form 400")
@pytest.mark.parametrize("media_type", ["", "multipart/form-data", "text/plain"])
def test_what_is_no_form(shared: Wire, media_type: str) -> None:
    """A body that does not say how it is parted is refused."""
    headers = {"Content-Type": media_type}
    answer = shared.toolbox("POST", "/files/bulk-upload", content=b"x", headers=headers)

    assert (answer.status_code, answer.json()) == (400, {"errors": ["invalid multipart form"], "files": None})


@covers("upload: into a named pipe", "upload: errors name the step")
def test_uploads_to_odd_places(shared: Wire) -> None:
    """A pipe takes what is sent; what cannot be written names the step that failed."""
    shared.execute("mkfifo up-pipe; touch up-file")
    full, through = shared.upload("/dev/full", b"x"), shared.upload("up-file/a/b", b"x")

    assert shared.upload("up-pipe", b"x").json() == {"files": [{"path": "up-pipe", "bytes": 1}]}
    assert full.json()["errors"] == ["/dev/full: write: write /dev/full: no space left on device"]
    assert through.json()["errors"] == ["up-file/a/b: mkdir up-file/a: mkdir up-file: not a directory"]


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
    shared.execute("chmod 0 closed.txt")

    def download(path: str) -> httpx.Response:
        return shared.toolbox("GET", "/files/download", params={"path": path})

    closed = download("closed.txt")

    assert told(download("nothing")) == (404, "FILE_NOT_FOUND")
    assert (closed.status_code, closed.text) == (403, "403 Forbidden\n")
    assert told(download("/tmp")) == (400, "INVALID_FILE_PATH")
    for path in ("", "a\0b", "x" * 5000, "closed.txt/x"):
        assert download(path).status_code == 400
    assert download("/tmp").json()["message"] == "bad request: path must be a file"


@covers("download: paths are cleaned")
@pytest.mark.parametrize("path", ["cl.txt/", "no/../cl.txt", "cl.txt/../cl.txt", "//home/daytona/./cl.txt"])
def test_download_of_a_path_that_is_not_clean(shared: Wire, path: str) -> None:
    """A path is cleaned by its text before it is looked for."""
    shared.upload("cl.txt", b"clean")

    assert shared.toolbox("GET", "/files/download", params={"path": path}).content == b"clean"


@covers("download: special files are empty, and whole in bulk")
def test_download_of_special_files(shared: Wire) -> None:
    """Files that say they are empty come empty, or whole by the bulk route; none of them is waited for."""
    shared.execute("mkfifo pipe; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"sock\")'")
    for path in ("/proc/version", "/dev/null", "/dev/zero", "pipe"):
        answer = shared.toolbox("GET", "/files/download", params={"path": path})
        assert (answer.status_code, answer.headers["content-length"]) == (200, "0")
    missing = shared.toolbox("GET", "/files/download", params={"path": "sock"})
    bulk = shared.toolbox("POST", "/files/bulk-download", json={"paths": ["/proc/version", "pipe", "sock"]}).content

    assert (missing.status_code, missing.text) == (404, "404 page not found\n")
    assert b"Content-Length: 0\r\n" in bulk
    assert b"\r\n\r\nLinux version" in bulk
    assert b"failed to open file: open sock: no such device or address" in bulk


@covers("bulk-download: 200 multipart with the boundary", "bulk-download: errors are parts")
def test_bulk_download(shared: Wire) -> None:
    """Every path has a part, be it the file or the reason why not."""
    shared.upload("bulk.txt", b"bulk\r\n")
    shared.upload("closed.bin", b"x")
    shared.execute("chmod 0 closed.bin")
    paths = ["bulk.txt", "nothing", "/tmp", "closed.bin", ""]
    answer = shared.toolbox("POST", "/files/bulk-download", json={"paths": paths})
    parts = answer.content.split(b"--DAYTONA-FILE-BOUNDARY")
    errors = [json.loads(part.partition(b"\r\n\r\n")[2]) for part in parts[2:-1]]

    assert answer.headers["content-type"] == "multipart/form-data; boundary=DAYTONA-FILE-BOUNDARY"
    assert (len(parts), parts[-1]) == (7, b"--\r\n")
    assert b'name="file"; filename="bulk.txt"' in parts[1]
    assert b"Content-Length: 6\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nbulk\r\n\r\n" in parts[1]
    assert b'name="error"; filename="nothing"' in parts[2]
    assert [(error["code"], error["path"]) for error in errors] == [
        ("FILE_NOT_FOUND", "nothing"),
        ("INVALID_FILE_PATH", "/tmp"),
        ("FILE_ACCESS_DENIED", "closed.bin"),
        ("INVALID_FILE_PATH", ""),
    ]
    assert errors[0]["message"] == "file not found: nothing"


@covers("bulk-download: names in both forms")
def test_names_in_a_bulk_download(shared: Wire) -> None:
    """A name that a quoted header cannot carry is there in the form that can."""
    name = 'é漢 "q"\\.bin'
    shared.upload(name, b"1")
    answer = shared.toolbox("POST", "/files/bulk-download", json={"paths": [name]})
    quoted = 'filename="é_ \\"q\\"\\\\.bin"'.encode("latin-1")

    assert quoted + b"; filename*=utf-8''%C3%A9%E6%BC%A2%20%22q%22%5C.bin\r\n" in answer.content


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
