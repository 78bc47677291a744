"""What a worker of the soak does: all twelve actions, each success held to what the sandbox holds."""

import base64
import random
from collections.abc import Generator
from typing import Any, TypeAlias

import attrs

Story: TypeAlias = Generator[tuple[str, dict[str, Any]], Any, None]


@attrs.define
class Tally:
    """What all workers together have seen."""

    calls: int = 0
    failures: int = 0
    verified: int = 0
    kinds: dict[str, int] = attrs.field(factory=dict)

    def count(self, output: Any) -> None:
        """Count one output."""
        self.calls += 1
        if not output.success:
            self.failures += 1
            self.kinds[output.failure.kind] = self.kinds.get(output.failure.kind, 0) + 1


@attrs.define
class Held:
    """What a sandbox may hold: the content of a file, and how often a command has run."""

    contents: set[bytes | None] = attrs.field(factory=lambda: {None})
    fewest: int = 0
    most: int = 0


def story(name: str, seed: int, tally: Tally) -> Story:
    """Live with one sandbox after the other, for ever."""
    dice = random.Random(seed)
    while True:
        made = yield "create_sandbox", {"name": f"{name}-{dice.randrange(10**12)}", "env": {"MINE": name}}
        if not made.success:
            continue
        sandbox, held = {"sandbox_id": made.sandbox.id}, Held()
        yield from _until(sandbox, "started")
        for _ in range(40):
            step = dice.choice((_write, _write, _read, _run, _run, _count, _code, _list, _clone, _look, _restart))
            yield from step(sandbox, held, dice, tally)
        yield "delete_sandbox", sandbox


def _until(sandbox: dict[str, Any], state: str) -> Story:
    for _ in range(500):
        seen = yield "get_sandbox", sandbox
        if seen.success and seen.sandbox.state == state:
            return
    raise AssertionError(f"the sandbox never was {state}")


def _write(sandbox: dict[str, Any], held: Held, dice: random.Random, tally: Tally) -> Story:
    content = dice.randbytes(dice.randrange(0, 20_000))
    coded = base64.b64encode(content).decode()
    output = yield "upload_file", {**sandbox, "destination_path": "f.bin", "file_content_base64": coded}
    if output.success:
        held.contents = {content}
        yield from _read(sandbox, held, dice, tally)
    elif output.failure.sent:
        held.contents = held.contents | {content}


def _read(sandbox: dict[str, Any], held: Held, dice: random.Random, tally: Tally) -> Story:
    output = yield "download_file", {**sandbox, "file_path": "f.bin"}
    if output.success:
        content = base64.b64decode(output.content_base64)
        assert content in held.contents, "a file holds what was never written to it"
        held.contents = {content}
        tally.verified += 1
    elif output.failure.kind == "not_found":
        assert None in held.contents, "a file that was written is not there"


def _run(sandbox: dict[str, Any], held: Held, dice: random.Random, tally: Tally) -> Story:
    output = yield "execute_command", {**sandbox, "command": "echo run >> runs; echo $N", "env": {"N": "seven"}}
    if output.success:
        assert (output.exit_code, output.result) == (0, "seven\n"), output
        held.fewest += 1
        tally.verified += 1
    held.most += output.success or output.failure.sent


def _count(sandbox: dict[str, Any], held: Held, dice: random.Random, tally: Tally) -> Story:
    output = yield "execute_command", {**sandbox, "command": "touch runs; grep -c run runs"}
    if output.success:
        ran = int(output.result)
        assert held.fewest <= ran <= held.most, f"a command ran {ran} times, not {held.fewest} to {held.most}"
        held.fewest = held.most = ran
        tally.verified += 1


def _code(sandbox: dict[str, Any], held: Held, dice: random.Random, tally: Tally) -> Story:
    number = dice.randrange(10**9)
    output = yield "run_code", {**sandbox, "code": f"print({number} * 2)", "language": "python"}
    if output.success:
        assert (output.exit_code, output.result) == (0, f"{number * 2}\n"), output
        tally.verified += 1


def _list(sandbox: dict[str, Any], held: Held, dice: random.Random, tally: Tally) -> Story:
    output = yield "list_files", sandbox
    if output.success and None not in held.contents:
        sizes = {len(content) for content in held.contents if content is not None}
        assert [file.size in sizes for file in output.files if file.name == "f.bin"] == [True], output
        tally.verified += 1


def _clone(sandbox: dict[str, Any], held: Held, dice: random.Random, tally: Tally) -> Story:
    output = yield "git_clone", {**sandbox, "url": "file:///no/such/repository", "path": "clone"}
    assert not output.success


def _look(sandbox: dict[str, Any], held: Held, dice: random.Random, tally: Tally) -> Story:
    output = yield "list_sandboxes", {"limit": 200}
    if output.success:
        assert sandbox["sandbox_id"] in [found.id for found in output.sandboxes] or output.next_cursor, output
        tally.verified += 1


def _restart(sandbox: dict[str, Any], held: Held, dice: random.Random, tally: Tally) -> Story:
    if dice.random() < 0.7:
        return
    output = yield "stop_sandbox", sandbox
    if output.success or output.failure.sent:
        stopped = yield "get_sandbox", sandbox
        for _ in range(500):
            if stopped.success and stopped.sandbox.state in {"started", "stopped"}:
                break
            stopped = yield "get_sandbox", sandbox
        assert not output.success or stopped.sandbox.state == "stopped", stopped
        for _ in range(50):
            again = yield "start_sandbox", sandbox
            if again.success:
                break
        yield from _until(sandbox, "started")
