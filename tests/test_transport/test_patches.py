"""What replaces or wraps httpx's transports goes on working over the shared pools."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import respx
import vcr
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pytest_httpx import HTTPXMock

from hostile.canaries import KEY
from hostile.wire import GOOD
from support.callers import Caller
from support.keep_alive import KeepAliveServer, ok, says

_FAR = {"api_url": "http://far.invalid/api", "toolbox_url": "http://far.invalid/toolbox", "retries": 0, "deadline_s": 5}
_ANSWER: dict[str, Any] = {"exitCode": 0, "result": "mocked"}


def test_respx(caller_class: type[Caller]) -> None:
    """The answers of respx arrive, and it sees the requests."""
    with respx.mock() as mock, caller_class(KEY, **_FAR) as call:
        route = mock.post("http://far.invalid/toolbox/x/process/execute").respond(json=_ANSWER)
        outputs = [call("execute_command", "x", "true") for _ in range(3)]

    assert [output.result for output in outputs] == ["mocked"] * 3, outputs[0].error
    assert route.call_count == 3


def test_pytest_httpx(caller_class: type[Caller], httpx_mock: HTTPXMock) -> None:
    """The answers of pytest-httpx arrive, and it sees the requests."""
    httpx_mock.add_response(json=_ANSWER, is_reusable=True)
    with caller_class(KEY, **_FAR) as call:
        outputs = [call("execute_command", "x", "true") for _ in range(3)]

    assert [output.result for output in outputs] == ["mocked"] * 3, outputs[0].error
    assert len(httpx_mock.get_requests()) == 3


def test_vcrpy(caller_class: type[Caller], tmp_path: Path) -> None:
    """A cassette is recorded from a server, and played back without it."""
    cassette = str(tmp_path / "cassette.yaml")
    with KeepAliveServer(says(ok(GOOD))) as server:
        options = _FAR | {"api_url": server.url, "toolbox_url": server.url}
        for _ in range(2):
            with vcr.use_cassette(cassette, record_mode="once"), caller_class(KEY, **options) as call:
                outputs = [call("execute_command", "x", f"command {number}") for number in range(3)]
            assert [output.result for output in outputs] == ["x"] * 3, outputs[0].error

        assert server.requests == 3


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """Instrument httpx for one test."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    instrumentor = HTTPXClientInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    yield exporter
    instrumentor.uninstrument()


def test_opentelemetry(caller_class: type[Caller], spans: InMemorySpanExporter) -> None:
    """Each call has one span, and the server is sent its trace, over one connection."""
    with KeepAliveServer(says(ok(GOOD))) as server:
        with caller_class(KEY, **(_FAR | {"api_url": server.url, "toolbox_url": server.url})) as call:
            outputs = [call("execute_command", "x", "true") for _ in range(3)]

        assert all(output.success for output in outputs), outputs[0].error
        assert server.connections == 1
    assert [span.name for span in spans.get_finished_spans()] == ["POST"] * 3
