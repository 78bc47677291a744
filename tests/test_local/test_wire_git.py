"""The toolbox's answers about clones, row by row."""

import base64
import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from test_local.rows import covers
from test_local.wire import Wire

KEY = "Basic " + base64.b64encode(b"me:s3cret").decode()


class Repositories(SimpleHTTPRequestHandler):
    """Serves repositories; those below /private ask for a name and a password, /forbidden for nothing that helps."""

    def do_GET(self) -> None:
        if self.path.startswith("/private/") and self.headers.get("Authorization") != KEY:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path.startswith("/forbidden/"):
            self.send_error(403)
        else:
            self.path = self.path.removeprefix("/private")
            super().do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a bare repository with the branches main and other over HTTP."""
    folder = tmp_path_factory.mktemp("git")
    git = ["git", "-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "init.defaultBranch=main"]

    def run(*words: str, cwd: Path = folder / "work") -> None:
        subprocess.run([*git, *words], check=True, capture_output=True, cwd=cwd)

    run("init", "work", cwd=folder)
    for step in ("first", "second"):
        (folder / "work" / "file").write_text(step)
        run("add", ".")
        run("commit", "-m", step)
    run("branch", "other", "HEAD~1")
    run("clone", "--bare", "work", "bare.git", cwd=folder)
    run("update-server-info", cwd=folder / "bare.git")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Repositories, directory=str(folder))) as served:
        thread = Thread(target=served.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()
        thread.join()


@pytest.fixture
def clone(shared: Wire, base: str) -> Any:
    """Clone from the served repositories into a place that is empty."""
    shared.execute("rm -rf cloned")

    def cloned(served: str = "/bare.git", **body: Any) -> tuple[int, str, str]:
        answer = shared.toolbox("POST", "/git/clone", json={"url": base + served, "path": "cloned", **body})
        told = answer.json() if answer.content else {}
        return answer.status_code, told.get("message", ""), told.get("code", "")

    return cloned


@covers("clone: 200 with an empty body", "clone: single branch")
def test_clone(shared: Wire, clone: Any) -> None:
    """A clone has one branch, the one that the repository points to."""
    assert clone() == (200, "", "")
    assert (
        shared.output("cat cloned/file; git -C cloned branch -a | grep -v HEAD")
        == "second* main\n  remotes/origin/main\n"
    )


@covers("clone: branch", "clone: missing branch")
def test_clone_of_a_branch(shared: Wire, clone: Any) -> None:
    """Another branch can be asked for, if there is one."""
    assert clone(branch="none") == (
        404,
        'not found: couldn\'t find remote ref "refs/heads/none"',
        "GIT_BRANCH_NOT_FOUND",
    )
    assert clone(branch="other") == (200, "", "")
    assert shared.output("cat cloned/file") == "first"


@covers("clone: commit", "clone: a commit that is not there 404 after the clone", "clone: an empty commit is not none")
def test_clone_of_a_commit(shared: Wire, clone: Any) -> None:
    """A commit has to be a whole hash on the branch; the clone stays where it is not."""
    for commit in ("", "0" * 40, "HEAD~1", "main"):
        assert clone(commit_id=commit) == (404, "not found: object not found", "NOT_FOUND")
        assert shared.output("cat cloned/file") == "second"
        shared.execute("rm -rf cloned")
    clone()
    first = shared.output("git -C cloned rev-parse HEAD~1; rm -rf cloned").strip()

    assert clone(commit_id=first) == (200, "", "")
    assert shared.output("cat cloned/file") == "first"


@covers("clone: credentials", "clone: credentials only when both are there", "clone: no credentials 401")
def test_clone_with_credentials(shared: Wire, clone: Any) -> None:
    """A private repository opens to the right name and password, which stay nowhere."""
    wanted = (401, "unauthorized: authentication required", "GIT_AUTH_FAILED")

    assert wanted == clone("/private/bare.git")
    assert wanted == clone("/private/bare.git", password="s3cret")
    assert wanted == clone("/private/bare.git", username="me", password="wrong")
    assert clone("/private/bare.git", username="me", password="s3cret") == (200, "", "")
    assert shared.output("cat cloned/file") == "second"
    assert shared.output("grep -rl s3cret ~ /tmp /opt/python 2>/dev/null") == ""


@covers("clone: forbidden 403", "clone: missing repository 404", "clone: existing repository 409", "clone: no host")
def test_refused_clones(shared: Wire, clone: Any) -> None:
    """Each reason has its own status."""
    assert clone("/forbidden/bare.git")[::2] == (403, "FORBIDDEN")
    assert clone("/none.git") == (404, "not found: repository not found", "GIT_REPO_NOT_FOUND")
    assert clone(url="/home/daytona/none")[::2] == (404, "GIT_REPO_NOT_FOUND")
    assert clone(url="http://127.0.0.1:9/x.git")[::2] == (502, "GIT_TRANSPORT_FAILED")
    clone()
    assert clone() == (409, "conflict: repository already exists", "CONFLICT")


@covers("clone: wrong values 400", "clone: depth")
def test_clone_values(shared: Wire, clone: Any) -> None:
    """What cannot be read is refused; options do not pass for paths."""
    assert clone(path=None)[0] == 400
    assert clone(branch=1)[0] == 400
    assert clone(depth=-1)[0] == 400
    assert clone(url="--upload-pack=touch /tmp/owned")[0] == 404
    assert shared.output("ls /tmp/owned 2>/dev/null | wc -l") == "0\n"


@covers("clone: a repository of the sandbox's own")
def test_clone_of_a_repository_inside(shared: Wire, clone: Any) -> None:
    """A repository that was made in the sandbox can be cloned by its path, with a depth."""
    shared.execute(
        "git init -q -b main inside && cd inside && git config user.name n && git config user.email n@example.org"
        " && for n in 1 2 3; do echo $n > file; git add .; git commit -qm $n; done"
    )

    assert clone(url="file:///home/daytona/inside", depth=2) == (200, "", "")
    assert shared.output("git -C cloned rev-list --count HEAD") == "2\n"
