"""The trimmed specs hold for the local backend, whatever a caller sends."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from daytona_facade.local import LocalDaytona

OPENAPI = Path(__file__).resolve().parents[2] / "openapi"
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
# Daytona's spec says a string, and its API answers null.
_NULLABLE = ("errorReason", "networkAllowList", "domainAllowList")


def _rest_spec() -> dict[str, Any]:
    spec: dict[str, Any] = yaml.safe_load((OPENAPI / "rest.yaml").read_text())
    for schema in spec["components"]["schemas"].values():
        for name, details in schema.get("properties", {}).items():
            if name in _NULLABLE:
                details["nullable"] = True
    return spec


def _fails_on_daytona(case: schemathesis.Case) -> bool:
    """Tell whether Daytona's database refuses what its API accepted, which is a 500."""
    body = case.body if isinstance(case.body, dict) else {}
    minutes = [body.get(f"auto{name}Interval") for name in ("Stop", "Archive", "Delete")]
    numbers = [value for value in minutes if isinstance(value, int | float)]
    text = repr((body, case.query, case.path_parameters))
    return any(value % 1 or abs(value) >= 2**31 for value in numbers) or "\\x00" in text or "\\ud" in text


rest = schemathesis.openapi.from_dict(_rest_spec())
toolbox = schemathesis.openapi.from_path(OPENAPI / "toolbox.yaml")
bounded = settings(
    max_examples=8, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[LocalDaytona]:
    """Serve sandboxes whose commands are cut short, since nobody knows what they will be."""
    with LocalDaytona(command_seconds=1) as backend:
        if not backend.isolation.endswith("bubblewrap"):
            pytest.skip(f"random commands are run in isolation only; {backend.isolation}")
        yield backend


@pytest.fixture(scope="module")
def signed(fuzzed: LocalDaytona) -> dict[str, str]:
    """Give the headers of a caller who has the key."""
    return {"Authorization": f"Bearer {fuzzed.api_key}"}


@pytest.fixture(scope="module")
def box(fuzzed: LocalDaytona, signed: dict[str, str]) -> str:
    """Make a sandbox, and give its toolbox's address."""
    made = httpx.post(f"{fuzzed.api_url}/sandbox", json={}, headers=signed, timeout=60).raise_for_status().json()
    return f"{fuzzed.toolbox_url}/{made['id']}"


@pytest.fixture
def swept(fuzzed: LocalDaytona, signed: dict[str, str], box: str) -> Iterator[None]:
    """Delete the sandboxes that a test has made."""
    yield
    for item in httpx.get(f"{fuzzed.api_url}/sandbox", headers=signed).json()["items"]:
        if item["id"] not in box:
            httpx.delete(f"{fuzzed.api_url}/sandbox/{item['id']}", headers=signed)


@rest.parametrize()
@bounded
def test_rest(case: schemathesis.Case, fuzzed: LocalDaytona, signed: dict[str, str], swept: None) -> None:
    """The REST API answers only what its spec says."""
    answer = case.call(base_url=fuzzed.api_url, headers=signed)
    case.validate_response(answer, checks=CHECKS if _fails_on_daytona(case) else [not_a_server_error, *CHECKS])


@toolbox.parametrize()
@bounded
def test_toolbox(case: schemathesis.Case, box: str, signed: dict[str, str]) -> None:
    """A toolbox answers only what its spec says."""
    case.call_and_validate(base_url=box, headers=signed, checks=[not_a_server_error, *CHECKS])
