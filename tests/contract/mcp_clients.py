"""The protocol's own suite, and official clients of old and of now, against our MCP server: `make contract-mcp`."""

import base64
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from daytona_facade import ACTIONS, Daytona
from daytona_facade.local import LocalDaytona
from support.mcp_server import serve_http
from support.nine_answers import png
from support.paths import ROOT

VERSIONS = ("1.2.0", "1.9.0", "newest")
"""stdio since the first; HTTP since 1.8."""
APPLICABLE = (
    "server-initialize",
    "ping",
    "tools-list",
    "resources-list",
    "server-sse-multiple-streams",
    "dns-rebinding-protection",
)
_CLIENT = ROOT / "tests" / "contract" / "mcp_client.py"
_PYDANTIC_AI = ROOT / "tests" / "contract" / "mcp_pydantic_ai.py"


def _python(version: str) -> str:
    return str(ROOT / f".venv-mcp-{version}" / "bin" / "python")


@contextmanager
def _sandbox(backend: LocalDaytona) -> Iterator[str]:
    program = "open('report.txt', 'w').write(''.join(f'line {number} of a report\\n' for number in range(20_000)))"
    daytona = Daytona(**backend.client_options())
    with daytona, daytona.temporary_sandbox() as sandbox_id:
        daytona.run_code(sandbox_id, program, "python").raise_for_failure()
        daytona.upload_file(sandbox_id, "plot.png", base64.b64encode(png()).decode()).raise_for_failure()
        yield sandbox_id


def _run(version: str, script: Path, *arguments: str) -> dict[str, Any]:
    command = [_python(version), str(script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise SystemExit(f"{version} failed:\n{done.stderr[-3000:]}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _conform(url: str) -> None:
    """Run what applies of the protocol's own suite; all else of it asks for tools and prompts made for it."""
    modules = ROOT / ".venv-mcp-conformance" / "node_modules"
    command = [str(modules / "node" / "bin" / "node"), str(modules / "@modelcontextprotocol/conformance/dist/index.js")]
    for scenario in APPLICABLE:
        arguments = ["server", "--url", url, "--scenario", scenario]
        done = subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            raise SystemExit(f"{scenario} failed:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
        print(f"conformance: {scenario} passed")


def main() -> int:
    """Run each client, and print what it saw."""
    with LocalDaytona() as backend, _sandbox(backend) as sandbox_id, tempfile.TemporaryDirectory() as home:
        environment = {
            "DAYTONA_API_KEY": backend.api_key,
            "DAYTONA_API_URL": backend.api_url,
            "DAYTONA_TOOLBOX_URL": backend.toolbox_url,
            "HOME": str(Path(home)),
        }
        with serve_http(environment=environment) as served:
            _conform(served.url)
            for version in VERSIONS:
                for transport, server in (("stdio", sys.executable), ("http", served.url)):
                    if (version, transport) == ("1.2.0", "http"):
                        print("mcp 1.2.0 over http: skipped, it has no streamable HTTP")
                        continue
                    saw = _run(version, _CLIENT, transport, server, json.dumps(environment), sandbox_id)
                    if saw["tools"] != list(ACTIONS):
                        raise SystemExit(f"mcp {version} over {transport} saw {saw['tools']}")
                    old = saw["protocol"] < "2025-06-18"
                    if old == ("resource_link" in saw["types"]) or "daytona://sandbox/" not in saw["first"]:
                        raise SystemExit(f"mcp {version} over {transport} got {saw['types']}: {saw['first'][:200]}")
                    print(f"mcp {version} over {transport}: protocol {saw['protocol']}, content {saw['types']}")
        saw = _run("pydantic-ai", _PYDANTIC_AI, sys.executable, json.dumps(environment), sandbox_id)
        if saw["pictures"] != ["image/png"]:
            raise SystemExit(f"Pydantic AI saw the pictures {saw['pictures']}")
        print("Pydantic AI over stdio: one picture")
    return 0


if __name__ == "__main__":
    sys.exit(main())
