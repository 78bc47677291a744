"""The MCP server's flags: ``daytona-facade mcp`` and ``python -m daytona_facade.mcp`` take the same."""

import inspect
import sys
from typing import Any

import pytest

import daytona_facade.mcp
from daytona_facade.mcp import __main__ as module
from daytona_facade.mcp.flags import FLAGS

SERVE = inspect.signature(daytona_facade.mcp.serve)


def served(**arguments: Any) -> dict[str, Any]:
    """Complete the arguments of ``serve`` by its defaults."""
    bound = SERVE.bind(**arguments)
    bound.apply_defaults()
    return {name: list(value) if isinstance(value, tuple) else value for name, value in bound.arguments.items()}


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--http", "--host", "::1", "--port", "0", "--allow-host", "a", "--allow-host", "b:1"],
        ["--tools", "get-sandbox, list_files", "--read-only", "--downloads", "here", "--local", "--no-isolation"],
    ],
)
def test_both_command_lines_serve_alike(recorded: Any, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    """The same flags give the same arguments."""
    calls: list[dict[str, Any]] = []
    for home in (daytona_facade.mcp, module):
        monkeypatch.setattr(home, "serve", lambda **arguments: calls.append(served(**arguments)))
    recorded("mcp", *words)
    monkeypatch.setattr(sys, "argv", ["module", *words])
    monkeypatch.setattr(module.signal, "signal", lambda *_: None)
    assert module.main() == 0
    assert calls[0] == calls[1]
    if words:
        assert calls[0] != served()


@pytest.mark.parametrize("words", [["--port", "65536"], ["--port", "many"], ["--tools", "fly"], ["--tool", "x"]])
def test_wrong_flags(
    recorded: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], words: list[str]
) -> None:
    """Both refuse a value that cannot be served and an abbreviated flag, with exit code 2."""
    recorded("mcp", *words, code=2)
    assert words[-1] in recorded.complaint or words[0] in recorded.complaint
    monkeypatch.setattr(sys, "argv", ["module", *words])
    monkeypatch.setattr(module.signal, "signal", lambda *_: None)
    try:
        code: Any = module.main()
    except SystemExit as exc:
        code = exc.code
    assert code == 2
    assert words[-1] in capfd.readouterr().err


def test_both_show_the_same_help(
    recorded: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each flag and its text is in both helps."""
    helps = [recorded("mcp", "--help", COLUMNS="300")]
    monkeypatch.setattr(sys, "argv", ["module", "--help"])
    with pytest.raises(SystemExit):
        module.main()
    helps.append(capfd.readouterr().out)
    for text in helps:
        words = " ".join(text.split())
        for flag in FLAGS:
            assert f"{flag.name} " in words
            assert flag.help in words
