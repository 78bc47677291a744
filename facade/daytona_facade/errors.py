"""``Failure`` and ``DaytonaError``: why an action did not succeed, for a program and for a person."""

from typing import Literal

import attrs

Kind = Literal[
    "invalid_input",
    "authentication",
    "permission",
    "not_found",
    "conflict",
    "not_running",
    "quota",
    "too_large",
    "rate_limited",
    "timeout",
    "connection",
    "server",
    "protocol",
]


@attrs.frozen
class Failure:
    """Why an action did not succeed, for a program to act on."""

    kind: Kind
    message: str
    """One sentence: the action, the sandbox, what the server said, and what to do where that is known."""
    status_code: int | None = None
    """The HTTP status of the answer, where there was one."""
    retry_after: float | None = None
    """Seconds that the server asked to wait."""
    sent: bool = False
    """Whether the server may have acted: false only where it is certain that it did not."""


class DaytonaError(Exception):
    """A failed action as an exception; ``output.raise_for_failure()`` raises it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure

    def __reduce__(self) -> tuple[type["DaytonaError"], tuple[Failure]]:
        return DaytonaError, (self.failure,)


def invalid_input(parameter: str, problem: str) -> DaytonaError:
    """Report an argument that cannot be sent; nothing was."""
    return DaytonaError(Failure("invalid_input", f"{parameter} {problem}"))


def protocol_error(problem: str, status_code: int | None = None) -> DaytonaError:
    """Report a 2xx answer that is not what the API promises."""
    return DaytonaError(Failure("protocol", problem, status_code, sent=True))


def too_large(what: str, limit: int, advice: str = "") -> DaytonaError:
    """Report an answer over a limit of bytes."""
    size = f"{limit:,} bytes" + (f" ({limit / 2**20:g} MiB)" if limit >= 2**20 else "")
    message = f"{what} is larger than the limit of {size}" + (f": {advice}" if advice else "")
    return DaytonaError(Failure("too_large", message, sent=True))


def deadline_error(seconds: float, *, sent: bool) -> DaytonaError:
    """Report a deadline that has passed."""
    problem = f"no complete answer within the deadline of {seconds:g} s (set by deadline_s, for a program by timeout)"
    if sent:
        problem += "; the server may still be acting on it"
    return DaytonaError(Failure("timeout", problem, sent=sent))
