"""From an action's steps to HTTP exchanges and back: everything about a call but its input and output.

``perform`` is a generator as well: it yields exchanges and waits, which the drivers carry out.
"""

import logging
import time
from collections.abc import Mapping
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

import attrs
import httpx

from . import __version__, wire
from .bodies import Body, ErrorBody
from .failures import DaytonaError, Failure, invalid, lost, malformed, out_of_time, worded
from .mapping import addresses
from .orders import Exchange, Orders, Wait, wait_before_retry
from .outputs import Output
from .redaction import Redactor
from .refusals import refused
from .settings import Addresses, Deadline, Settings
from .steps import Answer, Call, Pause, Steps, model

if TYPE_CHECKING:
    from .registry import Action

T = TypeVar("T")
Out = TypeVar("Out", bound=Output)
logger = logging.getLogger("daytona_facade")

_CONNECT_S = 10.0
_SHOWN_CHARS = 200


class Session:
    """What one client's calls share."""

    def __init__(self, settings: Settings, addresses: Addresses | None = None) -> None:
        self.settings = settings
        self.addresses = addresses or Addresses(settings)
        self.headers = {
            "Accept": "*/*",
            "Authorization": f"Bearer {settings.api_key}",
            "User-Agent": f"daytona-facade/{__version__}",
            "X-Daytona-Source": "daytona-facade",
        }
        if settings.organization_id:
            self.headers["X-Daytona-Organization-ID"] = settings.organization_id


class _Run:
    """What the exchanges of one action share, and whether an answer has come to one that changes something."""

    def __init__(self, session: Session, deadline: Deadline, redactor: Redactor) -> None:
        self.session = session
        self.deadline = deadline
        self.redactor = redactor
        self.acted = False


def perform(
    action: "Action[..., Out]", session: Session, args: tuple[Any, ...], given: Mapping[str, Any]
) -> Orders[Out]:
    """Run one action to its output: a success, or a failure in words; only what is no ``Exception`` is raised."""
    redactor = Redactor(lambda: [session.settings.api_key, *action.secrets(action.named(args, given))])
    accepted: dict[str, Any] = {}
    try:
        accepted = action.accepted(args, given, session.settings)
        deadline = session.settings.deadline(action.name, action.deadline_s(accepted))
        return (yield from _follow(action.steps(**accepted), _Run(session, deadline, redactor)))
    except DaytonaError as exc:
        failure = exc.failure
    except httpx.InvalidURL:
        failure = invalid(_longest(accepted), "is too long for a URL").failure
    except Exception as exc:  # noqa: BLE001 - the contract: whatever happens is an output
        failure = malformed(f"the answer cannot be read ({type(exc).__name__}: {exc})").failure
    return action.failed(_complete(failure, action, redactor, action.named(args, given)))


def _complete(
    failure: Failure, action: "Action[..., Any]", redactor: Redactor, arguments: Mapping[str, Any]
) -> Failure:
    sandbox = arguments.get("sandbox_id")
    try:
        shown = redactor.quoted(str.__str__(sandbox), _SHOWN_CHARS) if isinstance(sandbox, str) else None
        return worded(failure, action.name, shown, redactor)
    except Exception:  # noqa: BLE001 - arguments of any type come here, and what cannot be redacted is not shown
        return attrs.evolve(failure, message=f"{action.name} failed: {failure.kind}.")


def _longest(arguments: Mapping[str, Any]) -> str:
    return max(arguments, key=lambda name: len(str(arguments[name])), default="an argument")


def _follow(steps: Steps[Out], run: _Run) -> Orders[Out]:
    try:
        step = next(steps)
        while True:
            try:
                orders: Orders[Any] = _rest(step, run.deadline) if isinstance(step, Pause) else _answer(step, run)
                answer = yield from orders
            except DaytonaError as exc:
                step = steps.throw(exc)
            else:
                step = steps.send(answer)
    except StopIteration as done:
        output: Out = done.value
        return output
    except DaytonaError as exc:
        raise DaytonaError(attrs.evolve(exc.failure, sent=exc.failure.sent or run.acted)) from None
    finally:
        steps.close()


def _rest(pause: Pause, deadline: Deadline) -> Orders[None]:
    left = deadline.left()
    yield Wait(min(pause.seconds, left))
    if pause.seconds >= left:
        raise out_of_time(deadline.seconds, sent=True)


def _answer(call: Call[T], run: _Run) -> Orders[T]:
    session = run.session
    if call.sandbox_id is None:
        result = call.parse((yield from _attempts(call, session.settings.api_url, run)))
        for sandbox_id, url in addresses(result):
            session.addresses.learn(sandbox_id, url)
        return result
    base = session.addresses.likely(call.sandbox_id) or (yield from _looked_up(call.sandbox_id, run))
    try:
        answer = yield from _attempts(call, _toolbox(base, call.sandbox_id), run)
    except DaytonaError as exc:
        # A toolbox refuses, unseen, whatever is not a sandbox of its region: only the REST API knows where to go.
        if exc.failure.status_code != 401 or session.addresses.known(call.sandbox_id):
            raise
        found = yield from _looked_up(call.sandbox_id, run)
        if found == base:
            raise
        answer = yield from _attempts(call, _toolbox(found, call.sandbox_id), run)
    return call.parse(answer)


def _toolbox(base: str, sandbox_id: str) -> str:
    return f"{base}/{quote(sandbox_id, safe='')}"


def _looked_up(sandbox_id: str, run: _Run) -> Orders[str]:
    """Ask the REST API (GET /sandbox/{id}) where a sandbox's toolbox is."""
    call = Call(
        wire.rest.get_sandbox_path, wire.rest.get_sandbox_request(sandbox_id), model(wire.rest.get_sandbox_parse)
    )
    found = yield from _answer(call, run)
    for found_id, _ in addresses(found):
        if found_id != sandbox_id:
            raise invalid("sandbox_id", f"is a name, and this action takes the ID: {found_id}")
    if base := run.session.addresses.likely(sandbox_id):
        return base
    raise malformed("the API names no usable toolbox address for the sandbox: pass toolbox_url")


def _attempts(call: Call[Any], base: str, run: _Run) -> Orders[Answer]:
    for attempt in count(1):
        exchange = _exchange(call, base, run.session, run.deadline)
        started = time.monotonic()
        try:
            body = yield exchange
        except Exception as exc:  # noqa: BLE001 - transports raise what they like
            failure = _broken(call, exchange, exc, run)
        else:
            if isinstance(exchange.body, Body):
                _record(call, exchange, started, attempt, "")
                run.acted |= exchange.request.method != "GET"
                return Answer(exchange.headers, body)
            failure = _refusal(call, exchange, body, run)
        if failure.status_code is None:
            failure = attrs.evolve(failure, status_code=exchange.status)
        _record(call, exchange, started, attempt, failure.kind)
        wait = wait_before_retry(exchange, failure, attempt, run.session.settings.retries)
        if wait is None:
            raise DaytonaError(failure)
        logger.warning("%s %s: %s, trying again in %.2f s", exchange.request.method, call.path, failure.kind, wait)
        yield Wait(wait)
    raise AssertionError("the attempts end in an answer or a failure")


def _broken(call: Call[Any], exchange: Exchange, exc: Exception, run: _Run) -> Failure:
    """Word an exchange that did not come to its end; the head of a refusal says more than how its body broke off."""
    if isinstance(exchange.body, ErrorBody):
        return _refusal(call, exchange, exchange.body.end(), run)
    return exc.failure if isinstance(exc, DaytonaError) else lost(exc, run.deadline.seconds).failure


def _refusal(call: Call[Any], exchange: Exchange, body: bytes, run: _Run) -> Failure:
    cut = isinstance(exchange.body, ErrorBody) and exchange.body.complete
    toolbox = call.sandbox_id is not None
    return refused(exchange.status or 0, exchange.headers, body, run.redactor, toolbox=toolbox, cut=cut).failure


def _exchange(call: Call[Any], base: str, session: Session, deadline: Deadline) -> Exchange:
    parts = dict(call.request)
    headers = {**session.headers, "Accept-Encoding": "identity" if call.file else "gzip, deflate"}
    # The generated headers hold the content type alone, which httpx sets as well: with a boundary of its own choice.
    parts["headers"] = headers
    parts["url"] = _url(base + parts["url"])
    left = deadline.left(sent=False)
    timeouts = {"connect": min(_CONNECT_S, left), "read": left, "write": left, "pool": left}
    request = httpx.Request(**parts, extensions={"timeout": timeouts})
    limit = session.settings.max_download_bytes if call.limit is None else call.limit
    what = "the file" if call.file else "the answer"
    return Exchange(request, deadline, call.consumer(), limit, what, call.begun)


@lru_cache(maxsize=256)
def _url(text: str) -> httpx.URL:
    return httpx.URL(text)


def _record(call: Call[Any], exchange: Exchange, started: float, attempt: int, problem: str) -> None:
    if logger.isEnabledFor(logging.DEBUG):
        received = exchange.body.received if exchange.body else 0
        duration_ms = (time.monotonic() - started) * 1000
        outcome = exchange.status or problem
        method = exchange.request.method
        logger.debug(
            "%s %s: %s in %.1f ms, %d bytes, attempt %d", method, call.path, outcome, duration_ms, received, attempt
        )
