"""The local toolbox answers the recorded inputs as Daytona's own daemon did."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from daytona_facade.local import LocalDaytona
from recorded.git_repositories import make_repositories, served
from test_local.differences import DIFFERENCES, MACHINE
from test_local.replay import CASES, Replay, missing, parts, recorded

GROUPS = sorted({case_id.split("/")[0] for case_id in CASES})


def ids_of(group: str) -> list[str]:
    """List the inputs of a group in the order in which they were recorded."""
    return [case_id for case_id in CASES if case_id.startswith(f"{group}/")]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Replay every input that can run here, each group in a sandbox of its own."""
    folder = tmp_path_factory.mktemp("repositories")
    commits = make_repositories(folder)
    found: dict[str, dict[str, Any]] = {}
    with LocalDaytona(daemon="0.190") as backend, served(folder) as base:
        if not backend.isolation.endswith("bubblewrap"):
            pytest.skip(backend.isolation)
        names = {"HTTP/": base, "HOST": base.split("/")[2], **commits}

        def replay(group: str) -> None:
            ids = [case_id for case_id in ids_of(group) if not missing(case_id)]
            if not ids:
                return
            sandbox = Replay(backend, names if group == "git" else {})
            try:
                sandbox.prepare(group, folder)
                found.update((case_id, sandbox.answer(CASES[case_id])) for case_id in ids)
            finally:
                sandbox.close()

        with ThreadPoolExecutor(len(GROUPS)) as pool:
            list(pool.map(replay, GROUPS))
    return found


@pytest.mark.parametrize("group", GROUPS)
def test_recorded(
    group: str, answers: dict[str, dict[str, Any]], record_property: Callable[[str, object], None]
) -> None:
    """Every field of every answer is the recorded one, but for the differences that are listed with a reason."""
    skipped = {case_id: reason for case_id in ids_of(group) if (reason := missing(case_id))}
    ran = [case_id for case_id in ids_of(group) if case_id not in skipped]
    differing = {case_id: fields for case_id in ran if (fields := parts(recorded(CASES[case_id]), answers[case_id]))}
    wrong = {
        case_id: [(field, recorded(CASES[case_id]).get(field), answers[case_id].get(field)) for field in fields]
        for case_id, fields in differing.items()
        if case_id not in DIFFERENCES | MACHINE
    }
    why = f" ({', '.join(sorted(set(skipped.values())))})" if skipped else ""
    figure = f"recorded inputs, {group}: {len(ran) - len(differing)} of {len(ran)} equal, {len(skipped)} skipped{why}"
    record_property("figure", figure)
    for case_id in differing.keys() - wrong.keys():
        reason = (DIFFERENCES | MACHINE)[case_id]
        record_property("figure", f"  {case_id} differs in {', '.join(differing[case_id])}: {reason}")

    assert wrong == {}, sorted(wrong)
    assert [case_id for case_id in DIFFERENCES if case_id in ran and case_id not in differing] == []
