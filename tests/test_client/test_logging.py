"""What the library logs: one DEBUG record an exchange, one WARNING a retry, on one logger."""

import logging
import subprocess
import sys

import httpx
import pytest

from hostile.canaries import CALLS, KEY, SECRETS
from support.callers import Caller, MockServer

_API = "http://api.invalid/api"


def _records(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.name.startswith("daytona_facade")]


@pytest.mark.parametrize("action", CALLS)
def test_one_record_an_exchange(action: str, caller_class: type[Caller], caplog: pytest.LogCaptureFixture) -> None:
    """The record has method, path template, status, duration, size and attempt, and no secret."""
    server = MockServer(httpx.Response(404, content=b"x" * 77))
    with (
        caplog.at_level(logging.DEBUG, "daytona_facade"),
        caller_class(KEY, api_url=_API, toolbox_url=_API, transport=server.transport) as call,
    ):
        call(action, **CALLS[action])

    (record,) = _records(caplog)
    text = record.getMessage()
    assert (record.name, record.levelno) == ("daytona_facade", logging.DEBUG)
    assert text.startswith(f"{server.requests[0].method} /")
    assert all(part in text for part in ("404", " ms", "77 bytes", "attempt 1"))
    assert not any(secret in text for secret in (*SECRETS, str(CALLS[action].get("sandbox_id")), "finch"))


def test_one_warning_a_retry(caller_class: type[Caller], caplog: pytest.LogCaptureFixture) -> None:
    """Each retry logs one warning, between the records of its exchanges."""
    answers: list[httpx.Response | Exception] = [
        httpx.Response(503),
        httpx.ReadError("reset"),
        httpx.Response(200, json={"id": "x"}),
    ]

    def answer(_: httpx.Request) -> httpx.Response:
        found = answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    with (
        caplog.at_level(logging.DEBUG, "daytona_facade"),
        caller_class(KEY, api_url=_API, transport=MockServer(answer).transport) as call,
    ):
        assert call("get_sandbox", "x").success

    levels = [record.levelname for record in _records(caplog)]
    assert levels == ["DEBUG", "WARNING", "DEBUG", "WARNING", "DEBUG"]
    assert [record.getMessage()[-9:] for record in _records(caplog) if record.levelno == logging.DEBUG] == [
        "attempt 1",
        "attempt 2",
        "attempt 3",
    ]


def test_only_a_null_handler() -> None:
    """What becomes of the records is the application's to say."""
    logger = logging.getLogger("daytona_facade")

    assert [type(handler) for handler in logger.handlers] == [logging.NullHandler]
    assert logger.propagate
    assert logger.level == logging.NOTSET


def test_a_host_without_logging_reads_nothing() -> None:
    """A retry's warning does not go to the standard error of a program that never set logging up."""
    program = """
from daytona_facade import Daytona
output = Daytona("key", api_url="http://127.0.0.1:1/api", retries=1).list_sandboxes()
assert output.failure.kind == "connection", output
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)

    assert (ran.stdout, ran.stderr) == ("", "")
