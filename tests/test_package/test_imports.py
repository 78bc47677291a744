"""What importing the library loads: nothing of an extra, and nothing at all before it is needed."""

import json
import subprocess
import sys

EXTRAS = {
    "agents", "anyio", "click", "httpx_aiohttp", "langchain_core", "mcp", "openai", "pybase64", "pydantic",
    "pydantic_ai", "rich", "starlette", "uvicorn",
}  # fmt: skip


def _loaded(program: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has after a program."""
    lines = (
        f"import json, sys\n{program}\nprint(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    )
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_import_loads_nothing() -> None:
    """A bare import loads neither httpx nor attrs."""
    assert not {"attr", "attrs", "httpx", *EXTRAS} & _loaded("import daytona_facade")


def test_client_and_register_load_no_extra() -> None:
    """A client, the register, a call and the tool schemas need the three dependencies alone."""
    program = """
from daytona_facade import ACTIONS, AsyncDaytona, Daytona, tool_schemas
import httpx
client = Daytona("key", transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"items": []})))
assert client.call("list_sandboxes")["success"]
assert len(tool_schemas("openai")) == len(ACTIONS)
AsyncDaytona("key")
"""
    # httpx loads anyio, and for its own command click and rich; pybase64 is used where it is installed.
    by_httpx = {"anyio", "click", "rich", "pybase64"}
    assert not (EXTRAS - by_httpx) & _loaded(program)


def test_sync_call_loads_what_it_needs() -> None:
    """A call from a thread loads the client of its own API, and neither that of the other nor asyncio."""
    program = """
from daytona_facade import Daytona
output = Daytona("key", api_url="http://127.0.0.1:1/api", retries=0).list_sandboxes()
assert output.failure.kind == "connection", output
"""
    loaded = _loaded(program)

    assert {"daytona_rest", "httpcore"} <= loaded
    assert not {"asyncio", "daytona_toolbox"} & loaded


def test_missing_extra_is_named() -> None:
    """The import error of each face names the missing extra."""
    for module, extra, package in (
        ("mcp", "mcp", "mcp"),
        ("adapters.langchain", "langchain", "langchain_core"),
        ("adapters.pydantic_ai", "pydantic-ai", "pydantic_ai"),
        ("adapters.openai_agents", "openai-agents", "agents"),
    ):
        program = f"""
import sys, importlib
sys.modules[{package!r}] = None
try:
    importlib.import_module("daytona_facade.{module}")
except ImportError as exc:
    assert "pip install 'daytona-facade[{extra}]'" in str(exc), exc
else:
    raise SystemExit("{module} was imported without {package}")
"""
        subprocess.run([sys.executable, "-c", program], check=True)
