"""The recorded answers that the local toolbox gives otherwise, each with the reason why that stays."""

DIFFERENCES: dict[str, str] = {
    "down/proc-mem-denied": "process 1 of a sandbox here is bubblewrap, whose memory is closed to the sandbox's user",
}
# These answers come from the machine and not from the daemon; on another machine they may differ.
MACHINE: dict[str, str] = {
    "exec/nofile": "the machine's own limits",
    "exec/bin-random": "the machine's own /bin/ls",
    "exec/bashver": "the machine's own bash",
    "exec/python-version": "the server's own Python",
    "js/version": "the machine's own node",
    "list/root": "the machine's own folders",
}
