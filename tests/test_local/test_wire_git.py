"""The toolbox's answers about clones, row by row."""

from collections.abc import Iterator
from typing import Any

import pytest

from recorded.git_repositories import make_repositories, served
from test_local.rows import covers
from test_local.wire import Wire

Served = tuple[str, dict[str, str]]


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve the recorded repositories, with the names of their commits."""
    folder = tmp_path_factory.mktemp("git")
    commits = make_repositories(folder)
    with served(folder) as base:
        yield base, commits


@pytest.fixture
def clone(shared: Wire, repositories: Served) -> Any:
    """Clone from the served repositories into a place that is empty."""
    shared.execute("rm -rf cloned")

    def cloned(name: str = "smart/repo.git", **body: Any) -> tuple[int, str, str]:
        answer = shared.toolbox("POST", "/git/clone", json={"url": repositories[0] + name, "path": "cloned", **body})
        told = answer.json() if answer.content else {}
        return answer.status_code, told.get("message", ""), told.get("code", "")

    return cloned


@covers("clone: 200 with an empty body", "clone: single branch")
def test_clone(shared: Wire, clone: Any) -> None:
    """A clone has one branch, the one that the repository points to, and all tags; files come as they are."""
    assert clone() == (200, "", "")
    assert shared.output("cat cloned/a.txt; git -C cloned branch -a; git -C cloned tag; cat cloned/x.eol") == (
        "two\n* main\n  remotes/origin/HEAD\nv1.0\nv1.1\nl1\nl2\n"
    )


@covers("clone: branch", "clone: missing branch")
def test_clone_of_a_branch(shared: Wire, clone: Any) -> None:
    """Another branch can be asked for, if there is one; a tag is none."""
    for name in ("none", "v1.0", "refs/heads/main"):
        message = f'not found: couldn\'t find remote ref "refs/heads/{name}"'
        assert clone(branch=name) == (404, message, "GIT_BRANCH_NOT_FOUND")
        assert shared.output("ls -d cloned 2>/dev/null") == ""
    assert clone(branch="feature/x") == (200, "", "")
    assert shared.output("cat cloned/f.txt; git -C cloned branch -a") == "f* feature/x\n  remotes/origin/feature/x\n"


@covers("clone: commit", "clone: a commit that is not there 404 after the clone", "clone: an empty commit is not none")
def test_clone_of_a_commit(shared: Wire, clone: Any, repositories: Served) -> None:
    """A hash is read as far as it is one; the clone stays where its commit is not."""
    commits = repositories[1]
    wrong = {
        "": "not found: reference not found",
        "main": "not found: reference not found",
        commits["FEAT"]: "not found: object not found",
        commits["FIRST7"]: "not found: object not found",
        commits["TREE"]: 'unsupported object type: "tree"',
    }
    for commit, message in wrong.items():
        assert clone(commit_id=commit)[1] == message
        assert shared.output("cat cloned/a.txt; rm -rf cloned") == "two\n"
    for commit in (commits["FIRST"], commits["FIRSTUP"], commits["FIRST"] + "ff", commits["FIRST"] + " "):
        assert clone(commit_id=commit) == (200, "", "")
        assert shared.output("cat cloned/a.txt cloned/.git/HEAD; rm -rf cloned") == f"one\n{commits['FIRST']}\n"


@covers("clone: credentials", "clone: credentials only when both are there", "clone: no credentials 401")
def test_clone_with_credentials(shared: Wire, clone: Any, repositories: Served) -> None:
    """A private repository opens to the right name and password, which stay nowhere."""
    refused = (401, "unauthorized: authentication required: no entry\n", "GIT_AUTH_FAILED")
    url = repositories[0].replace("://", "://user:p%40ss%20w%2Ford@") + "auth/repo.git"

    assert clone("auth/repo.git") == refused
    assert clone("auth/repo.git", password="p@ss w/ord") == refused
    assert clone("auth/repo.git", username="user", password="wrong") == refused
    assert clone("auth/repo.git", username="user", password="p@ss w/ord") == (200, "", "")
    assert shared.output("cat cloned/a.txt; rm -rf cloned") == "two\n"
    assert clone(url=url) == (200, "", "")
    assert shared.output("grep -rlE 'p@ss|p%40ss' ~ /tmp /opt/python 2>/dev/null") == ""


@covers("clone: forbidden 403", "clone: missing repository 404", "clone: existing repository 409", "clone: no host")
@pytest.mark.parametrize(
    ("url", "status", "code", "message"),
    [
        ("{base}forbidden/repo.git", 403, "FORBIDDEN", "forbidden: authorization failed: forbidden here\n"),
        ("{base}missing/repo.git", 404, "GIT_REPO_NOT_FOUND", "not found: repository not found: nothing\n"),
        ("/home/daytona/none", 404, "GIT_REPO_NOT_FOUND", "not found: repository not found"),
        ("{base}smart/empty.git", 404, "NOT_FOUND", "not found: remote repository is empty"),
        ("{base}smart/detached.git", 500, "INTERNAL_SERVER_ERROR", "unexpected client error: reference not found"),
        ("{base}smart/badhead.git", 404, "GIT_BRANCH_NOT_FOUND", 'not found: couldn\'t find remote ref "HEAD"'),
        ("{base}dumb/repo.git", 500, "INTERNAL_SERVER_ERROR", "unexpected EOF"),
        ("{base}html/repo.git", 500, "INTERNAL_SERVER_ERROR", "invalid pkt-len found"),
        ("git@localhost:x.git", 401, "GIT_AUTH_FAILED", "unauthorized: invalid auth method"),
        ("ssh://git@localhost/x.git", 401, "GIT_AUTH_FAILED", "unauthorized: invalid auth method"),
        ("git://localhost/x.git", 401, "GIT_AUTH_FAILED", "unauthorized: invalid auth method"),
        ("ftp://localhost/x.git", 500, "INTERNAL_SERVER_ERROR", 'unsupported scheme "ftp"'),
        ("localhost/x.git", 404, "GIT_REPO_NOT_FOUND", "not found: repository not found"),
    ],
)
def test_refused_clones(
    shared: Wire, clone: Any, repositories: Served, url: str, status: int, code: str, message: str
) -> None:
    """Each reason has its own status and go-git's words, and nothing is left of the clone."""
    assert clone(url=url.replace("{base}", repositories[0])) == (status, message, code)
    assert shared.output("ls -d cloned 2>/dev/null") == ""


@covers("clone: a host that cannot be reached")
def test_clone_from_nowhere(clone: Any) -> None:
    """A host that does not answer is named with the reason."""
    status, message, code = clone(url="http://u:secret@127.0.0.1:9/x.git")

    assert (status, code) == (502, "GIT_TRANSPORT_FAILED")
    assert message.endswith("dial tcp 127.0.0.1:9: connect: connection refused")
    assert "secret" not in message


@covers("clone: into a folder that is not empty")
def test_clone_over_files(shared: Wire, clone: Any) -> None:
    """A clone writes over files of the same names and leaves others, and also when it fails; a repository stays."""
    shared.execute("mkdir cloned; echo mine > cloned/a.txt; echo mine > cloned/other")
    assert clone("missing/repo.git")[0] == 404
    assert shared.output("cat cloned/a.txt cloned/other") == "mine\nmine\n"
    assert clone() == (200, "", "")
    assert shared.output("cat cloned/a.txt cloned/other") == "two\nmine\n"
    assert clone() == (409, "conflict: repository already exists", "CONFLICT")


@covers("clone: wrong values 400", "clone: depth")
def test_clone_values(shared: Wire, clone: Any) -> None:
    """What cannot be read is refused; options do not pass for paths."""
    assert clone(path=None)[0] == 400
    assert clone(branch=1)[0] == 400
    assert clone(depth=-1)[0] == 400
    assert clone(url="--upload-pack=touch /tmp/owned")[0] == 404
    assert clone(depth=1)[0] == 200
    assert shared.output("ls /tmp/owned 2>/dev/null | wc -l; git -C cloned rev-list --count HEAD") == "0\n1\n"


@covers("clone: a repository of the sandbox's own")
def test_clone_of_a_repository_inside(shared: Wire, clone: Any) -> None:
    """A repository that was made in the sandbox can be cloned by its path, absolute or not, with a depth."""
    shared.execute(
        "git init -q -b main inside && cd inside && git config user.name n && git config user.email n@example.org"
        " && for n in 1 2 3; do echo $n > file; git add .; git commit -qm $n; done"
    )

    assert clone(url="file:///home/daytona/inside", depth=2) == (200, "", "")
    assert shared.output("git -C cloned rev-list --count HEAD; rm -rf cloned") == "2\n"
    assert clone(url="inside") == (200, "", "")
    assert shared.output("git -C cloned status --porcelain; cat cloned/file") == "3\n"
