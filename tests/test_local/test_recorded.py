"""The local toolbox answers the recorded inputs as Daytona's own daemon did."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from recorded.git_repositories import make_repositories, served
from test_local.differences import DIFFERENCES
from test_local.replay import CASES, Replay, missing, parts, recorded

from daytona_facade.local import LocalDaytona

GROUPS = sorted({case_id.split("/")[0] for case_id in CASES})
LOOSE = {"list/root": "the machine's own folders", "exec/nofile": "the machine's own limits"}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict[str, Any]]]:
    """Replay every input that can run here, each group in a sandbox of its own."""
    folder = tmp_path_factory.mktemp("repositories")
    commits = make_repositories(folder)
    found: dict[str, dict[str, Any]] = {}
    with LocalDaytona(daemon="0.190") as backend, served(folder) as base:
        if not backend.isolation.endswith("bubblewrap"):
            pytest.skip(backend.isolation)
        names = {"HTTP/": base, "HOST": base.split("/")[2], **commits}

        def replay(group: str) -> None:
            sandbox = Replay(backend, names)
            try:
                ids = [case_id for case_id in CASES if case_id.startswith(f"{group}/") and not missing(case_id)]
                if ids:
                    sandbox.prepare(group, folder)
                found.update((case_id, sandbox.answer(CASES[case_id])) for case_id in ids)
            finally:
                sandbox.close()

        with ThreadPoolExecutor(len(GROUPS)) as pool:
            list(pool.map(replay, GROUPS))
    yield found


@pytest.mark.parametrize("group", GROUPS)
def test_recorded(
    group: str, answers: dict[str, dict[str, Any]], record_property: Callable[[str, object], None]
) -> None:
    """Every field of every answer is the recorded one, but for the differences that are listed with a reason."""
    wrong, equal, skipped = [], 0, {}
    for case_id in [case_id for case_id in CASES if case_id.startswith(f"{group}/")]:
        if reason := missing(case_id):
            skipped[case_id] = reason
            continue
        expected, found = recorded(CASES[case_id]), answers[case_id]
        differing = parts(expected, found)
        if not differing:
            equal += 1
        elif case_id in DIFFERENCES:
            record_property("figure", f"  {case_id}: {', '.join(differing)} ({DIFFERENCES[case_id]})")
        else:
            wrong.append((case_id, {name: (expected.get(name), found.get(name)) for name in differing}))
    total = equal + len(wrong)
    record_property(
        "figure",
        f"recorded inputs, {group}: {equal} of {total} equal, {len(skipped)} skipped {set(skipped.values()) or ''}",
    )

    assert wrong == []
