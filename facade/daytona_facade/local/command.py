"""The flags of the command line, and what it prints."""

import argparse
import json
import os
import shlex
import signal
import sys
import threading
import time
from typing import Any

import attrs
import uvicorn

from .isolation import IsolationError
from .launch import NOT_ISOLATED_EXIT
from .options import Options
from .server import Address, serve
from .toolbox.profiles import PROFILES

_ORPHAN_SECONDS = 1.0
_LAST_SECONDS = 20.0


def _parser() -> argparse.ArgumentParser:
    """Describe the flags; ``Options`` has the defaults."""
    flags = argparse.ArgumentParser(
        prog="python -m daytona_facade.local",
        description="Serve Daytona's API on this machine, with real sandboxes.",
        argument_default=argparse.SUPPRESS,
    )
    flags.add_argument("--host", help="address to listen on (127.0.0.1)")
    flags.add_argument("--port", type=int, help="port to listen on (a free one)")
    flags.add_argument("--api-key", help="the key that clients need (DAYTONA_LOCAL_API_KEY, else a random one)")
    flags.add_argument("--daemon", choices=list(PROFILES), help="the daemon version to imitate")
    flags.add_argument(
        "--fault", action="append", help="a fault to inject: KIND[:SECONDS][,path=REGEX][,probability=0.1][,times=3]"
    )
    flags.add_argument("--seed", type=int, help="makes the random choices of the faults repeatable")
    flags.add_argument(
        "--isolation",
        choices=["auto", "bubblewrap", "none", "plain"],
        help="how sandboxes are kept apart: with bubblewrap where it works (auto), with bubblewrap, or not at all",
    )
    flags.add_argument(
        "--no-isolation", dest="isolation", action="store_const", const="none", help="the same as --isolation none"
    )
    flags.add_argument("--require-isolation", action="store_true", help="refuse to start without bubblewrap")
    flags.add_argument("--memory-gib", type=int, help="memory of one sandbox (1); 0 for no limit")
    flags.add_argument("--disk-gib", type=int, help="disk of one sandbox (3); 0 for no limit")
    flags.add_argument("--processes", type=int, help="processes and threads of one sandbox (512); 0 for no limit")
    flags.add_argument("--command-seconds", type=int, help="longest run of one command (no limit)")
    flags.add_argument("--transition-seconds", type=float, help="shortest time between two states (0.05)")
    flags.add_argument("--wait-seconds", type=float, help="how long create and start wait (30)")
    flags.add_argument("--minute-seconds", type=float, help="length of a minute of the automatic intervals (60)")
    flags.add_argument("--disk-check-seconds", type=float, help="how often the disk of a sandbox is measured (5)")
    flags.add_argument("--probe-seconds", type=float, help="how often a busy toolbox is checked (15)")
    flags.add_argument("--snapshot", action="append", help="a snapshot name to know beside the default; repeatable")
    flags.add_argument("--target", action="append", help="a region to know beside local; the first is the default")
    flags.add_argument("--json", action="store_true", help="print the address as one line of JSON")
    flags.add_argument("--attached", action="store_true", help=argparse.SUPPRESS)
    return flags


def main(arguments: list[str]) -> int:
    """Serve until interrupted; 2 when the server cannot start."""
    # The server puts this handler back at its end and raises the signal again: folders are removed on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    given = vars(_parser().parse_args(arguments))
    as_json, attached = given.pop("json", False), given.pop("attached", False)
    try:
        options = _options_from_parent() if attached else _options_from_flags(given)
        ready = _report_to_parent if attached else (_print_json if as_json else _print_exports)
        serve(options, ready, _watch_parent if attached else _leave_alone)
    except (IsolationError, OSError, ValueError) as exc:
        sys.stderr.write(f"daytona-facade local: {exc}\n")
        return NOT_ISOLATED_EXIT if attached and isinstance(exc, IsolationError) else 2
    except KeyboardInterrupt:
        return 130
    return 0


def _options_from_flags(given: dict[str, Any]) -> Options:
    """Return the options from the flags and the environment."""
    # Not DAYTONA_API_KEY: that may open a real account, and this key is printed.
    key = os.environ.get("DAYTONA_LOCAL_API_KEY")
    if key and "api_key" not in given:
        given["api_key"] = key
    return Options(**given)


def _options_from_parent() -> Options:
    """Read the options from a parent process, so that no argument list shows the key."""
    return Options(**json.loads(sys.stdin.buffer.readline()))


def _print_exports(address: Address) -> None:
    """Print the address as lines that a shell can eval."""
    sys.stderr.write(f"{address.isolation}\n{address.limits}\n")
    settings = {"API_URL": address.api_url, "TOOLBOX_URL": address.toolbox_url, "API_KEY": address.api_key}
    for name, value in settings.items():
        sys.stdout.write(f"export DAYTONA_{name}={shlex.quote(value)}\n")
    sys.stdout.flush()


def _print_json(address: Address) -> None:
    """Print the address as one line of JSON."""
    sys.stderr.write(f"{address.isolation}\n{address.limits}\n")
    sys.stdout.write(json.dumps(attrs.asdict(address)) + "\n")
    sys.stdout.flush()


def _report_to_parent(address: Address) -> None:
    """Write the address for a parent process, which knows the key."""
    fields = attrs.asdict(address)
    del fields["api_key"]
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


def _leave_alone(_server: uvicorn.Server) -> None:
    """Leave a server to its signals."""


def _watch_parent(server: uvicorn.Server) -> None:
    """End a server with its parent: when standard input ends, or another process has become the parent."""
    parent = os.getppid()
    ended = threading.Event()

    def read() -> None:
        while os.read(0, 4096):
            pass
        ended.set()

    def watch() -> None:
        while not ended.wait(_ORPHAN_SECONDS):
            if os.getppid() != parent:
                break
        server.should_exit = True
        time.sleep(_LAST_SECONDS)
        os._exit(1)

    for task in (read, watch):
        threading.Thread(target=task, daemon=True).start()
