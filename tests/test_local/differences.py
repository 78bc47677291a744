"""The recorded answers that the local toolbox gives otherwise, each with the reason why that stays."""

DIFFERENCES: dict[str, str] = {
    "down/proc-mem-denied": "process 1 of a sandbox here is bubblewrap, whose memory is closed to the sandbox's user",
}
