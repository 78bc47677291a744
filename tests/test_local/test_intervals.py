"""Sandboxes stop and go by themselves, when their time has come."""

from collections.abc import Iterator

import pytest

from daytona_facade.local import LocalDaytona
from test_local.wire import Wire, until


@pytest.fixture(scope="module")
def quick() -> Iterator[Wire]:
    """Serve sandboxes whose minutes are half a second."""
    with LocalDaytona(minute_seconds=0.5) as backend, Wire(backend) as wire:
        yield wire


def test_intervals_act(quick: Wire) -> None:
    """An idle sandbox stops; a stopped one goes, at once, later or never."""
    never = quick.made(autoStopInterval=0)
    idle = quick.made(autoStopInterval=1)
    at_once = quick.made(autoStopInterval=1, autoDeleteInterval=0)
    later = quick.made(autoStopInterval=1, autoDeleteInterval=2)

    quick.reach(at_once, "gone")
    quick.reach(idle, "stopped")
    quick.reach(later, "gone")

    assert (quick.state(never), quick.state(idle)) == ("started", "stopped")


def test_a_busy_sandbox_is_not_idle(quick: Wire) -> None:
    """A command that takes longer than the interval is not cut off."""
    box = quick.made(autoStopInterval=2)

    assert quick.output("sleep 1.6; echo done", box) == "done\n"

    quick.reach(box, "stopped")


def test_an_interval_can_be_changed(quick: Wire) -> None:
    """A sandbox that has none yet can be given one."""
    box = quick.made(autoStopInterval=0)
    answer = quick.rest("POST", f"/sandbox/{box}/autostop/1")

    assert answer.json()["autoStopInterval"] == 1
    until(lambda: quick.state(box) == "stopped", "stopped")
