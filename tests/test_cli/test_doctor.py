"""``doctor`` names what is wrong and how to fix it, and never prints the key."""

from typing import Any

import pytest


def verdicts(findings: list[dict[str, Any]]) -> dict[str, str]:
    return {finding["what"]: finding["verdict"] for finding in findings}


def test_all_is_well(inside: Any) -> None:
    """If the key, the API and the toolbox work, the exit code is 0."""
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
def test_a_fault_is_named(inside: Any, environment: dict[str, str], what: str, mend: str) -> None:
    """A fault is named with its fix, the exit code is 1, and the key is not printed."""
    findings = inside.json("doctor", code=1, **environment)
    wrong = [finding for finding in findings if finding["verdict"] == "wrong"]
    assert [finding["what"] for finding in wrong] == [what]
    assert mend in wrong[0]["mend"]
    key = environment.get("DAYTONA_API_KEY")
    assert not key or key not in str(findings)


def test_a_url_without_its_path(inside: Any, recorder: Any) -> None:
    """A URL that is not the API's is reported, with what its path should be."""
    recorder.answer = "a page"
    findings = inside.json("doctor", code=1, DAYTONA_API_URL=recorder.url)
    assert verdicts(findings)["API"] == "wrong"
    assert "/api" in next(finding["mend"] for finding in findings if finding["what"] == "API")


def test_local_backend(inside: Any) -> None:
    """With ``--local``, the local backend is checked and no key is needed."""
    findings = inside.json("--local", "doctor", DAYTONA_API_KEY="")
    assert set(verdicts(findings)) == {"versions", "key", "API", "toolbox", "local backend"}
