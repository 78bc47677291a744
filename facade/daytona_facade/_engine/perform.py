"""Runs one action to its output: addresses, deadline, retries, failures.

It does no I/O: ``perform`` yields exchanges and pauses, and a driver of ``_transport`` carries them out.
"""

import logging
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, lru_cache, partial
from itertools import count
from typing import Any, TypeVar
from urllib.parse import quote

import attrs
import httpx

from .. import limits
from .._responses import generated
from .._responses.bodies import Body, ErrorBody
from .._responses.decoding import Answer, parse_json
from .._responses.http_errors import http_error
from .._responses.normalize import toolbox_addresses
from .._responses.redaction import Redactor
from .._responses.transport_errors import transport_error
from ..errors import DaytonaError, Failure, deadline_error, invalid_input, protocol_error
from .addresses import only_adds_slash
from .calls import Call, Exchange, Exchanges, Operation, Pause, Steps
from .deadline import Deadline, start_deadline
from .retry import retry_after, wait_before_retry
from .settings import Session
from .signals import raise_what_a_handler_raised

T = TypeVar("T")
Out = TypeVar("Out")
logger = logging.getLogger("daytona_facade")
logger.addHandler(logging.NullHandler())  # A host without logging set up reads no retry on its stderr.


class _Run:
    """What the exchanges of one action share."""

    deadline: Deadline

    def __init__(self, session: Session, secrets: Callable[[], Iterable[str]]) -> None:
        self.session = session
        self.changed = False
        """Whether a request that changes something was answered with success."""
        self.handled = sys.exception()
        """What the caller is handling while it calls."""
        self._secrets = secrets

    @cached_property
    def redactor(self) -> Redactor:
        return Redactor(lambda: [self.session.settings.api_key, *self._secrets()])


def perform(
    action: Operation[Out], session: Session, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Exchanges[Out]:
    """Run one action to its output, which is a success or a failure.

    The only ``Exception`` that it raises is one of a signal handler: that passes, as ``KeyboardInterrupt`` does.
    """
    run = _Run(session, lambda: action.secrets(action.bind(args, kwargs)))
    arguments: dict[str, Any] = {}
    try:
        arguments = action.validate(args, kwargs, session.settings)
        run.deadline = start_deadline(session.settings.deadline_s, action.name, action.deadline_s(arguments))
        return (yield from _run_steps(action.steps(**arguments), run))
    except DaytonaError as exc:
        raise_what_a_handler_raised(exc, run.handled)
        failure = exc.failure
    except httpx.InvalidURL:
        failure = invalid_input(_longest(arguments), "is too long for a URL").failure
    except Exception as exc:  # noqa: BLE001 - the contract: whatever happens is an output
        raise_what_a_handler_raised(exc, run.handled)
        # What went wrong inside says nothing to a caller, and may quote the answer.
        logger.debug("%s: %s while reading the answer", action.name, type(exc).__name__)
        failure = protocol_error("the answer does not have the form that the API documents").failure
    return action.failed(_complete_message(failure, action.name, action.bind(args, kwargs), run))


def _run_steps(steps: Steps[Out], run: _Run) -> Exchanges[Out]:
    try:
        step = next(steps)
        while True:
            try:
                answer = yield from (_sleep(step, run.deadline) if isinstance(step, Pause) else _answer(step, run))
            except DaytonaError as exc:
                step = steps.throw(exc)
            else:
                step = steps.send(answer)
    except StopIteration as done:
        output: Out = done.value
        return output
    except DaytonaError as exc:
        raise DaytonaError(attrs.evolve(exc.failure, sent=exc.failure.sent or run.changed)) from None
    finally:
        steps.close()


def _sleep(pause: Pause, deadline: Deadline) -> Exchanges[None]:
    left = deadline.left()
    yield Pause(min(pause.seconds, left))
    if pause.seconds >= left:
        raise deadline_error(deadline.seconds, sent=True)


def _answer(call: Call[T], run: _Run) -> Exchanges[T]:
    if call.sandbox_id is not None:
        return call.parse((yield from _toolbox_answer(call, call.sandbox_id, run)))
    result = call.parse((yield from _attempts(call, run.session.settings.api_url, run)))
    for sandbox_id, url in toolbox_addresses(result):
        run.session.addresses.learn(sandbox_id, url)
    return result


def _toolbox_answer(call: Call[Any], sandbox_id: str, run: _Run) -> Exchanges[Answer]:
    addresses = run.session.addresses
    base = addresses.configured or addresses.likely(sandbox_id) or (yield from _look_up_toolbox(sandbox_id, run))
    try:
        return (yield from _attempts(call, f"{base}/{quote(sandbox_id, safe='')}", run))
    except DaytonaError as exc:
        # A toolbox proxy answers 401 for a sandbox of another region: only the REST API knows where it is.
        if exc.failure.status_code != 401 or exc.failure.kind != "authentication" or addresses.known(sandbox_id):
            raise
        found = yield from _look_up_toolbox(sandbox_id, run)
        if found == base:
            raise
        return (yield from _attempts(call, f"{found}/{quote(sandbox_id, safe='')}", run, sent=exc.failure.sent))


def _look_up_toolbox(sandbox_id: str, run: _Run) -> Exchanges[str]:
    """Ask the REST API (GET /sandbox/{id}) where a sandbox's toolbox is."""
    rest = generated.rest
    call = Call(
        rest.get_sandbox_path, rest.get_sandbox_request(sandbox_id), partial(parse_json, rest.get_sandbox_parse)
    )
    found = yield from _answer(call, run)
    for found_id, _ in toolbox_addresses(found):
        if found_id != sandbox_id:
            raise invalid_input("sandbox_id", f"is a name, and this action takes the ID: {found_id}")
    if base := run.session.addresses.likely(sandbox_id):
        return base
    raise protocol_error("the API names no usable toolbox address for the sandbox: pass toolbox_url")


def _attempts(call: Call[Any], base: str, run: _Run, *, sent: bool = False) -> Exchanges[Answer]:
    slash = ""
    for attempt in count(1):
        exchange = _exchange(call, base + call.request["url"] + slash, run, sent=sent)
        started = time.monotonic()
        try:
            body = yield exchange
        except Exception as exc:  # noqa: BLE001 - transports raise what they like
            raise_what_a_handler_raised(exc, run.handled)
            failure = _failure_of(exc, exchange, run)
        else:
            if isinstance(exchange.body, Body):
                if logger.isEnabledFor(logging.DEBUG):
                    _log(exchange, started, attempt, "")
                run.changed |= exchange.request.method != "GET"
                return Answer(exchange.headers, body, run.session.settings.max_download_bytes)
            if not slash and only_adds_slash(exchange.request, exchange.status or 0, exchange.headers):
                slash = "/"
                continue
            failure = _refusal(exchange, body, run)
        if failure.status_code is None:
            failure = attrs.evolve(failure, status_code=exchange.status)
        _log(exchange, started, attempt, failure.kind)
        wait = wait_before_retry(exchange, failure, attempt, run.session.settings.retries)
        # An attempt before this one may have been acted on.
        sent |= failure.sent
        if wait is None:
            raise DaytonaError(attrs.evolve(failure, sent=sent))
        logger.warning("%s %s: %s, retrying in %.2f s", exchange.request.method, call.path, failure.kind, wait)
        yield Pause(wait)
    raise AssertionError("the attempts end in an answer or a failure")


def _exchange(call: Call[Any], url: str, run: _Run, *, sent: bool) -> Exchange:
    session, deadline = run.session, run.deadline
    left = deadline.left(sent=sent)
    timeouts = {"connect": min(limits.CONNECT_S, left), "read": left, "write": left, "pool": left}
    request = httpx.Request(
        **{
            **call.request,
            "url": _url(url),
            # The generated headers hold the content type alone, which httpx sets too, with its own boundary.
            "headers": {**session.headers, "Accept-Encoding": "identity" if call.consumer else "gzip, deflate"},
        },
        extensions={"timeout": timeouts, "deadline": deadline.at},
    )
    return Exchange(call, request, deadline, session.settings.max_download_bytes if call.limit is None else call.limit)


# Parsing a URL costs as much as the rest of building a request.
_url = lru_cache(maxsize=256)(httpx.URL)


def _failure_of(exc: Exception, exchange: Exchange, run: _Run) -> Failure:
    """Explain an exchange that broke; the head of a refusal says more than how its body broke off."""
    if isinstance(exchange.body, ErrorBody):
        return _refusal(exchange, exchange.body.end(), run)
    return exc.failure if isinstance(exc, DaytonaError) else transport_error(exc, run.deadline.seconds)


def _refusal(exchange: Exchange, body: bytes, run: _Run) -> Failure:
    cut = isinstance(exchange.body, ErrorBody) and exchange.body.complete
    failure = http_error(
        exchange.status or 0,
        exchange.headers,
        body,
        run.redactor,
        request=exchange.request,
        route=exchange.call.path,
        toolbox=exchange.call.sandbox_id is not None,
        cut=cut,
    )
    return attrs.evolve(failure, retry_after=retry_after(exchange.headers))


def _complete_message(failure: Failure, action: str, arguments: Mapping[str, Any], run: _Run) -> Failure:
    """Name the action and the sandbox in the message, and take every secret out of it."""
    sandbox = arguments.get("sandbox_id")
    try:
        shown = run.redactor.quoted(str.__str__(sandbox), limits.QUOTED_ID_CHARS) if isinstance(sandbox, str) else ""
        where = f" on sandbox {shown!r}" if shown else ""
        message = run.redactor.quoted(f"{action}{where} failed: {failure.message}", limits.ERROR_CHARS)
    except Exception as exc:  # noqa: BLE001 - arguments of any type come here, and what cannot be redacted is not shown
        raise_what_a_handler_raised(exc, run.handled)
        return attrs.evolve(failure, message=f"{action} failed: {failure.kind}.")
    return attrs.evolve(failure, message=message if message.endswith((".", "!", "?", ")")) else f"{message}.")


def _longest(arguments: Mapping[str, Any]) -> str:
    return max(arguments, key=lambda name: len(str(arguments[name])), default="an argument")


def _log(exchange: Exchange, started: float, attempt: int, problem: str) -> None:
    duration_ms = (time.monotonic() - started) * 1000
    received = exchange.body.received if exchange.body else 0
    logger.debug(
        "%s %s: %s in %.1f ms, %d bytes, attempt %d",
        exchange.request.method,
        exchange.call.path,
        exchange.status or problem,
        duration_ms,
        received,
        attempt,
    )
