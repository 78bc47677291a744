"""The doctor: what is wrong is named, with what mends it, and the key is never shown."""

from typing import Any

import pytest


def verdicts(findings: list[dict[str, Any]]) -> dict[str, str]:
    return {finding["what"]: finding["verdict"] for finding in findings}


def test_all_is_well(inside: Any) -> None:
    """With key, API and toolbox in order the exit code is 0."""
    printed = inside("doctor")
    lines = [line.split(maxsplit=1) for line in printed.splitlines() if not line.startswith(" ")]
    assert [text.partition(":")[0] for _, text in lines] == ["versions", "key", "API", "toolbox", "local backend"]
    assert {verdict for verdict, _ in lines[:4]} == {"ok"}


@pytest.mark.parametrize(
    ("environment", "what", "mend"),
    [
        pytest.param({"DAYTONA_API_KEY": ""}, "key", "https://app.daytona.io/dashboard/keys", id="no key"),
        pytest.param({"DAYTONA_API_KEY": "a b"}, "settings", "DAYTONA_*", id="broken key"),
        pytest.param({"DAYTONA_API_KEY": "dtn_wrong_key"}, "API", "make a key", id="wrong key"),
        pytest.param({"DAYTONA_API_URL": "http://127.0.0.1:1/api"}, "API", "DAYTONA_API_URL", id="unreachable"),
        pytest.param({"DAYTONA_API_URL": "nowhere"}, "settings", "DAYTONA_*", id="no URL"),
        pytest.param({"DAYTONA_TOOLBOX_URL": "http://127.0.0.1:1/t"}, "toolbox", "network", id="toolbox"),
    ],
)
def test_what_is_wrong(inside: Any, environment: dict[str, str], what: str, mend: str) -> None:
    """It is found, the mending step is named, the exit code is 1, and the key does not appear."""
    findings = inside.json("doctor", code=1, **environment)
    wrong = [finding for finding in findings if finding["verdict"] == "wrong"]
    assert [finding["what"] for finding in wrong] == [what]
    assert mend in wrong[0]["mend"]
    key = environment.get("DAYTONA_API_KEY")
    assert not key or key not in str(findings)


def test_a_url_without_its_path(inside: Any, recorder: Any) -> None:
    """An API that answers something else is told so."""
    recorder.answer = "a page"
    findings = inside.json("doctor", code=1, DAYTONA_API_URL=recorder.url)
    assert verdicts(findings)["API"] == "wrong"
    assert "/api" in next(finding["mend"] for finding in findings if finding["what"] == "API")


def test_the_backend_of_this_machine(inside: Any) -> None:
    """--local looks at that instead: neither key nor account is needed."""
    findings = inside.json("--local", "doctor", DAYTONA_API_KEY="")
    assert set(verdicts(findings)) == {"versions", "key", "API", "toolbox", "local backend"}
