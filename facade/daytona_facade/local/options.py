"""What a user can tell the backend."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Literal

from .faults import Fault, parse_fault
from .toolbox.profiles import DEFAULT_PROFILE, PROFILES

GIB = 1024**3


@dataclass(frozen=True, kw_only=True)
class Options:
    """The settings of one server; each has a flag of the same name on the command line."""

    host: str = "127.0.0.1"
    port: int = 0
    """0 for a free one."""
    api_key: str = field(default_factory=lambda: f"dtn_local_{secrets.token_urlsafe(24)}", repr=False)
    daemon: str = DEFAULT_PROFILE
    """The daemon generation to play: 0.190, 0.205 or 0.226."""
    fault: tuple[str, ...] = ()
    """Bad days to have, such as "429,path=/sandbox,probability=0.1"; see faults.py."""
    seed: int | None = None
    """Makes the dice of the faults fall the same way each time."""
    isolation: Literal["auto", "bubblewrap", "plain"] = "auto"
    require_isolation: bool = False
    memory_gib: int = 1
    """Memory that one process of a sandbox may take; 0 for no limit."""
    disk_gib: int = 3
    """Disk that uploads may fill, and the size of one file; 0 for no limit."""
    processes: int = 512
    """Processes and threads of one sandbox; 0 for no limit."""
    command_seconds: int = 0
    """Wall clock of any one command, whatever timeout it asks for; 0 for no limit."""
    transition_seconds: float = 0.05
    """How long a state between two others lasts at least."""
    wait_seconds: float = 30.0
    """How long create and start wait for the sandbox before they answer."""
    minute_seconds: float = 60.0
    """How long a minute of the intervals lasts, so that tests need not wait for real ones."""
    target: str = "local"

    def __post_init__(self) -> None:
        if self.daemon not in PROFILES:
            raise ValueError(f"daemon must be one of {', '.join(PROFILES)}, not {self.daemon!r}")
        if self.isolation not in ("auto", "bubblewrap", "plain"):
            raise ValueError(f"isolation must be auto, bubblewrap or plain, not {self.isolation!r}")
        if self.require_isolation and self.isolation == "plain":
            raise ValueError("require_isolation and plain isolation exclude each other")
        if not self.api_key:
            raise ValueError("api_key must not be empty")
        _ = self.faults

    @property
    def faults(self) -> list[Fault]:
        """The faults, read."""
        return [parse_fault(text) for text in self.fault]
