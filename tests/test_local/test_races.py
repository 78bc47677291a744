"""Whatever happens at once, a sandbox ends in a state that can be left, and answers or says why not."""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from daytona_facade.local import LocalDaytona
from test_local.wire import Wire, until

SANDBOXES = 8
CALLS = 6
FINAL = {"started", "stopped", "error", "gone"}


def _can_be_left(wire: Wire, box: str) -> bool:
    return wire.state(box) in FINAL


@pytest.mark.parametrize("isolation", ["auto", "none"])
@pytest.mark.parametrize("pause", [0, 0.05], ids=["together", "staggered"])
def test_start_stop_and_delete_at_once(
    isolation: str, pause: float, record_property: Callable[[str, object], None]
) -> None:
    """Calls that cross each other leave no sandbox in a state between two others."""
    chance = random.Random(f"{isolation}{pause}")
    with LocalDaytona(isolation=isolation, transition_seconds=0) as backend, Wire(backend) as wire:
        with ThreadPoolExecutor(SANDBOXES * CALLS) as threads:
            boxes = [answer.json()["id"] for answer in threads.map(lambda _: wire.create(), range(SANDBOXES))]
            calls = [("POST", "/start"), ("POST", "/stop"), ("DELETE", "")] * (CALLS // 3)

            def cross(job: tuple[str, tuple[str, str], float]) -> int:
                box, (method, path), delay = job
                time.sleep(delay)
                return wire.rest(method, f"/sandbox/{box}{path}").status_code

            jobs = [(box, call, chance.random() * pause * CALLS) for box in boxes for call in calls]
            chance.shuffle(jobs)
            statuses = list(threads.map(cross, jobs))
        for box in boxes:
            until(partial(_can_be_left, wire, box), "a state that can be left")
        states = sorted(wire.state(box) for box in boxes)
        found = {item["id"] for item in wire.rest("GET", "/sandbox").json()["items"]}

    assert set(statuses) <= {200, 400, 404, 409}
    assert len(found) == len(states) - states.count("gone")
    counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    record_property("figure", f"{len(boxes)} sandboxes, {len(jobs)} calls at once ({isolation}): {counts}")


@pytest.mark.parametrize("isolation", ["auto", "none"])
def test_a_toolbox_that_hangs_is_restarted(isolation: str) -> None:
    """A toolbox that no longer answers is noticed by the request that waits for it, and the sandbox runs again."""
    with LocalDaytona(isolation=isolation, probe_seconds=0.5) as backend, Wire(backend) as wire:
        wire.box = wire.made()
        wire.execute("echo kept > kept")
        answer = wire.toolbox("POST", "/process/execute", json={"command": "kill -STOP $PPID; sleep 60"})

        assert (answer.status_code, answer.content) == (502, b"")

        wire.reach(wire.box, "started")

        assert wire.output("cat kept") == "kept\n"


def test_a_slow_toolbox_is_left_alone() -> None:
    """A command that takes longer than the checks do is not cut off."""
    with LocalDaytona(probe_seconds=0.2) as backend, Wire(backend) as wire:
        wire.box = wire.made()

        assert wire.output("sleep 3; echo done") == "done\n"


def test_a_delete_during_a_command() -> None:
    """A sandbox with a request under way can be deleted, and the request ends."""
    with LocalDaytona() as backend, Wire(backend) as wire, ThreadPoolExecutor(1) as thread:
        box = wire.made()
        running = thread.submit(wire.toolbox, "POST", "/process/execute", box, json={"command": "sleep 60"})
        until(lambda: "sleep 60" in wire.output("cat /proc/*/cmdline | tr '\\0' ' '", box), "the command")
        deleted = wire.rest("DELETE", f"/sandbox/{box}")

        assert deleted.status_code == 200
        assert running.result(timeout=20).status_code == 502

        wire.reach(box, "gone")
