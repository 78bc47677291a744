"""What happens to sandboxes without a request: automatic intervals, disk quotas, toolboxes that hang."""

import asyncio
import time

from .disk_usage import disk_usage
from .fleet import Fleet
from .options import GIB
from .records import Record

# Measuring takes at most this share of the time.
_MEASURE_SHARE = 0.05


async def apply_intervals(fleet: Fleet) -> None:
    """Stop and delete sandboxes at the end of their intervals, for as long as the server lives."""
    minute = fleet.options.minute_seconds
    while True:
        await asyncio.sleep(min(1.0, minute / 10))
        now = fleet.now()
        for record in list(fleet.records.values()):
            if record.task is not None and not record.task.done():
                continue
            idle = (now - record.active).total_seconds()
            if record.state == "started" and not record.busy and 0 < record.auto_stop * minute < idle:
                fleet.stop(record)
            rest = (now - record.stopped).total_seconds() if record.stopped else 0
            if record.state == "stopped" and 0 < record.auto_delete * minute < rest:
                fleet.delete(record)


async def enforce_disk_quotas(fleet: Fleet) -> None:
    """Put a sandbox whose disk is over its quota in ``error``, for as long as the server lives."""
    pause = fleet.options.disk_check_seconds
    while fleet.options.disk_gib:
        await asyncio.sleep(pause)
        start = time.monotonic()
        for record in [record for record in fleet.records.values() if record.state == "started"]:
            # Idle ones too: a background process writes without a request.
            await _measure(fleet, record)
        pause = max(fleet.options.disk_check_seconds, (time.monotonic() - start) / _MEASURE_SHARE)


async def restart_hung_toolboxes(fleet: Fleet) -> None:
    """Look after toolboxes with requests under way, for as long as the server lives."""
    while True:
        await asyncio.sleep(fleet.options.probe_seconds)
        for record in list(fleet.records.values()):
            if record.busy:
                fleet.suspect(record)


async def _measure(fleet: Fleet, record: Record) -> None:
    quota = record.disk * GIB
    used = await asyncio.to_thread(disk_usage, record.workspace.folder)
    if used > quota:
        fleet.fail(record, f"disk quota exceeded: {used / GIB:.1f} of {record.disk} GiB are in use")
