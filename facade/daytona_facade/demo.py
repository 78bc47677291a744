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
from .outputs import Output

AT_ONCE = 3
_PAUSE_S = 0.1
_PATIENCE = 600
_SHOWN_CHARS = 110
_CSV = "city,visitors\nLisbon,120\nOslo,75\nKyoto,310\n"
_SUM_UP = """\
import csv, json
rows = list(csv.DictReader(open("trip/visitors.csv")))
total = sum(int(row["visitors"]) for row in rows)
json.dump({"cities": len(rows), "visitors": total}, open("trip/summary.json", "w"))
print(f"{total} visitors in {len(rows)} cities")
"""
_MAKE_REPOSITORY = (
    "git init -q origin && cd origin && echo '# Trip' > README.md && git add . && "
    "git -c user.name=demo -c user.email=demo@localhost commit -q -m 'Begin' && git log --oneline | wc -l"
)


@attrs.frozen
class Step:
    """One action of the story, and what its output must hold for the story to be true."""

    action: str
    arguments: dict[str, Any]
    holds: Callable[[Any], bool] = lambda _: True
    quiet: bool = False
    """Whether the step is only asked again and again until something comes true."""


Story: TypeAlias = Generator[Step | float, Any, None]


def story(run: str) -> Story:
    """Tell the story of one sandbox; it is deleted at the end."""
    created = yield Step("create_sandbox", {"name": f"demo-{run}", "labels": {"demo": run}, "auto_stop_interval": 15})
    sandbox_id = created.sandbox.id
    box = {"sandbox_id": sandbox_id}
    yield from _until(sandbox_id, "started")
    content = base64.b64encode(_CSV.encode()).decode()
    upload = {"destination_path": "trip/", "file_name": "visitors.csv", "file_content_base64": content}
    yield Step("upload_file", {**box, **upload}, lambda output: output.size == len(_CSV))
    sum_up = {"code": _SUM_UP, "language": "python"}
    yield Step("run_code", {**box, **sum_up}, lambda output: "505 visitors" in output.result)
    listed = {"visitors.csv", "summary.json"}
    yield Step("list_files", {**box, "path": "trip"}, lambda output: listed == {file.name for file in output.files})
    yield Step("download_file", {**box, "file_path": "trip/summary.json"}, _is_the_summary)
    yield Step("execute_command", {**box, "command": _MAKE_REPOSITORY}, lambda output: output.exit_code == 0)
    work = yield Step("execute_command", {**box, "command": "pwd"}, quiet=True)
    clone = {"url": f"file://{work.result.strip()}/origin", "path": "cloned"}
    yield Step("git_clone", {**box, **clone})
    yield Step("stop_sandbox", box)
    yield from _until(sandbox_id, "stopped")
    yield Step("start_sandbox", box)
    yield from _until(sandbox_id, "started")
    labelled = {"labels": {"demo": run}}
    yield Step("list_sandboxes", labelled, lambda output: [sandbox_id] == [box.id for box in output.sandboxes])
    yield Step("delete_sandbox", box)


def _is_the_summary(downloaded: Any) -> bool:
    return bool(json.loads(base64.b64decode(downloaded.content_base64)) == {"cities": 3, "visitors": 505})


def _until(sandbox_id: str, state: str) -> Story:
    for _ in range(_PATIENCE):
        output = yield Step("get_sandbox", {"sandbox_id": sandbox_id}, quiet=True)
        if output.sandbox.state == state:
            yield Step("get_sandbox", {"sandbox_id": sandbox_id}, lambda output: output.sandbox.state == state)
            return
        yield _PAUSE_S
    raise TimeoutError(f"the sandbox did not become {state}")


class Teller:
    """Checks and shows the steps of a story as they come back, and counts the actions that worked."""

    def __init__(self, write: Callable[[str], object], prefix: str = "") -> None:
        self.worked: set[str] = set()
        self._write = write
        self._prefix = prefix

    def take(self, step: Step, output: Output, seconds: float) -> Output:
        """Show one step, or raise when its output is no success or does not hold."""
        output.raise_for_failure()
        if not step.holds(output):
            raise ValueError(f"{step.action} worked, but gave {_short(output.to_dict())}")
        self.worked.add(step.action)
        if not step.quiet:
            arguments = ", ".join(f"{name}={_short(value, 20)}" for name, value in step.arguments.items())
            self._write(f"{self._prefix}{step.action}({arguments})  {seconds * 1000:.0f} ms\n")
            self._write(f"{self._prefix}  → {_short(_interesting(output))}\n")
        return output


def tell(client: Daytona, write: Callable[[str], object]) -> set[str]:
    """Tell the story with the sync client; return the actions that worked."""
    teller, plot = Teller(write), story(uuid4().hex[:6])
    step = next(plot)
    try:
        while True:
            if not isinstance(step, Step):
                time.sleep(step)
                step = plot.send(None)
                continue
            began = time.monotonic()
            output = getattr(client, step.action)(**step.arguments)
            step = plot.send(teller.take(step, output, time.monotonic() - began))
    except StopIteration:
        return teller.worked


async def atell(client: AsyncDaytona, write: Callable[[str], object], prefix: str) -> set[str]:
    """Tell the story with the async client; return the actions that worked."""
    teller, plot = Teller(write, prefix), story(uuid4().hex[:6])
    step = next(plot)
    try:
        while True:
            if not isinstance(step, Step):
                await asyncio.sleep(step)
                step = plot.send(None)
                continue
            began = time.monotonic()
            output = await getattr(client, step.action)(**step.arguments)
            step = plot.send(teller.take(step, output, time.monotonic() - began))
    except StopIteration:
        return teller.worked


async def _at_once(options: dict[str, Any], write: Callable[[str], object]) -> set[str]:
    async with AsyncDaytona(**options) as client:
        tales = [atell(client, write, f"[{number}] ") for number in range(1, AT_ONCE + 1)]
        return set.intersection(*await asyncio.gather(*tales))


def _interesting(output: Output) -> dict[str, Any]:
    return {name: value for name, value in output.to_dict().items() if value not in (None, [], {})}


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
            options = {"api_key": backend.api_key, "api_url": backend.api_url, "toolbox_url": backend.toolbox_url}
            write(f"On the local backend at {backend.api_url}\n\n")
        try:
            with Daytona(**options) as client:
                sync = tell(client, write)
            write(f"\nThe same in {AT_ONCE} sandboxes at once, with asyncio\n\n")
            at_once = asyncio.run(_at_once(options, write))
        except Exception as exc:  # noqa: BLE001 - a demo says what went wrong in one line
            write(f"\nFAILED: {type(exc).__name__}: {exc}\n")
            return 1
    write(f"\n{len(sync)}/{len(ACTIONS)} actions worked sync, {len(at_once)}/{len(ACTIONS)} async\n")
    return 0 if sync == at_once == set(ACTIONS) else 1


if __name__ == "__main__":
    sys.exit(main())
