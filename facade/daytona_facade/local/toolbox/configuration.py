"""The configuration that the server writes to a toolbox on its standard input."""

from typing import NamedTuple

USUAL_HOME = "/home/daytona"


class Configuration(NamedTuple):
    """The configuration of one toolbox; a limit of 0 means no limit."""

    home: str
    env: dict[str, str]
    daemon: str = "0.226"
    memory_bytes: int = 0
    disk_bytes: int = 0
    processes: int = 0
    command_seconds: int = 0
    quota_paths: tuple[str, ...] = ()
    plain: bool = False
    """True where nothing isolates the sandbox: no pid namespace to end its commands, no home of the usual name."""

    def located(self, path: str) -> str:
        """Find the path that a request means; without isolation, /home/daytona stands for the sandbox's own home."""
        if self.plain and (path == USUAL_HOME or path.startswith(f"{USUAL_HOME}/")):
            return self.home + path[len(USUAL_HOME) :]
        return path
