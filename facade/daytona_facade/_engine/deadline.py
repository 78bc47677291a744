"""The time that one action has."""

import time
from collections.abc import Mapping

from .. import limits
from ..errors import deadline_error


class Deadline:
    """The moment by which an action returns; the clock starts when it is made."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.at = time.monotonic() + seconds

    def left(self, *, sent: bool = True) -> float:
        """Return the seconds that are left, or raise ``timeout``; ``sent`` says whether the server may be acting."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise deadline_error(self.seconds, sent=sent)
        return min(left, limits.LONGEST_DEADLINE_S)


def start_deadline(configured: float | Mapping[str, float] | None, action: str, default_s: float) -> Deadline:
    """Start the clock of an action: the client's ``deadline_s`` for it, else the action's default."""
    seconds = configured.get(action) if isinstance(configured, Mapping) else configured
    return Deadline(default_s if seconds is None else seconds)
