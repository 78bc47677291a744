"""All twelve actions through Stoplight Prism, which holds requests and answers to our specs: `make contract`."""

import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from socket import create_server
from typing import Any, Self, cast

import httpx

from contract.calls import good_calls, refused_calls, tell
from contract.exchanges import place
from daytona_facade import ACTIONS, Daytona
from daytona_facade.local import LocalDaytona
from support.paths import ROOT

PRISM = ROOT / ".venv-prism" / "node_modules" / ".bin" / "prism"
STARTED_S = 60
TEXT = b"Prism reads every body as text, and so spoils what is none."


class Prism:
    """One validating proxy before one base URL."""

    def __init__(self, api: str, upstream: str) -> None:
        self.port = _free_port()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        command = [str(PRISM), "proxy", "--errors", "--port", str(self.port), "--verboseLevel", "warn"]
        self._process = subprocess.Popen(
            [*command, str(ROOT / "openapi" / f"{api}.yaml"), upstream], stdout=self._log, stderr=subprocess.STDOUT
        )

    def __enter__(self) -> Self:
        end = time.monotonic() + STARTED_S
        while time.monotonic() < end and self._process.poll() is None:
            try:
                httpx.get(f"http://127.0.0.1:{self.port}/", trust_env=False)
            except httpx.ConnectError:
                time.sleep(0.1)
            else:
                return self
        self.__exit__()
        raise RuntimeError("prism did not start: npm install it again")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(10)
        self._log.close()


class ThroughPrism(httpx.BaseTransport):
    """Sends each request to the proxy of its base URL, since Prism serves paths without the server's part."""

    def __init__(self, stack: ExitStack, api_url: str, toolbox_url: str) -> None:
        self.exchanges: Counter[str] = Counter()
        self.violations: list[str] = []
        self._stack, self._api_url, self._toolbox_url = stack, api_url, toolbox_url
        self._transport = stack.enter_context(httpx.HTTPTransport())
        self._proxies: dict[str, Prism] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        api, path = place(request, self._api_url, self._toolbox_url)
        base = str(request.url).partition("?")[0].removesuffix(path)
        if base not in self._proxies:
            self._proxies[base] = self._stack.enter_context(Prism(api, base))
        raw_path = path.encode() + (b"?" + request.url.query if request.url.query else b"")
        url = httpx.URL(scheme="http", host="127.0.0.1", port=self._proxies[base].port, raw_path=raw_path)
        headers = [(name, value) for name, value in request.headers.raw if name.lower() != b"host"]
        sent = httpx.Request(
            request.method, url, headers=headers, content=request.read(), extensions=request.extensions
        )
        answer = self._transport.handle_request(sent)
        body = b"".join(cast(httpx.SyncByteStream, answer.stream))
        answer.close()
        self._judge(f"{request.method} {path}", answer, body)
        return httpx.Response(answer.status_code, headers=answer.headers, content=body)

    def _judge(self, name: str, answer: httpx.Response, body: bytes) -> None:
        self.exchanges[f"{answer.status_code // 100}xx"] += 1
        told = answer.headers.get("sl-violations")
        if told is None and b"stoplight.io/prism/errors" in body:
            told = body.decode()
        if told:
            self.violations.append(f"{name} -> {answer.status_code}: {told}")


def main() -> int:
    """Run the calls; 0 when Prism has nothing to say of any of them, 1 otherwise."""
    if not (shutil.which("node") and PRISM.exists()):
        sys.stderr.write("contract: node or Prism is missing; `make contract` installs Prism with npm\n")
        return 1
    with ExitStack() as stack:
        backend = stack.enter_context(LocalDaytona(snapshot="a-snapshot"))
        transport = ThroughPrism(stack, backend.api_url, backend.toolbox_url)
        client = Daytona(**backend.client_options(), transport=transport, retries=0)
        failed, seen = _told(client)
        exchanges, violations = dict(transport.exchanges), list(transport.violations)
        awake = _awake(transport, backend)
    sys.stdout.write(
        "".join(f"VIOLATION  {line}\n" for line in violations) + "".join(f"FAILED  {line}\n" for line in failed)
    )
    sys.stdout.write(f"prism: {sum(exchanges.values())} exchanges {exchanges}, {len(seen)} of {len(ACTIONS)} actions, ")
    sys.stdout.write(f"{len(violations)} violations; doctored requests caught: {awake} of 2\n")
    return 0 if not violations and not failed and seen == set(ACTIONS) and awake == 2 else 1


def _told(client: Daytona) -> tuple[list[str], set[str]]:
    failed, seen = [], set()

    async def good(action: str, arguments: dict[str, Any]) -> Any:
        output = getattr(client, action)(**arguments)
        seen.add(action)
        if not output.success:
            failed.append(str(output.error))
        return output

    async def refused(action: str, arguments: dict[str, Any]) -> Any:
        return getattr(client, action)(**arguments)

    asyncio.run(tell(good_calls("contract", TEXT), good))
    asyncio.run(tell(refused_calls("refused"), refused))
    return failed, seen


def _awake(transport: ThroughPrism, backend: LocalDaytona) -> int:
    """Send what Prism has to refuse, and count what it did refuse."""
    before = len(transport.violations)
    signed = {"Authorization": f"Bearer {backend.api_key}"}
    doctored = [
        httpx.Request("GET", f"{backend.api_url}/sandbox", params={"limit": 201}, headers=signed),
        httpx.Request("POST", f"{backend.api_url}/sandbox", json={"auto_stop": 1}, headers=signed),
    ]
    for request in doctored:
        transport.handle_request(request)
    return len(transport.violations) - before


def _free_port() -> int:
    with create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
