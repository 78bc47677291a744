"""Every kind of option, and the request that it leads to."""

from typing import Any

import pytest

from daytona_facade.actions.waiting import wait_until
from daytona_facade.cli.forms import action_parameters


def test_every_kind_of_option(recorded: Any, recorder: Any) -> None:
    """Strings, integers, booleans and maps are sent as JSON; omitted options are not sent."""
    words = ["--name", "bob", "--cpu", "2", "--auto-delete-interval", "-1", "--no-public", "--label", "a=b=c"]
    printed = recorded("create-sandbox", *words, "--label", "d=", "--env", "A=1", "--env", "FROM_HERE", FROM_HERE="x y")
    assert printed == "box\n"
    sent = {"name": "bob", "cpu": 2, "autoDeleteInterval": -1, "public": False, "labels": {"a": "b=c", "d": ""}}
    assert recorder.bodies == [{**sent, "env": {"A": "1", "FROM_HERE": "x y"}}]


def test_nothing_is_sent_for_what_is_not_given(recorded: Any, recorder: Any) -> None:
    """A command without options sends an empty body."""
    recorded("create-sandbox")
    assert recorder.bodies == [{}]


def test_numbers_have_their_bounds(recorded: Any, recorder: Any) -> None:
    """A page has 1 to 200 sandboxes."""
    recorder.answer = {"items": []}
    recorded("list-sandboxes", "--limit", "200", "--name", "b", "--cursor", "c")
    assert recorder.paths == ["/api/sandbox?limit=200&cursor=c&name=b"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["list-sandboxes", "--limit", "201"], "--limit", id="bound"),
        pytest.param(["list-sandboxes", "--limit", "many"], "--limit", id="number"),
        pytest.param(["create-sandbox", "--label", "a"], "KEY=VALUE", id="map"),
        pytest.param(["create-sandbox", "--env", "=a"], "no name", id="nameless"),
        pytest.param(["create-sandbox", "--env", "NOT_SET_HERE"], "NOT_SET_HERE is not set", id="unset"),
        pytest.param(["create-sandbox", "--colour", "red"], "--colour", id="unknown option"),
        pytest.param(["create-sandbox", "bob"], "bob", id="too many"),
        pytest.param(["get-sandbox"], "SANDBOX", id="missing"),
        pytest.param(["execute-command", "box"], "COMMAND", id="no command"),
        pytest.param(["fly"], "fly", id="unknown command"),
        pytest.param(["--deadline", "0", "list-sandboxes"], "--deadline", id="deadline"),
        pytest.param(["download-file", "box", "f", "-", "--json"], "--json", id="two outputs"),
        pytest.param(["upload-file", "box", "-", "dir/"], "no name", id="nameless upload"),
        pytest.param(["schemas", "acme"], "acme", id="vendor"),
        pytest.param(["mcp", "--tools", "fly"], "fly", id="tool"),
    ],
)
def test_wrong_usage(recorded: Any, recorder: Any, words: list[str], said: str) -> None:
    """Wrong usage is explained on standard error with exit code 2, and nothing is sent."""
    assert recorded(*words, code=2) == ""
    assert said in recorded.complaint
    assert recorder.paths == []


def test_an_argument_that_the_action_refuses(recorded: Any, recorder: Any) -> None:
    """An empty ID is refused by the action, which names the parameter."""
    assert recorded("get-sandbox", " ", code=1) == ""
    assert recorded.complaint.startswith("daytona-facade: get_sandbox ")
    assert recorded.complaint.endswith(" failed: sandbox_id must not be empty.\n")
    assert recorder.paths == []


CLONE = ("git-clone", "box", "https://git.example/r", "r")


@pytest.mark.parametrize(
    ("words", "given", "environment"),
    [
        pytest.param(["--password", "hunter22"], "", {}, id="option"),
        pytest.param([], "", {"DAYTONA_GIT_PASSWORD": "hunter22"}, id="environment"),
        pytest.param(["--password-stdin"], "hunter22\nmore", {}, id="standard input"),
        pytest.param(["--password-stdin"], "hunter22", {"DAYTONA_GIT_PASSWORD": "other"}, id="the nearer one"),
    ],
)
def test_passwords(recorded: Any, recorder: Any, words: list[str], given: str, environment: dict[str, str]) -> None:
    """A password can come from standard input or the environment, and is never printed."""
    printed = recorded(*CLONE, *words, "--username", "me", given=given, **environment)
    assert (recorder.bodies[0]["password"], recorder.bodies[0]["username"]) == ("hunter22", "me")
    assert "hunter22" not in printed + recorded.complaint


def test_a_password_has_one_source(recorded: Any, recorder: Any) -> None:
    """A password as an option and on standard input is refused."""
    recorded(*CLONE, "--password", "a", "--password-stdin", given="b", code=2)
    assert recorder.paths == []


def test_the_key_is_never_an_option(recorded: Any) -> None:
    """There is no option for the API key."""
    recorded("--api-key", "x", "list-sandboxes", code=2)
    assert "DAYTONA_API_KEY" in recorded("--help")


def test_without_a_key(recorded: Any, recorder: Any) -> None:
    """Without a key, the message names the variable to set, with exit code 2."""
    assert recorded("list-sandboxes", code=2, DAYTONA_API_KEY="") == ""
    assert "set DAYTONA_API_KEY" in recorded.complaint
    assert recorder.paths == []


def test_the_deadline(inside: Any, box: str) -> None:
    """``--deadline`` before the command limits the call."""
    inside("--deadline", "0.5", "execute-command", box, "--", "sleep", "5", code=1)
    assert "deadline of 0.5 s" in inside.complaint


def test_waiting(inside: Any, box: str) -> None:
    """``wait-until`` takes its parameters like an action."""
    assert "state: started" in inside("wait-until", box)
    inside("wait-until", box, "--state", "stopped", "--timeout", "1", code=1)
    assert "it is still 'started', not 'stopped'" in inside.complaint


def test_every_parameter_has_its_help() -> None:
    """The help of a parameter is its text in the docstring, without markup."""
    made = {parameter.name: parameter for parameter in action_parameters(wait_until)}
    assert {parameter.name for parameter in wait_until.parameters} == set(made)
    assert (
        getattr(made["state"], "help", "") == "Daytona's word for the state: started, stopped, archived, destroyed, ..."
    )
