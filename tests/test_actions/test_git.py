"""Clones, on real sockets, sync and async."""

import json

import httpx
import pytest

from support.callers import Caller, MockServer

ID = "6b3f7d2e-0c1a-4f6e-9a55-0d4b7c1e2f30"
MAKE = """
git init -q -b main origin && cd origin && git config user.name t && git config user.email t@localhost
echo one > file && git add . && git commit -q -m one && git rev-parse HEAD
git switch -q -c side && echo two > file && git commit -q -a -m two && git switch -q main
echo three > file && git commit -q -a -m three
"""


@pytest.fixture
def first_commit(on_backend: Caller, sandbox_id: str) -> str:
    """Make a repository with two branches in the sandbox."""
    output = on_backend("execute_command", sandbox_id, MAKE)
    assert output.exit_code == 0, output.result
    return output.result.strip().splitlines()[0]


@pytest.mark.parametrize(
    ("options", "content"), [({}, "three"), ({"branch": "side"}, "two"), ({"commit_id": ""}, "three")]
)
def test_clone(options: dict[str, str], content: str, first_commit: str, on_backend: Caller, sandbox_id: str) -> None:
    """A clone is on the requested branch; empty options count as not given."""
    url = "file:///home/daytona/origin"

    output = on_backend("git_clone", sandbox_id, url, "copy", **options)

    assert (output.repo_url, output.clone_path) == (url, "copy"), output.error
    assert on_backend("execute_command", sandbox_id, "cat copy/file").result.strip() == content


def test_clone_of_a_commit(first_commit: str, on_backend: Caller, sandbox_id: str) -> None:
    """A commit of the branch is checked out."""
    output = on_backend("git_clone", sandbox_id, "file:///home/daytona/origin", "copy", commit_id=first_commit)

    assert output.success, output.error
    assert on_backend("execute_command", sandbox_id, "cat copy/file").result.strip() == "one"


def test_clone_over_a_clone(first_commit: str, on_backend: Caller, sandbox_id: str) -> None:
    """A path that holds a repository already is a conflict."""
    on_backend("git_clone", sandbox_id, "file:///home/daytona/origin", "copy")

    output = on_backend("git_clone", sandbox_id, "file:///home/daytona/origin", "copy")

    assert (output.failure.kind, output.failure.status_code) == ("conflict", 409)


def test_missing_repository(on_backend: Caller, sandbox_id: str) -> None:
    """A repository that is not there is a failure."""
    assert not on_backend("git_clone", sandbox_id, "file:///home/daytona/nowhere", "copy").success


@pytest.mark.parametrize(
    ("arguments", "sent"),
    [
        ({"url": "https://h/r"}, {"url": "https://h/r"}),
        ({"url": "https://u:p%40w@h/r"}, {"url": "https://h/r", "username": "u", "password": "p@w"}),
        ({"url": "https://ghp_token@h/r"}, {"url": "https://h/r", "username": "ghp_token", "password": ""}),
        ({"url": "https://h/r", "password": "t0ken"}, {"url": "https://h/r", "username": "git", "password": "t0ken"}),
        (
            {"url": "https://u:p@h/r", "username": "me", "password": "mine"},
            {"url": "https://h/r", "username": "me", "password": "mine"},
        ),
        ({"url": "git@h:o/r.git"}, {"url": "git@h:o/r.git"}),
        ({"url": "ssh://git:pw@h/r"}, {"url": "ssh://git@h/r"}),
        ({"url": "https://h/r", "branch": "", "commit_id": "", "username": ""}, {"url": "https://h/r"}),
    ],
)
def test_credentials(arguments: dict[str, str], sent: dict[str, str], caller_class: type[Caller]) -> None:
    """Credentials travel in their own fields, never in the URL, and never come back."""
    server = MockServer(lambda _: httpx.Response(200))
    with caller_class("key", transport=server.transport) as caller:
        output = caller("git_clone", ID, path="copy", **arguments)

    assert json.loads(server.requests[0].read()) == {**sent, "path": "copy"}
    assert sent["url"] == output.repo_url


def test_a_page_is_no_clone(caller_class: type[Caller]) -> None:
    """An HTML page instead of an answer, the sign of a wrong URL, is a failure."""
    server = MockServer(lambda _: httpx.Response(200, html="<!doctype html>"))
    with caller_class("key", transport=server.transport) as caller:
        assert caller("git_clone", ID, "https://h/r", "copy").failure.kind == "protocol"
