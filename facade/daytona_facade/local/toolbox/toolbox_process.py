"""The toolbox process: configuration on standard input, a listening socket inherited, and a life as long as both."""

import json
import os
import re
import resource
import signal
import sys
import threading

import uvicorn

from . import descendants
from .app import make_app
from .configuration import Configuration


def main() -> None:
    """Serve one sandbox until standard input ends.

    The first argument is the number of the inherited listening socket.
    """
    configuration = read_configuration()
    control = hide_input()
    os.chdir(configuration.home)
    os.environ.clear()
    os.environ.update(configuration.env)
    limit(configuration)
    # A shell's background job ignores these, and every command would inherit that.
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    if configuration.plain:
        descendants.adopt()
    threading.Thread(target=end_with_input, args=(control, configuration.plain), daemon=True).start()
    config = uvicorn.Config(
        make_app(configuration),
        fd=int(sys.argv[1]),
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=3600,
    )
    uvicorn.Server(config).run()


def read_configuration() -> Configuration:
    """Read the one line of JSON that the server writes; the pipe stays open behind it."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            sys.exit("toolbox: no configuration on standard input")
        line += byte
    configuration = json.loads(line)
    return Configuration(**{**configuration, "quota_paths": tuple(configuration["quota_paths"])})


def hide_input() -> int:
    """Put /dev/null in the place of standard input, where commands and programs would find the server's pipe."""
    control = os.dup(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return control


def limit(configuration: Configuration) -> None:
    """Bind this process and all that it starts; none of them can widen the limits again."""
    limits = {
        resource.RLIMIT_DATA: configuration.memory_bytes,
        resource.RLIMIT_FSIZE: configuration.disk_bytes,
        resource.RLIMIT_NPROC: 0 if configuration.plain or not counts_apart() else configuration.processes,
    }
    for kind, value in limits.items():
        if value:
            hard = resource.getrlimit(kind)[1]
            bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (bound, bound))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def counts_apart() -> bool:
    """Tell whether the kernel counts a namespace's processes on their own, not with all that the user runs."""
    found = re.match(r"(\d+)\.(\d+)", os.uname().release)
    return found is not None and (int(found[1]), int(found[2])) >= (5, 14)


def end_with_input(control: int, plain: bool) -> None:
    """Wait for the end of the server's pipe, which is the end of the server, and go."""
    while os.read(control, 4096):
        pass
    if plain:
        descendants.kill_all()
    os._exit(0)
