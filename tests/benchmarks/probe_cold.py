"""Probe: the requests of the official SDK's execute, from cold and by ID. ``python probe_cold.py PORT``."""

import sys

from meter import tell
from serving import ask
from subjects import SANDBOX, official_client

if __name__ == "__main__":
    port = int(sys.argv[1])
    ask(port, "/reset")
    official_client(port).get(SANDBOX).process.exec("true")
    tell({"requests": int(ask(port, "/counts")["requests"])})
