"""The drift report on Daytona's own full specs, as they are and mutated; skipped where they are not at hand."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from support.harmless_mutations import harmless_mutations
from support.paths import ROOT
from support.spec_mutations import Json, spec_mutations
from support.upstream_specs import FILES, MISSING

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)


@pytest.fixture(scope="module")
def drift() -> Iterator[ModuleType]:
    """Import the report, which is a script beside the specs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "openapi")
        yield importlib.import_module("drift")


def reported(drift: ModuleType, mutated: Json, api: str, used: Json, lock: Json) -> tuple[str | None, set[str]]:
    """Tell the worst level that is reported, and which actions are named."""
    now: Json = {}
    for name, operations in used.items():
        now |= drift.seen(operations, mutated if name == api else None, lock)
    findings = drift.compare(used["rest"] | used["toolbox"], now, lock, drift.DEVIATIONS)
    levels = {finding.level for finding in findings}
    worst = next((level for level in ("BREAK", "NEWS") if level in levels), None)
    return worst, {finding.action for finding in findings if finding.level != "SAME"}


def test_upstream_as_it_is() -> None:
    """The current upstream specs give no BREAK and few NEWS."""
    command = [sys.executable, str(ROOT / "openapi/drift.py"), "--json"]
    specs = [f"--{api}={file}" for api, file in FILES.items()]
    run = subprocess.run([*command, *specs], capture_output=True, text=True, check=False)
    levels = [finding["level"] for finding in json.loads(run.stdout)["findings"]]

    assert run.returncode == 0, run.stdout
    assert "BREAK" not in levels
    assert levels.count("NEWS") < 10
    assert levels.count("SAME") > 0


@pytest.mark.slow
def test_every_mutation_that_matters_is_caught(drift: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """Each mutation that affects an action is reported with its level; harmless ones are not."""
    texts = {api: file.read_text() for api, file in FILES.items()}
    specs = {api: json.loads(text) for api, text in texts.items()}
    used = {api: drift.ours(drift.load(str(ROOT / "openapi" / f"{api}.yaml"))) for api in FILES}
    lock: Json = {}
    for api, operations in used.items():
        facts = drift.seen(operations, specs[api], {})
        lock |= {name: {"action": operations[name]["action"], "facts": facts[name]} for name in facts}
    missed: list[Any] = []
    false_alarms: list[Any] = []
    counts = {True: 0, False: 0}
    for mutation in [*spec_mutations(), *harmless_mutations(specs)]:
        matters = mutation.level is not None
        counts[matters] += 1
        mutated = json.loads(texts[mutation.api])
        mutation.apply(mutated)
        found = reported(drift, mutated, mutation.api, used, lock)
        if found != (mutation.level, mutation.actions):
            (missed if matters else false_alarms).append((mutation.name, found))
    with capsys.disabled():
        print(f"\ndrift: {counts[True] - len(missed)}/{counts[True]} mutations caught, ", end="")
        print(f"{len(false_alarms)} false alarms in {counts[False]}")

    assert missed == []
    assert false_alarms == []
    assert counts[True] >= 40
    assert counts[False] >= 40
