"""The settings that the server hands to a toolbox on its standard input."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Settings:
    """All that a toolbox has to know; limits of 0 mean no limit."""

    home: str
    env: dict[str, str] = field(default_factory=dict)
    daemon: str = "0.226"
    memory_bytes: int = 0
    disk_bytes: int = 0
    processes: int = 0
    command_seconds: int = 0
    quota_paths: tuple[str, ...] = ()
    plain: bool = False
    """True where no pid namespace ends the commands together with the toolbox."""
