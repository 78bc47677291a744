"""On Windows: no POSIX modules are needed, and file names mean what they mean there."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from daytona_facade.cli.file_commands import local_name, source_name

_WITHOUT_POSIX = """
import asyncio, base64, os, pkgutil, signal, socket, sys
from importlib import import_module
from pathlib import Path

# Other packages have branches of their own for Windows; on this system they are loaded as they are.
for name in ("agents", "click", "httpx", "httpx_aiohttp", "langchain_core.tools", "mcp.client", "mcp.server.stdio",
             "mcp.server.transport_security", "pydantic_ai", "pytest", "rich.progress", "starlette.applications",
             "uvicorn"):
    import_module(name)

MODULES = ("_posixshmem", "crypt", "curses", "fcntl", "grp", "nis", "posix", "pty", "pwd", "readline", "resource",
           "spwd", "syslog", "termios", "tty")
NAMES = {
    os: ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "WNOHANG", "chown", "fchmod", "fchown", "fork", "forkpty",
         "getegid", "geteuid", "getgid", "getgroups", "getloadavg", "getpgid", "getsid", "getuid", "killpg", "lchown",
         "memfd_create", "mkfifo", "mknod", "nice", "openpty", "posix_spawn", "pread", "pwrite", "register_at_fork",
         "sched_getaffinity", "sendfile", "setpgid", "setsid", "sync", "sysconf", "tcgetpgrp", "ttyname", "uname",
         "wait", "waitid"),
    signal: ("SIGALRM", "SIGCHLD", "SIGCONT", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGSTOP", "SIGTSTP",
             "SIGUSR1", "SIGUSR2", "SIGWINCH", "alarm", "getitimer", "pthread_kill", "pthread_sigmask", "setitimer",
             "siginterrupt", "sigpending", "sigwait"),
    socket: ("SO_REUSEPORT",),
    time_module: ("tzset",),
}
for name in MODULES:
    sys.modules[name] = None
for module, names in NAMES.items():
    for name in names:
        if hasattr(module, name):
            delattr(module, name)

import daytona_facade
found = {module.name for module in pkgutil.walk_packages(daytona_facade.__path__, "daytona_facade.",
                                                         onerror=lambda name: None)
         if not module.name.startswith("daytona_facade.local") and not module.name.endswith("__main__")}
for name in sorted(found - {"daytona_facade.pytest_plugin", "daytona_facade.demo"}):
    import_module(name)

from daytona_facade import AsyncDaytona, Daytona
from daytona_facade.adapters import langchain, openai_agents, pydantic_ai
from daytona_facade.cli import main
from daytona_facade.mcp import build_server
from mcp import Client

assert len(langchain.daytona_tools(AsyncDaytona())) == 12
assert len(openai_agents.daytona_tools(AsyncDaytona())) == 12
assert len(pydantic_ai.daytona_toolset(AsyncDaytona()).tools) == 12

def run(*words):
    sys.argv = ["daytona-facade", *words]
    assert main() == 0, words

Path("sent").write_bytes(b"content")
run("--help")
run("list-sandboxes")
run("run-code", "box", "1", "python", "--save-charts", "charts")
run("upload-file", "box", "sent", "there/")
run("download-file", "box", "there/fetched", ".")
assert Path("fetched").exists()

async def serve():
    async with Client(build_server(AsyncDaytona())) as client:
        assert not (await client.call_tool("list_sandboxes", {})).is_error

asyncio.run(serve())
sys.stdout.write("DONE\\n")
""".replace("import asyncio,", "import time as time_module\nimport asyncio,")


def test_nothing_needs_posix(recorder: Any, tmp_path: Path) -> None:
    """Core, command line, MCP server and adapters are imported and run without POSIX's modules and functions."""
    recorder.answer = {"items": [], "exitCode": 0, "result": ""}
    ran = subprocess.run(
        [sys.executable, "-c", _WITHOUT_POSIX],
        cwd=tmp_path,
        env={
            "DAYTONA_API_KEY": "key",
            "DAYTONA_API_URL": f"{recorder.url}/api",
            "DAYTONA_TOOLBOX_URL": f"{recorder.url}/toolbox",
            "PATH": "",
            "OPENAI_API_KEY": "none",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ran.returncode, ran.stdout.splitlines()[-1:]) == (0, ["DONE"]), ran.stderr


@pytest.mark.parametrize(
    ("remote", "local"),
    [
        ("dir/plain.txt", "plain.txt"),
        ("CON", "_CON"),
        ("con.tar.gz", "_con.tar.gz"),
        ("a/nul .txt", "_nul .txt"),
        ("com1", "_com1"),
        ("LPT\N{SUPERSCRIPT TWO}.log", "_LPT\N{SUPERSCRIPT TWO}.log"),
        ("CONIN$", "_CONIN$"),
        ("console", "console"),
        ("com10", "com10"),
        ("a:b", "a_b"),
        ("C:evil.exe", "C_evil.exe"),
        ("dir/..\\..\\evil", ".._.._evil"),
        ('what?*<>|"\n', "what_______"),
        ("name. .", "name___"),
        ("...", "___"),
        (" ", "_"),
        ("con. ", "con__"),
        ("é \N{GRINNING FACE}.png", "é \N{GRINNING FACE}.png"),
    ],
)
def test_names_of_downloaded_files(remote: str, local: str) -> None:
    """On Windows a sandbox's file gets a name that is a plain file's there; elsewhere it keeps its own."""
    assert local_name(remote, windows=True) == local
    assert local_name(remote, windows=False) == remote.rpartition("/")[2]


@pytest.mark.parametrize(
    ("path", "name"),
    [(r"C:\dir\file.txt", "file.txt"), ("C:file.txt", "file.txt"), (r"\\host\share\d\f", "f"), ("d/e/f", "f")],
)
def test_windows_paths(path: str, name: str) -> None:
    """The name of a file to send is found behind a drive letter, backslashes and slashes."""
    assert source_name(path, windows=True) == name


@pytest.mark.parametrize("words", [["--local", "list-sandboxes"], ["local"], ["mcp", "--local"]])
def test_no_local_backend_on_windows(recorded: Any, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    """It is refused in one sentence, with exit code 2."""
    monkeypatch.setattr("daytona_facade.cli.setup.WINDOWS", True)
    assert recorded(*words, code=2) == ""
    assert recorded.complaint == "daytona-facade: the local backend runs on Linux and macOS only\n"
