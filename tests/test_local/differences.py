"""The recorded answers that the local toolbox gives otherwise, each with the reason why that stays."""

_READ_TO_THE_END = "the library reads what has no size by the route that reads to the end, never as an empty success"

DIFFERENCES: dict[str, str] = {
    "down/proc-mem-denied": "process 1 of a sandbox here is bubblewrap, whose memory is closed to the sandbox's user",
    # The daemon answers as recorded, and the library, which was changed since, asks it otherwise.
    "down/proc-status": _READ_TO_THE_END,
    "down/proc-environ": _READ_TO_THE_END,
    "down/proc-fd0": _READ_TO_THE_END,
    "down/devzero": _READ_TO_THE_END,
    "down/trail-space": "the library trims the path, as the daemon does for an upload, so both mean the same file",
}
# These answers come from the machine and not from the daemon; on another machine they may differ.
MACHINE: dict[str, str] = {
    "exec/nofile": "the machine's own limits",
    "exec/signals-ignored": "what started the test run may ignore a signal that no program can reset",
    "exec/bin-random": "the machine's own /bin/ls",
    "exec/bashver": "the machine's own bash",
    "exec/python-version": "the server's own Python",
    "js/version": "the machine's own node",
    "list/root": "the machine's own folders",
}
