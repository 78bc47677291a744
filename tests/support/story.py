"""All twelve actions in one story, told through whatever place runs them on plain JSON."""

import base64
import time
from collections.abc import Awaitable, Callable, Generator
from typing import Any, TypeAlias

import jsonschema

from daytona_facade import ACTIONS
from support.actions_by_place import record

Output: TypeAlias = dict[str, Any]
Told: TypeAlias = Generator[tuple[str, dict[str, Any]], Output, None]

CONTENT = b"one\ntwo\n\xff"
_MAKE_REPOSITORY = (
    "git init -q origin && cd origin && echo one > file && git add . && "
    "git -c user.name=t -c user.email=t@localhost commit -q -m one && pwd"
)


def story(place: str) -> Told:
    """Yield each call and take its output; every action is asked for, and every output is looked at."""
    name = f"story-{place}"
    made = yield "create_sandbox", {"name": name, "labels": {"place": place}}
    box = {"sandbox_id": made["sandbox"]["id"]}
    yield from _until(box, "started")
    ran = yield (
        "run_code",
        {**box, "code": "import os; print(os.environ['N'])", "language": "python", "env": {"N": "7"}},
    )
    assert (ran["exit_code"], ran["result"]) == (0, "7\n")
    written = yield (
        "upload_file",
        {
            **box,
            "destination_path": "dir/data.bin",
            "file_content_base64": base64.b64encode(CONTENT).decode(),
        },
    )
    assert ("data.bin", len(CONTENT)) == (written["name"], written["size"])
    listed = yield "list_files", {**box, "path": "dir"}
    assert [("data.bin", len(CONTENT))] == [(file["name"], file["size"]) for file in listed["files"]]
    read = yield "download_file", {**box, "file_path": "dir/data.bin"}
    assert base64.b64decode(read["content_base64"]) == CONTENT
    executed = yield "execute_command", {**box, "command": _MAKE_REPOSITORY, "timeout": 20}
    assert executed["exit_code"] == 0, executed["result"]
    origin = executed["result"].strip()
    cloned = yield "git_clone", {**box, "url": f"file://{origin}", "path": "copy"}
    assert cloned["clone_path"] == "copy"
    page = yield "list_sandboxes", {"limit": 200, "labels": {"place": place}}
    assert box["sandbox_id"] in [sandbox["id"] for sandbox in page["sandboxes"]]
    yield "stop_sandbox", box
    yield from _until(box, "stopped")
    yield "start_sandbox", box
    yield from _until(box, "started")
    deleted = yield "delete_sandbox", box
    assert deleted["sandbox"]["name"] == name


class Teller:
    """Tells the story call by call: what a scripted model needs."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._story = story(place)
        self._action = ""

    def after(self, output: Output | None) -> tuple[str, dict[str, Any]] | None:
        """Return the call that follows an output, the first after none; nothing at the end."""
        try:
            call = next(self._story) if output is None else self._story.send(self._checked(output))
        except StopIteration:
            return None
        self._action = call[0]
        return call

    def _checked(self, output: Output) -> Output:
        jsonschema.Draft202012Validator(ACTIONS[self._action].output_schema).validate(output)
        assert output["success"], output["error"]
        record(self._action, self._place)
        return output


def tell(place: str, call: Callable[[str, dict[str, Any]], Output]) -> None:
    """Tell the story through a call that blocks."""
    teller = Teller(place)
    output = None
    while step := teller.after(output):
        output = call(*step)


async def atell(place: str, call: Callable[[str, dict[str, Any]], Awaitable[Output]]) -> None:
    """Tell the story through a call that is awaited."""
    teller = Teller(place)
    output = None
    while step := teller.after(output):
        output = await call(*step)


def _until(box: dict[str, Any], state: str) -> Told:
    end = time.monotonic() + 20
    seen = None
    while time.monotonic() < end:
        looked = yield "get_sandbox", box
        seen = looked["sandbox"]["state"]
        if seen == state:
            return
    raise AssertionError(f"the sandbox is {seen}, not {state}")
