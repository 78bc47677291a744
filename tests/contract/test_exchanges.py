"""All that the facade sends, and all that the local backend answers, held to the specs: ours and Daytona's own."""

import asyncio
import os
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from contract.calls import good_calls, refused_calls, tell
from contract.exchanges import AsyncRecorder, Exchange, Recorder, Recording
from contract.places import OURS, read_upstream
from contract.specs import Spec, sent
from daytona_facade import ACTIONS, AsyncDaytona, Daytona
from daytona_facade.local import LocalDaytona
from support.callers import checked
from support.upstream_specs import VERSION

OLD, SAME = ("0.190", "sync"), (VERSION, "async")
DIFFERENT = {
    "GET /files/download -> 400": "daemons send the code INVALID_FILE_PATH; the specs list it from 0.226 on",
    "POST /files/bulk-upload -> 400": "daemons list what they could not write; the specs describe their other errors",
}
"""Refusals that Daytona's own daemons word otherwise than Daytona's specs say."""
NULL = re.compile(r"\$\.(items\[\d+\]\.)?(errorReason|networkAllowList|domainAllowList): None ")
"""Fields that Daytona's API sends as null, as recorded at 0.190, where its specs allow strings alone."""


class Sweep:
    """All actions, called in every way on one generation of the backend: what was asked for, and what went over."""

    def __init__(self, daemon: str, kind: str) -> None:
        self.good: list[tuple[str, dict[str, Any]]] = []
        self.wrong: list[str] = []
        with LocalDaytona(daemon=daemon, snapshot="a-snapshot") as backend:
            self.recording = Recording(backend.api_url, backend.toolbox_url)
            self._address: dict[str, Any] = {"api_url": backend.api_url, "toolbox_url": backend.toolbox_url}
            asyncio.run(self._sync(backend.api_key) if kind == "sync" else self._async(backend.api_key))

    @property
    def exchanges(self) -> list[Exchange]:
        return self.recording.exchanges

    async def _sync(self, api_key: str) -> None:
        with httpx.HTTPTransport() as transport:
            client = Daytona(api_key, **self._address, transport=Recorder(self.recording, transport))

            async def call(action: str, arguments: dict[str, Any]) -> Any:
                return getattr(client, action)(**arguments)

            await self._told(call)

    async def _async(self, api_key: str) -> None:
        async with httpx.AsyncHTTPTransport() as transport:
            client = AsyncDaytona(api_key, **self._address, transport=AsyncRecorder(self.recording, transport))

            async def call(action: str, arguments: dict[str, Any]) -> Any:
                return await getattr(client, action)(**arguments)

            await self._told(call)

    async def _told(self, call: Any) -> None:
        async def good(action: str, arguments: dict[str, Any]) -> Any:
            self.good.append((action, arguments))
            output = checked(action, await call(action, arguments))
            if not output.success:
                self.wrong.append(str(output.error))
            return output

        await tell(good_calls("contract"), good)
        await tell(refused_calls("refused"), call)


@pytest.fixture(scope="module", params=[OLD, SAME], ids="-".join)
def sweep(request: pytest.FixtureRequest) -> Iterator[Sweep]:
    """Sweep over a daemon of the specs' own version and over an old one, whose files routes refuse without a word."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("DAYTONA_")]:
            patch.delenv(name)
        yield Sweep(*request.param)


@pytest.fixture(scope="module")
def ours() -> dict[str, Spec]:
    """Read the trimmed specs."""
    return {api: Spec.read(file) for api, file in OURS.items()}


@pytest.fixture(scope="module")
def upstream() -> dict[str, Spec]:
    """Read Daytona's own specs, where they are at hand."""
    return read_upstream()


def violations(found: Iterator[tuple[Exchange, list[str]]]) -> dict[str, list[str]]:
    """Keep the exchanges that are wrong."""
    return {str(exchange): wrong for exchange, wrong in found if wrong}


def test_every_action_with_every_parameter(sweep: Sweep) -> None:
    """The sweep covers every action and parameter, and the calls that should succeed do."""
    given = {action: set[str]() for action in ACTIONS}
    for action, arguments in sweep.good:
        given[action] |= set(arguments)

    assert sweep.wrong == []
    assert {name: {each.name for each in action.parameters} for name, action in ACTIONS.items()} == given


def test_every_field_of_our_specs_is_sent(sweep: Sweep, ours: dict[str, Spec]) -> None:
    """Our specs hold no operation, parameter or field that the facade never sends."""
    seen: dict[str, set[str]] = {}
    for exchange in sweep.exchanges:
        seen.setdefault(ours[exchange.api].operation(exchange), set()).update(sent(exchange))

    assert {**ours["rest"].sendable, **ours["toolbox"].sendable} == seen


def test_the_backend_refuses_in_many_ways(sweep: Sweep) -> None:
    """The sweep gets every refusal that a specification could describe wrongly."""
    assert {200, 400, 401, 404, 408, 409} <= {exchange.status for exchange in sweep.exchanges}


def test_requests_against_ours(sweep: Sweep, ours: dict[str, Spec]) -> None:
    """Every request is one that our specs describe."""
    found = ((exchange, ours[exchange.api].request_violations(exchange)) for exchange in sweep.exchanges)

    assert violations(found) == {}


def test_answers_against_ours(sweep: Sweep, ours: dict[str, Spec]) -> None:
    """Every answer of the local backend, refusals included, is one that our specs describe."""
    found = ((exchange, ours[exchange.api].answer_violations(exchange)) for exchange in sweep.exchanges)

    assert violations(found) == {}


def test_requests_against_upstream(sweep: Sweep, upstream: dict[str, Spec]) -> None:
    """Every request is one that Daytona itself describes, down to the names of the fields."""
    found = ((exchange, upstream[exchange.api].request_violations(exchange)) for exchange in sweep.exchanges)

    assert violations(found) == {}


@pytest.mark.parametrize("sweep", [SAME], indirect=True, ids="-".join)
def test_answers_against_upstream(sweep: Sweep, upstream: dict[str, Spec]) -> None:
    """The specs describe every field of the local backend's answers when it imitates their version."""
    specs = ((exchange, upstream[exchange.api]) for exchange in sweep.exchanges)
    found = violations((exchange, spec.answer_violations(exchange, any_refusal=True)) for exchange, spec in specs)
    others = {name: [one for one in wrong if not NULL.match(one)] for name, wrong in found.items()}

    assert {name for name, wrong in others.items() if wrong} == set(DIFFERENT)
