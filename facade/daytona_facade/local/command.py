"""The flags of the command line, and what it prints."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import sys
import threading
import time
from dataclasses import asdict
from typing import Any

import uvicorn

from .isolation import IsolationError
from .options import Options
from .server import Address, serve
from .toolbox.profiles import PROFILES

ORPHAN_SECONDS = 1.0
LAST_SECONDS = 20.0


def parser() -> argparse.ArgumentParser:
    """Describe the flags; those not given are as in Options."""
    flags = argparse.ArgumentParser(
        prog="python -m daytona_facade.local",
        description="Serve Daytona's API on this machine, with real sandboxes.",
        argument_default=argparse.SUPPRESS,
    )
    flags.add_argument("--host", help="address to listen on (127.0.0.1)")
    flags.add_argument("--port", type=int, help="port to listen on (a free one)")
    flags.add_argument("--api-key", help="the key that clients need (DAYTONA_LOCAL_API_KEY, else a random one)")
    flags.add_argument("--daemon", choices=list(PROFILES), help="the daemon generation to play")
    flags.add_argument(
        "--fault", action="append", help="a bad day: KIND[:SECONDS][,path=REGEX][,probability=0.1][,times=3]"
    )
    flags.add_argument("--seed", type=int, help="makes the dice of the faults repeatable")
    flags.add_argument("--isolation", choices=["auto", "bubblewrap", "plain"], help="how sandboxes are kept apart")
    flags.add_argument("--require-isolation", action="store_true", help="refuse to start without bubblewrap")
    flags.add_argument("--memory-gib", type=int, help="memory of one process in a sandbox (1); 0 for no limit")
    flags.add_argument("--disk-gib", type=int, help="disk that uploads may fill (3); 0 for no limit")
    flags.add_argument("--processes", type=int, help="processes and threads of one sandbox (512); 0 for no limit")
    flags.add_argument("--command-seconds", type=int, help="longest run of one command (no limit)")
    flags.add_argument("--transition-seconds", type=float, help="shortest time between two states (0.05)")
    flags.add_argument("--wait-seconds", type=float, help="how long create and start wait (30)")
    flags.add_argument("--minute-seconds", type=float, help="length of a minute of the automatic intervals (60)")
    flags.add_argument("--target", help="the region that sandboxes are in (local)")
    flags.add_argument("--json", action="store_true", help="print the address as one line of JSON")
    flags.add_argument("--attached", action="store_true", help=argparse.SUPPRESS)
    return flags


def main(arguments: list[str]) -> int:
    """Serve until interrupted; 2 when the server cannot start."""
    # The server puts this handler back at its end and raises the signal again: folders are removed on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    given = vars(parser().parse_args(arguments))
    as_json, attached = given.pop("json", False), given.pop("attached", False)
    try:
        options = read_options() if attached else typed_options(given)
        serve(
            options,
            attached_ready if attached else (json_ready if as_json else shell_ready),
            orphan_watch if attached else free,
        )
    except (IsolationError, OSError, ValueError) as error:
        sys.stderr.write(f"daytona-facade local: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def typed_options(given: dict[str, Any]) -> Options:
    """Make options of the flags and the environment."""
    # Not DAYTONA_API_KEY: that may open a real account, and this key is printed.
    key = os.environ.get("DAYTONA_LOCAL_API_KEY")
    if key and "api_key" not in given:
        given["api_key"] = key
    given["fault"] = tuple(given.get("fault", ()))
    return Options(**given)


def read_options() -> Options:
    """Read the options from a parent process, out of sight of argument lists."""
    given = json.loads(sys.stdin.buffer.readline())
    return Options(**{**given, "fault": tuple(given["fault"])})


def shell_ready(address: Address, notice: str) -> None:
    """Print the address as lines that a shell can eval."""
    sys.stderr.write(f"{notice}\n")
    settings = {"API_URL": address.api_url, "TOOLBOX_URL": address.toolbox_url, "API_KEY": address.api_key}
    for name, value in settings.items():
        sys.stdout.write(f"export DAYTONA_{name}={shlex.quote(value)}\n")
    sys.stdout.flush()


def json_ready(address: Address, notice: str) -> None:
    """Print the address as one line of JSON."""
    sys.stderr.write(f"{notice}\n")
    sys.stdout.write(json.dumps({**asdict(address), "isolation": notice}) + "\n")
    sys.stdout.flush()


def attached_ready(address: Address, notice: str) -> None:
    """Tell a parent process where the server is; the key it knows."""
    told = {"api_url": address.api_url, "toolbox_url": address.toolbox_url, "isolation": notice}
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def free(_server: uvicorn.Server) -> None:
    """Leave a server to its signals."""


def orphan_watch(server: uvicorn.Server) -> None:
    """End a server with its parent: when standard input ends, or another process has become the parent."""
    parent = os.getppid()
    ended = threading.Event()

    def read() -> None:
        while os.read(0, 4096):
            pass
        ended.set()

    def watch() -> None:
        while not ended.wait(ORPHAN_SECONDS):
            if os.getppid() != parent:
                break
        server.should_exit = True
        time.sleep(LAST_SECONDS)
        os._exit(1)

    for task in (read, watch):
        threading.Thread(target=task, daemon=True).start()
