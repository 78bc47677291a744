"""The twelve actions in one story: ``python -m daytona_facade.demo``.

It runs on the local backend; with ``LIVE=1`` and ``DAYTONA_API_KEY`` set, on Daytona itself. The story is told twice:
by the sync client, then by the async client in several sandboxes at once. It ends with 1 when an action fails.
"""

import asyncio
import base64
import json
import os
import sys
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack
from typing import Any, TypeAlias
from uuid import uuid4

import attrs

from . import ACTIONS, AsyncDaytona, Daytona

AT_ONCE = 3
_PAUSE_S = 0.1
_PATIENCE = 600
_SHOWN_CHARS = 110
_CSV = "city,visitors\nLisbon,120\nOslo,75\nKyoto,310\n"
_SUM_UP = """\
import csv, json, os
rows = list(csv.DictReader(open("trip/visitors.csv")))
total = sum(int(row["visitors"]) for row in rows)
json.dump({os.environ["UNIT"]: len(rows), "visitors": total}, open("trip/summary.json", "w"))
print(f"{total} visitors in {len(rows)} cities")
"""
_SERVE_REPOSITORY = r"""
set -e
git init -q origin
echo '# Trip' > origin/README.md
git -C origin add .
git -C origin -c user.name=demo -c user.email=demo@localhost commit -q -m 'Begin'
cat > serve.py <<'END'
import gzip, http.server, subprocess

class Repository(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        command = ["git", "upload-pack", "--stateless-rpc", "--advertise-refs", "origin"]
        refs = subprocess.run(command, capture_output=True).stdout
        self.answer("advertisement", b"001e# service=git-upload-pack\n0000" + refs)

    def do_POST(self):
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            asked = gzip.decompress(asked)
        pack = subprocess.run(["git", "upload-pack", "--stateless-rpc", "origin"], input=asked, capture_output=True)
        self.answer("result", pack.stdout)

    def answer(self, kind, content):
        self.send_response(200)
        self.send_header("Content-Type", f"application/x-git-upload-pack-{kind}")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Repository)
open("port.new", "w").write(str(server.server_port))
__import__("os").rename("port.new", "port")
server.serve_forever()
END
setsid python3 serve.py > serve.log 2>&1 < /dev/null &
for _ in $(seq 100); do test -s port && break; sleep 0.1; done
cat port
"""
"""Daytona's daemon is process 1 of a sandbox and may lose the child of a ``file://`` clone, so HTTP serves it."""
_DRAW = "import matplotlib.pyplot as plt; plt.plot([120, 75, 310]); plt.title('Visitors'); plt.show()"
Json: TypeAlias = dict[str, Any]


@attrs.frozen
class Step:
    """One action of the story, and what its output must hold for the story to be true."""

    action: str
    arguments: Json
    holds: Callable[[Json], bool] = lambda _: True
    quiet: bool = False
    """Whether the step is only asked again and again until something comes true."""


Story: TypeAlias = Generator[Step | float, Any, None]
"""It yields steps, and seconds to wait, and takes the output of each step as JSON."""


def story(run: str) -> Story:
    """Yield the steps of one sandbox's life, in which every action is called; it is deleted at the end."""
    name, labels = f"demo-{run}", {"demo": run}
    created = yield Step("create_sandbox", {"name": name, "labels": labels, "auto_stop_interval": 15})
    sandbox_id = created["sandbox"]["id"]
    box = {"sandbox_id": sandbox_id}
    yield from _until(sandbox_id, "started")
    content = base64.b64encode(_CSV.encode()).decode()
    upload = {"destination_path": "trip/visitors.csv", "file_content_base64": content}
    yield Step("upload_file", {**box, **upload}, lambda output: output["size"] == len(_CSV))
    sum_up = {"code": _SUM_UP, "language": "python", "env": {"UNIT": "cities"}}
    yield Step("run_code", {**box, **sum_up}, lambda output: output["result"] == "505 visitors in 3 cities\n")
    names = ["summary.json", "visitors.csv"]
    listing = {**box, "path": "trip"}
    yield Step("list_files", listing, lambda output: names == [file["name"] for file in output["files"]])
    yield Step("download_file", {**box, "file_path": "trip/summary.json"}, _is_the_summary)
    served = {**box, "command": _SERVE_REPOSITORY, "timeout": 30}
    port = yield Step("execute_command", served, lambda output: output["result"].strip().isdigit())
    clone = {"url": f"http://127.0.0.1:{port['result'].strip()}/origin", "path": "cloned"}
    yield Step("git_clone", {**box, **clone}, lambda output: output["clone_path"] == "cloned")
    yield Step("stop_sandbox", box)
    yield from _until(sandbox_id, "stopped")
    yield Step("start_sandbox", box)
    yield from _until(sandbox_id, "started")
    yield Step("list_sandboxes", {"labels": labels}, lambda output: sandbox_id in _ids(output))
    yield Step("delete_sandbox", box, lambda output: output["sandbox"]["name"] == name)


def _is_the_summary(output: Json) -> bool:
    return bool(json.loads(base64.b64decode(output["content_base64"])) == {"cities": 3, "visitors": 505})


def _ids(output: Json) -> list[str]:
    return [sandbox["id"] for sandbox in output["sandboxes"]]


def _until(sandbox_id: str, state: str) -> Story:
    for _ in range(_PATIENCE):
        output = yield Step("get_sandbox", {"sandbox_id": sandbox_id}, quiet=True)
        if output["sandbox"]["state"] == state:
            return
        yield _PAUSE_S
    raise TimeoutError(f"the sandbox did not become {state}")


class StepPrinter:
    """Checks and prints the steps of a story, and collects the actions that worked."""

    def __init__(self, write: Callable[[str], object], prefix: str = "") -> None:
        self.worked: set[str] = set()
        self._write = write
        self._prefix = prefix

    def check(self, step: Step, output: Json, seconds: float) -> Json:
        """Print one step, or raise when its output is a failure or not what the story needs."""
        if not output["success"]:
            raise RuntimeError(output["error"])
        if not step.holds(output):
            raise ValueError(f"{step.action} worked, but gave {_short(output)}")
        self.worked.add(step.action)
        if not step.quiet:
            arguments = ", ".join(f"{name}={_short(value, 20)}" for name, value in step.arguments.items())
            self._write(f"{self._prefix}{step.action}({arguments})  {seconds * 1000:.0f} ms\n")
            self._write(f"{self._prefix}  → {_short(_interesting(output))}\n")
        return output


def run_story(client: Daytona, write: Callable[[str], object]) -> set[str]:
    """Run the story with the sync client; return the actions that worked."""
    printer, steps = StepPrinter(write), story(uuid4().hex[:6])
    step = next(steps)
    try:
        while True:
            if not isinstance(step, Step):
                time.sleep(step)
                step = steps.send(None)
                continue
            began = time.monotonic()
            output = client.call(step.action, step.arguments)
            step = steps.send(printer.check(step, output, time.monotonic() - began))
    except StopIteration:
        return printer.worked


async def arun_story(client: AsyncDaytona, write: Callable[[str], object], prefix: str) -> set[str]:
    """Run the story with the async client; return the actions that worked."""
    printer, steps = StepPrinter(write, prefix), story(uuid4().hex[:6])
    step = next(steps)
    try:
        while True:
            if not isinstance(step, Step):
                await asyncio.sleep(step)
                step = steps.send(None)
                continue
            began = time.monotonic()
            output = await client.call(step.action, step.arguments)
            step = steps.send(printer.check(step, output, time.monotonic() - began))
    except StopIteration:
        return printer.worked


def _draw(client: Daytona, write: Callable[[str], object]) -> None:
    """Draw a chart where a sandbox has matplotlib."""
    with client.temporary_sandbox() as sandbox_id:
        for chart in client.run_code(sandbox_id, _DRAW, "python", timeout=60).charts:
            write(f"run_code drew a {chart.type} chart: {len(chart.png):,} bytes of PNG\n")


async def _at_once(options: dict[str, Any], write: Callable[[str], object]) -> set[str]:
    async with AsyncDaytona(**options) as client:
        runs = [arun_story(client, write, f"[{number}] ") for number in range(1, AT_ONCE + 1)]
        return set.intersection(*await asyncio.gather(*runs))


def _interesting(output: Json) -> Json:
    return {name: value for name, value in output.items() if value not in (None, [], {})}


def _short(value: Any, limit: int = _SHOWN_CHARS) -> str:
    if isinstance(value, dict):
        value = {key: _leaf(part) for key, part in value.items()}
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _leaf(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: part[key] for key in ("state", "name", "id") if part.get(key) is not None}
    return [_leaf(item) for item in part] if isinstance(part, list) else part


def main() -> int:
    """Run the demo; return the exit code."""
    write = sys.stdout.write
    with ExitStack() as stack:
        options: dict[str, Any] = {}
        if os.environ.get("LIVE") == "1":
            write("On Daytona itself\n\n")
        else:
            from .local import LocalDaytona

            backend = stack.enter_context(LocalDaytona())
            options = backend.client_options()
            write(f"On the local backend at {backend.api_url}\n\n")
        try:
            with Daytona(**options) as client:
                sync = run_story(client, write)
                _draw(client, write)
            write(f"\nThe same in {AT_ONCE} sandboxes at once, with asyncio\n\n")
            at_once = asyncio.run(_at_once(options, write))
        except Exception as exc:  # noqa: BLE001 - a demo says what went wrong in one line
            write(f"\nFAILED: {type(exc).__name__}: {exc}\n")
            return 1
    write(f"\n{len(sync)}/{len(ACTIONS)} actions worked sync, {len(at_once)}/{len(ACTIONS)} async\n")
    return 0 if sync == at_once == set(ACTIONS) else 1


if __name__ == "__main__":
    sys.exit(main())
