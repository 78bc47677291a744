"""How long the backend takes."""

import time
from collections.abc import Callable
from statistics import median

from test_local.wire import Wire


def test_speed(wire: Wire, record_property: Callable[[str, object], None]) -> None:
    """A sandbox starts within a second and a command returns within a fifth: a test suite can afford one each."""
    creates, commands = [], []
    for _ in range(11):
        start = time.perf_counter()
        box = wire.create().json()["id"]
        wire.reach(box, "started")
        creates.append((time.perf_counter() - start) * 1000)
    for _ in range(100):
        start = time.perf_counter()
        assert wire.output("echo 1", box) == "1\n"
        commands.append((time.perf_counter() - start) * 1000)
    creates.sort()
    commands.sort()
    figure = (
        f"create to started: p50 {median(creates):.0f} ms, worst {creates[-1]:.0f} ms (11); "
        f"execute round trip: p50 {median(commands):.1f} ms, p95 {commands[94]:.1f} ms (100)"
    )
    record_property("figure", figure)
    # Many times what an idle machine takes: a wait that nobody needs shows, a busy machine does not.
    assert median(creates) < 1000, figure
    assert median(commands) < 200, figure
