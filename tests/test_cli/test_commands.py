"""The commands: which exist, what they cost to list, their help and their completion."""

import json
import subprocess
import sys
from typing import Any

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from daytona_facade import ACTIONS, __version__, tool_schemas
from daytona_facade.cli import outline

_COSTS = """
import resource, sys
from daytona_facade.cli import main
sys.argv = ["daytona-facade", "--help"]
main()
used = resource.getrusage(resource.RUSAGE_SELF)
loaded = sorted({"httpx", "rich", "attrs", "daytona_rest", "daytona_facade.actions"} & set(sys.modules))
sys.stderr.write(f"{used.ru_utime + used.ru_stime} {loaded}")
"""
_THIRTEENTH = """
import sys
from daytona_facade.cli import main
from daytona_facade.actions.parameters import Count, SandboxId
from daytona_facade.outputs import Output
from daytona_facade.actions.action import action
from daytona_facade._engine.calls import Steps

@action(Output, deadline_s=5.0)
def pause_sandbox(sandbox_id: SandboxId, minutes: Count = 5) -> Steps[Output]:
    '''Pause a sandbox.

    Args:
        sandbox_id: The one.
        minutes: How long.
    '''
    return Output(success=minutes == 7)
    yield

sys.exit(main())
"""
_WITHOUT = """
import sys
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name in {"click", "rich"} else find(name, *rest)
from daytona_facade.cli import main
sys.exit(main())
"""


def test_help_is_cheap(shell: Any) -> None:
    """``--help`` lists every action and takes at most 150 ms of CPU time in the best of three runs."""
    costs = []
    for _ in range(3):
        ran = subprocess.run([sys.executable, "-c", _COSTS], capture_output=True, text=True, check=True)
        cost, loaded = ran.stderr.split(" ", 1)
        costs.append(float(cost))
        assert loaded == "[]"
        listed = {line.split()[0] for line in ran.stdout.partition("Commands:")[2].splitlines() if line.strip()}
        assert {name.replace("_", "-") for name in ACTIONS} < listed
        if min(costs) <= 0.150:
            break
    assert min(costs) <= 0.150


def test_the_outline_is_the_register() -> None:
    """The names and summaries read from the source equal the registered ones, in order."""
    outline._read_sources.cache_clear()
    read = outline._read_sources(outline.Path(outline.__file__).parents[1] / "actions")
    assert [(name, action.summary) for name, action in ACTIONS.items()] == list(read.items())
    assert outline.action_summaries() == read


@pytest.mark.slow
def test_a_thirteenth_action_appears_by_itself() -> None:
    """Registering an action gives it a command, help and options."""
    script = [sys.executable, "-c", _THIRTEENTH]
    shown = subprocess.run([*script, "--help"], capture_output=True, text=True, check=True).stdout
    listed = dict(
        line.split(maxsplit=1) for line in shown.splitlines() if line.startswith("  ") and " " in line.strip()
    )
    assert (listed["pause-sandbox"], listed["create-sandbox"]) == (
        "Pause a sandbox.",
        "Create a sandbox: an isolated Linux computer.",
    )
    environment = {"DAYTONA_API_KEY": "key"}
    for minutes, code in (("7", 0), ("8", 1)):
        words = [*script, "pause-sandbox", "box", "--minutes", minutes]
        assert subprocess.run(words, env=environment, capture_output=True, check=False).returncode == code


def test_without_the_extra() -> None:
    """Without the extra, the command names it on standard error and exits with 2."""
    ran = subprocess.run([sys.executable, "-c", _WITHOUT], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "pip install 'daytona-facade[cli]'" in ran.stderr


def test_every_command_has_help(recorded: Any) -> None:
    """Each command's help has a usage line, no docstring markup, and ``--json`` if it prints an output."""
    for name, action in ACTIONS.items():
        dashed = name.replace("_", "-")
        shown = recorded(dashed, "--help")
        assert shown.startswith(f"Usage: daytona-facade {dashed} ")
        assert "--json" in shown
        assert not {"`", "Operation:"} & set(shown) | {word for word in ("Operation:",) if word in shown}
        for parameter in action.parameters:
            assert parameter.description
    for name in ("wait-until", "schemas", "mcp", "doctor"):
        assert recorded(name, "--help").startswith(f"Usage: daytona-facade {name} ")


def test_version(recorded: Any) -> None:
    """``--version`` prints the package's version."""
    assert recorded("--version") == f"daytona-facade, version {__version__}\n"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(["daytona-facade", "exec"], ["execute-command"], id="command"),
        pytest.param(["daytona-facade", "create-sandbox", "--auto-s"], ["--auto-stop-interval"], id="option"),
        pytest.param(["daytona-facade", "run-code", "box", "x", "ty"], ["typescript"], id="value"),
    ],
)
def test_completion(shell: Any, words: list[str], expected: list[str]) -> None:
    """Commands, options and values are completed for bash."""
    asked = {"COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
    completed = shell(_DAYTONA_FACADE_COMPLETE="bash_complete", **asked)
    assert [line.removeprefix("plain,") for line in completed.splitlines()] == expected


def test_completion_script(shell: Any) -> None:
    """``bash_source`` prints the script for the shell to evaluate."""
    assert "complete -o nosort -F _daytona_facade_completion daytona-facade" in shell(
        _DAYTONA_FACADE_COMPLETE="bash_source"
    )


def test_schemas(recorded: Any) -> None:
    """``schemas`` prints the schemas of all actions, or a vendor's tools for some of them."""
    plain = json.loads(recorded("schemas"))
    assert {
        name: {"input": action.input_schema, "output": action.output_schema} for name, action in ACTIONS.items()
    } == plain
    tools = json.loads(recorded("schemas", "openai", "--actions", "get-sandbox,list_files", "--read-only"))
    assert tool_schemas("openai", actions=["get_sandbox", "list_files"]) == tools


async def test_mcp(shell: Any) -> None:
    """``mcp`` serves the selected actions on standard input and output to the SDK's client."""
    words = ["-m", "daytona_facade.cli", "mcp", "--tools", "get-sandbox,list-sandboxes,delete-sandbox", "--read-only"]
    server = StdioServerParameters(command=sys.executable, args=words, env=shell.environment)
    async with Client(stdio_client(server)) as client:
        offered = (await client.list_tools()).tools
        answered = await client.call_tool("list_sandboxes", {})
    assert [tool.name for tool in offered] == ["get_sandbox", "list_sandboxes"]
    assert answered.structured_content is not None
    assert answered.structured_content["success"]
