"""The Git repositories that the recorded clones were made from, served over HTTP as they were then.

Below /smart/ Git itself answers; /dumb/ serves the files; /redir/ leads to /smart/; /auth/ asks for a name and a
password, /tokenonly/ for a token; /forbidden/, /missing/, /boom/, /teapot/, /html/ and /drop/ answer what they say.
"""

import base64
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

IDENTITY = {
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@x",
    "GIT_COMMITTER_NAME": "C",
    "GIT_COMMITTER_EMAIL": "c@x",
    "GIT_AUTHOR_DATE": "1700000000 +0000",
    "GIT_COMMITTER_DATE": "1700000000 +0000",
    "GIT_CONFIG_NOSYSTEM": "1",
}
CHALLENGE = {"WWW-Authenticate": 'Basic realm="x"'}
REFUSALS = {"forbidden": (403, b"forbidden here\n"), "missing": (404, b"nothing\n"), "boom": (500, b"boom\n")}


class Handler(BaseHTTPRequestHandler):
    """Answers for the repositories below ``root``."""

    protocol_version = "HTTP/1.1"
    root: Path

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""

    def answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        """Send one complete answer."""
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def read_body(self) -> bytes:
        """Read the request's body, chunked or not."""
        if (length := self.headers.get("Content-Length")) is not None:
            return self.rfile.read(int(length))
        body = b""
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        return body

    def credentials(self) -> str:
        """Return ``name:password`` as the client sent them."""
        header = self.headers.get("Authorization", "")
        return base64.b64decode(header[6:]).decode("latin-1") if header.startswith("Basic ") else ""

    def do_POST(self) -> None:
        """Answer as for GET: Git itself tells them apart."""
        self.do_GET()

    def do_GET(self) -> None:
        """Answer by the first part of the path."""
        body = self.read_body()
        parts = urlsplit(self.path)
        kind, _, rest = parts.path.lstrip("/").partition("/")
        if kind == "auth" and self.credentials() != "user:p@ss w/ord":
            self.answer(401, b"no entry\n", CHALLENGE)
        elif kind == "tokenonly" and self.credentials().rpartition(":")[2] != "tok123":
            self.answer(401, b"", CHALLENGE)
        elif kind in REFUSALS:
            self.answer(*REFUSALS[kind])
        elif kind == "teapot":
            self.answer(418, b"tea\n")
        elif kind == "html":
            self.answer(200, b"<html>hi</html>", {"Content-Type": "text/html"})
        elif kind == "redir":
            query = f"?{parts.query}" if parts.query else ""
            self.answer(301, headers={"Location": f"/smart/{rest}{query}"})
        elif kind == "drop":
            self.close_connection = True
            self.connection.close()
        elif kind == "dumb":
            file = self.root / unquote(rest)
            found = file.is_file()
            self.answer(200 if found else 404, file.read_bytes() if found else b"")
        else:
            self.ask_git(unquote(rest), parts.query, body)

    def ask_git(self, path: str, query: str, body: bytes) -> None:
        """Let ``git http-backend`` answer."""
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": f"/{path}",
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_ADDR": "127.0.0.1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
        }
        done = subprocess.run(
            ["git", "http-backend"], input=body, capture_output=True, env=environment, timeout=60, check=False
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
        status = int(headers.pop("Status", "200").split()[0])
        self.answer(status, content, headers)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the repositories of a folder and yield their base URL."""
    handler = type("Repositories", (Handler,), {"root": folder})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def git(*words: str, cwd: Path) -> str:
    """Run git with a fixed identity and date, so that commits have the recorded hashes."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(cwd), **IDENTITY}
    command = ["git", "-c", "protocol.file.allow=always", *words]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()


def commit(work: Path, message: str) -> str:
    """Commit all of a working tree and return the hash."""
    git("add", "-A", cwd=work)
    git("commit", "-qm", message, cwd=work)
    return git("rev-parse", "HEAD", cwd=work)


def make_work(root: Path) -> dict[str, str]:
    """Make the working tree that all but two repositories are copies of."""
    work = root / "work"
    git("init", "-q", "-b", "main", str(work), cwd=root)
    (work / "dir").mkdir()
    (work / "a.txt").write_text("one\n")
    (work / "run.sh").write_text("#!/bin/sh\n")
    (work / "run.sh").chmod(0o755)
    (work / "link").symlink_to("a.txt")
    (work / "dir" / "ünï cödé.txt").write_text("u")
    (work / "crlf.txt").write_bytes(b"a\r\nb\r\n")
    (work / ".gitattributes").write_text("*.eol text eol=crlf\n")
    (work / "x.eol").write_text("l1\nl2\n")
    first = commit(work, "first")
    (work / "a.txt").write_text("two\n")
    second = commit(work, "second")
    git("tag", "v1.0", cwd=work)
    git("tag", "-a", "v1.1", "-m", "annot", cwd=work)
    git("checkout", "-qb", "feature/x", cwd=work)
    (work / "f.txt").write_text("f")
    feat = commit(work, "feat")
    git("checkout", "-q", "main", cwd=work)
    tree = git("rev-parse", f"{second}^{{tree}}", cwd=work)
    return {"FIRSTUP": first.upper(), "FIRST7": first[:7], "FIRST": first, "SECOND": second, "FEAT": feat, "TREE": tree}


def make_repositories(root: Path) -> dict[str, str]:
    """Make every repository and return what the recorded arguments call its commits."""
    names = make_work(root)
    work = root / "work"
    for name in ("repo", "badhead", "trunk", "detached", "with space"):
        git("clone", "-q", "--bare", str(work), str(root / f"{name}.git"), cwd=root)
    git("update-server-info", cwd=root / "repo.git")
    git("init", "-q", "--bare", "-b", "main", str(root / "empty.git"), cwd=root)
    git("symbolic-ref", "HEAD", "refs/heads/nowhere", cwd=root / "badhead.git")
    git("branch", "-m", "main", "trunk", cwd=root / "trunk.git")
    (root / "detached.git" / "HEAD").write_text(names["FIRST"] + "\n")
    git("clone", "-q", "--bare", "--depth=1", f"file://{work}", str(root / "shallow.git"), cwd=root)

    parent = root / "super"
    git("init", "-q", "-b", "main", str(parent), cwd=root)
    git("submodule", "add", "-q", str(root / "repo.git"), "sub", cwd=parent)
    commit(parent, "sup")
    git("clone", "-q", "--bare", str(parent), str(root / "super.git"), cwd=root)

    large = root / "lfsish"
    git("init", "-q", "-b", "main", str(large), cwd=root)
    (large / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
    (large / "d.bin").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n")
    commit(large, "lfs")
    git("clone", "-q", "--bare", str(large), str(root / "lfs.git"), cwd=root)
    return names
