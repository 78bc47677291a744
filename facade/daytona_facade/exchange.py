"""From an action's steps to HTTP exchanges and back: everything about a call but its input and output.

``perform`` is a generator as well: it yields exchanges and waits, which the drivers carry out.
"""

import logging
import random
import time
from collections.abc import Generator, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from urllib.parse import quote

import attrs
import httpx

from . import __version__
from ._generated import rest
from .bodies import Body, Consumer, ErrorBody
from .failures import DaytonaError, Failure, invalid, lost, malformed, refused, worded
from .mapping import addresses
from .outputs import Output
from .settings import Addresses, Deadline, Settings
from .steps import Answer, Call, Steps, model

if TYPE_CHECKING:
    from .registry import Action

T = TypeVar("T")
Out = TypeVar("Out", bound=Output)
logger = logging.getLogger("daytona_facade")

_CONNECT_S = 10.0
_BACKOFF_S = 0.25
_MAX_BACKOFF_S = 8.0
_RETRIED_ON_GET = frozenset({502, 503, 504})


@attrs.define
class Exchange:
    """One request to send, and the answer on its way in."""

    request: httpx.Request
    deadline: Deadline
    consumer: Consumer
    limit: int
    what: str
    status: int | None = None
    headers: httpx.Headers = attrs.field(factory=httpx.Headers)
    body: Body | ErrorBody | None = None

    def begin(self, response: httpx.Response) -> Body | ErrorBody:
        """Take the head of the answer and make the reader of its body."""
        self.status, self.headers = response.status_code, response.headers
        good = 200 <= self.status < 300
        self.body = Body(self.headers, self.consumer, self.limit, self.what) if good else ErrorBody(self.headers)
        return self.body


@attrs.frozen
class Wait:
    """A pause before the next attempt."""

    seconds: float


Order: TypeAlias = Exchange | Wait
Orders: TypeAlias = Generator[Order, Any, T]


@attrs.frozen
class Session:
    """What one client's calls share."""

    settings: Settings
    addresses: Addresses
    headers: dict[str, str] = attrs.field(repr=False)

    @classmethod
    def of(cls, settings: Settings) -> "Session":
        """Make the session of a client."""
        headers = {
            "Accept": "*/*",
            "Authorization": f"Bearer {settings.api_key}",
            "User-Agent": f"daytona-facade/{__version__}",
            "X-Daytona-Source": "daytona-facade",
        }
        if settings.organization_id:
            headers["X-Daytona-Organization-ID"] = settings.organization_id
        return cls(settings, Addresses(settings), headers)


def perform(
    action: "Action[..., Out]", session: Session, args: tuple[Any, ...], given: Mapping[str, Any]
) -> Orders[Out]:
    """Run one action to its output: a success, or a failure in words; only what is no ``Exception`` is raised."""
    try:
        accepted = action.accepted(args, given, session.settings)
        deadline = session.settings.deadline(action.name, action.deadline_s(accepted))
        return (yield from _follow(action.steps(**accepted), session, deadline))
    except DaytonaError as exc:
        failure = exc.failure
    except Exception as exc:  # noqa: BLE001 - the contract: whatever happens is an output
        failure = malformed(f"the answer cannot be read ({type(exc).__name__}: {exc})").failure
    return action.failed(_complete(failure, action, session.settings, action.named(args, given)))


def _complete(
    failure: Failure, action: "Action[..., Any]", settings: Settings, arguments: Mapping[str, Any]
) -> Failure:
    sandbox = arguments.get("sandbox_id")
    sandbox = sandbox.strip()[:200] if isinstance(sandbox, str) else None
    try:
        secrets = [settings.api_key, *action.secrets(arguments)]
        return worded(failure, action.name, sandbox, secrets)
    except Exception:  # noqa: BLE001 - arguments of any type come here, and what cannot be redacted is not shown
        return attrs.evolve(failure, message=f"{action.name} failed: {failure.kind}.")


def _follow(steps: Steps[Out], session: Session, deadline: Deadline) -> Orders[Out]:
    try:
        call = next(steps)
        while True:
            try:
                answer = yield from _answer(call, session, deadline)
            except DaytonaError as exc:
                call = steps.throw(exc)
            else:
                call = steps.send(answer)
    except StopIteration as done:
        output: Out = done.value
        return output
    finally:
        steps.close()


def _answer(call: Call[T], session: Session, deadline: Deadline) -> Orders[T]:
    if call.sandbox_id is None:
        result = call.parse((yield from _attempts(call, session.settings.api_url, session, deadline)))
        for sandbox_id, url in addresses(result):
            session.addresses.learn(sandbox_id, url)
        return result
    base = session.addresses.likely(call.sandbox_id) or (yield from _looked_up(call.sandbox_id, session, deadline))
    try:
        answer = yield from _attempts(call, _toolbox(base, call.sandbox_id), session, deadline)
    except DaytonaError as exc:
        # A toolbox refuses, unseen, whatever is not a sandbox of its region: only the REST API knows where to go.
        if exc.failure.status_code != 401 or session.addresses.known(call.sandbox_id):
            raise
        found = yield from _looked_up(call.sandbox_id, session, deadline)
        if found == base:
            raise
        answer = yield from _attempts(call, _toolbox(found, call.sandbox_id), session, deadline)
    return call.parse(answer)


def _toolbox(base: str, sandbox_id: str) -> str:
    return f"{base}/{quote(sandbox_id, safe='')}"


def _looked_up(sandbox_id: str, session: Session, deadline: Deadline) -> Orders[str]:
    """Ask the REST API (GET /sandbox/{id}) where a sandbox's toolbox is."""
    call = Call(rest.get_sandbox_path, rest.get_sandbox_request(sandbox_id), model(rest.get_sandbox_parse))
    found = yield from _answer(call, session, deadline)
    for found_id, _ in addresses(found):
        if found_id != sandbox_id:
            raise invalid("sandbox_id", f"is a name, and this action takes the ID: {found_id}")
    if base := session.addresses.likely(sandbox_id):
        return base
    raise malformed("the API names no usable toolbox address for the sandbox: pass toolbox_url")


def _attempts(call: Call[Any], base: str, session: Session, deadline: Deadline) -> Orders[Answer]:
    for attempt in count(1):
        exchange = _exchange(call, base, session, deadline)
        started = time.monotonic()
        try:
            body = yield exchange
        except DaytonaError as exc:
            failure = exc.failure
        except Exception as exc:  # noqa: BLE001 - transports raise what they like
            failure = lost(exc, deadline.seconds).failure
        else:
            if isinstance(exchange.body, Body):
                _record(call, exchange, started, attempt, "")
                return Answer(exchange.headers, body)
            toolbox = call.sandbox_id is not None
            failure = refused(exchange.status or 0, exchange.headers, body, toolbox=toolbox).failure
        if failure.status_code is None:
            failure = attrs.evolve(failure, status_code=exchange.status)
        _record(call, exchange, started, attempt, failure.kind)
        wait = _wait(exchange, failure, attempt, session.settings.retries)
        if wait is None:
            raise DaytonaError(failure)
        logger.warning("%s %s: %s, trying again in %.2f s", exchange.request.method, call.path, failure.kind, wait)
        yield Wait(wait)
    raise AssertionError("the attempts end in an answer or a failure")


def _exchange(call: Call[Any], base: str, session: Session, deadline: Deadline) -> Exchange:
    parts = dict(call.request)
    download = call.limit is None
    headers = {**session.headers, "Accept-Encoding": "identity" if download else "gzip, deflate"}
    # The generated headers hold the content type alone, which httpx sets as well: with a boundary of its own choice.
    parts["headers"] = headers
    parts["url"] = base + parts["url"]
    left = deadline.left()
    timeouts = {"connect": min(_CONNECT_S, left), "read": left, "write": left, "pool": left}
    request = httpx.Request(**parts, extensions={"timeout": timeouts})
    limit = session.settings.max_download_bytes if call.limit is None else call.limit
    return Exchange(request, deadline, call.consumer(), limit, "the file" if download else "the answer")


def _wait(exchange: Exchange, failure: Failure, attempt: int, retries: int) -> float | None:
    """Decide whether to try again: never what may have been acted on, never past the deadline."""
    unsent = failure.kind in {"connection", "timeout"} and not failure.sent
    reread = exchange.request.method == "GET" and (failure.kind == "connection" or exchange.status in _RETRIED_ON_GET)
    if attempt > retries or not (unsent or reread or exchange.status == 429):
        return None
    backoff = min(_BACKOFF_S * 2 ** (attempt - 1), _MAX_BACKOFF_S) * random.uniform(0.5, 1)  # noqa: S311 - jitter
    wait = max(backoff, failure.retry_after or 0.0)
    return wait if time.monotonic() + wait < exchange.deadline.at else None


def _record(call: Call[Any], exchange: Exchange, started: float, attempt: int, problem: str) -> None:
    if logger.isEnabledFor(logging.DEBUG):
        received = exchange.body.received if exchange.body else 0
        duration_ms = (time.monotonic() - started) * 1000
        outcome = exchange.status or problem
        method = exchange.request.method
        logger.debug(
            "%s %s: %s in %.1f ms, %d bytes, attempt %d", method, call.path, outcome, duration_ms, received, attempt
        )
