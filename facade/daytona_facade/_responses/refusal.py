"""A refusal that one of Daytona's services is known to give: how it is recognized, and what it means."""

import re
from typing import Literal, TypeAlias

import attrs

from ..errors import Kind

Speaker: TypeAlias = Literal["api", "proxy", "daemon", "git host"]
"""Who refused. The proxy, and the runner behind it, the daemon and the Git host all answer for a toolbox."""


@attrs.frozen(eq=False, repr=False)
class Refusal:
    """One refusal: who gives it, how it is recognized, and what it means."""

    speaker: Speaker
    statuses: tuple[int, ...]
    """The statuses it comes with; none stands for all."""
    sign: str
    """A pattern for the beginning of the explanation, in lower case and without the prefix of Go services."""
    kind: Kind
    sent: bool
    """Whether the server may have acted: false only where the answer proves that it did not."""
    advice: str
    proof: str
    """An explanation that the sign was written for."""
    source: str
    code: str = ""
    """The code that newer services send for the same; it is enough without the sign."""

    def matches(self, status: int, explanation: str, code: str) -> bool:
        """Say whether an answer is this refusal."""
        if self.statuses and status not in self.statuses:
            return False
        if self.code and code == self.code:
            return True
        return bool(self.sign) and re.match(self.sign, explanation, re.DOTALL) is not None
