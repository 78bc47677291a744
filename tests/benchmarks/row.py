"""One line of the table: what was measured, what was to be reached, and against whom."""

from typing import Any

import attrs


@attrs.frozen
class Row:
    """One line of the table."""

    what: str
    figure: float | None
    goal: float | None
    """The most that reaches it, in the same unit; ``None`` is a row for information."""
    unit: str
    peer: str = ""
    peer_figure: float | None = None
    note: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached, where there is one."""
        if self.goal is None:
            return None
        return self.figure is not None and self.figure <= self.goal

    @property
    def ratio(self) -> float | None:
        """The figure in terms of the peer's."""
        return self.figure / self.peer_figure if self.figure is not None and self.peer_figure else None

    def to_dict(self) -> dict[str, Any]:
        """Return the row for ``--json``."""
        return attrs.asdict(self) | {"ratio": self.ratio, "reached": self.reached}


def against(what: str, figure: float, share: float, peer: str, peer_figure: float, unit: str, note: str = "") -> Row:
    """Make a row whose goal is a share of a peer's figure."""
    return Row(what, figure, share * peer_figure, unit, peer, peer_figure, note)
