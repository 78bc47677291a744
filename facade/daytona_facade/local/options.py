"""The settings of the local backend."""

import secrets
from collections.abc import Iterable

import attrs

from .faults import Fault, parse_fault
from .toolbox.profiles import DEFAULT_PROFILE, PROFILES

GIB = 1024**3
DEFAULT_SNAPSHOT = "daytonaio/sandbox:local"
DEFAULT_TARGET = "local"
ISOLATIONS = ("auto", "bubblewrap", "none")


def _names(value: str | Iterable[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _isolation(value: str) -> str:
    # The name that earlier releases used.
    return "none" if value == "plain" else value


@attrs.frozen(kw_only=True)
class Options:
    """The settings of one server; each has a flag of the same name on the command line."""

    host: str = "127.0.0.1"
    port: int = 0
    """0 for a free one."""
    api_key: str = attrs.field(factory=lambda: f"dtn_local_{secrets.token_urlsafe(24)}", repr=False)
    daemon: str = DEFAULT_PROFILE
    """The daemon version to imitate: ``0.190``, ``0.205`` or ``0.226``."""
    fault: tuple[str, ...] = attrs.field(default=(), converter=_names)
    """Faults to inject, such as ``429,path=/sandbox,probability=0.1``; see ``faults.py``."""
    seed: int | None = None
    """Makes the random choices of the faults repeatable."""
    isolation: str = attrs.field(default="auto", converter=_isolation)
    """``auto`` uses bubblewrap where it works, ``bubblewrap`` requires it, ``none`` runs plain processes of this user.

    ``none`` is consent: with ``auto`` on a machine without bubblewrap, ``LocalDaytona`` warns.
    """
    require_isolation: bool = False
    """Refuse to start where sandboxes cannot be isolated."""
    memory_gib: int = 1
    """Memory of one sandbox, or of each of its processes where there are no cgroups; 0 for no limit."""
    disk_gib: int = 3
    """Disk of one sandbox, and the size of one file; 0 for no limit."""
    processes: int = 512
    """Processes and threads of one sandbox; 0 for no limit."""
    command_seconds: int = 0
    """Longest run of any command, whatever timeout it asks for; 0 for no limit."""
    transition_seconds: float = 0.05
    """Shortest time in a state between two others."""
    wait_seconds: float = 30.0
    """How long create and start wait for the sandbox before they answer."""
    minute_seconds: float = 60.0
    """Length of a minute of the automatic intervals, so that tests need not wait for real ones."""
    disk_check_seconds: float = 5.0
    """How often the disk of a sandbox in use is measured."""
    probe_seconds: float = 15.0
    """How often a toolbox with requests under way is asked whether it still answers, and how long it may take."""
    snapshot: tuple[str, ...] = attrs.field(default=(), converter=_names)
    """Snapshot names to know beside the default one; each is the same machine."""
    target: tuple[str, ...] = attrs.field(default=(), converter=_names)
    """Regions to know beside ``local``; the first is the default region."""

    def __attrs_post_init__(self) -> None:
        if self.daemon not in PROFILES:
            raise ValueError(f"daemon must be one of {', '.join(PROFILES)}, not {self.daemon!r}")
        if self.isolation not in ISOLATIONS:
            raise ValueError(f"isolation must be auto, bubblewrap or none, not {self.isolation!r}")
        if self.require_isolation and self.isolation == "none":
            raise ValueError("require_isolation and isolation none exclude each other")
        if not self.api_key:
            raise ValueError("api_key must not be empty")
        _ = self.faults

    @property
    def faults(self) -> list[Fault]:
        """The faults, parsed."""
        return [parse_fault(text) for text in self.fault]

    @property
    def snapshots(self) -> tuple[str, ...]:
        """Every snapshot name that is known, the default first."""
        return (DEFAULT_SNAPSHOT, *self.snapshot)

    @property
    def targets(self) -> tuple[str, ...]:
        """Every region that is known, the default first."""
        return (*self.target, DEFAULT_TARGET)
