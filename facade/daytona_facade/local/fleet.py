"""All sandboxes of a server, and the changes of their states."""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from . import sandbox
from .isolation import Isolation
from .options import GIB, Options
from .records import Record
from .toolbox.configuration import Configuration
from .wire import RefusedError

Result = TypeVar("Result")
IN_TRANSITION = ("creating", "starting", "stopping", "destroying")


class Fleet:
    """The sandboxes, by ID, each a small state machine."""

    def __init__(self, options: Options, isolation: Isolation, folder: Path, now: Callable[[], datetime]) -> None:
        self.options = options
        self.isolation = isolation
        self.records: dict[str, Record] = {}
        self.now = now
        self._folder = folder
        self._numbers = itertools.count()
        self._tasks: set[asyncio.Task[None]] = set()

    def find(self, id_or_name: str) -> Record:
        """Find a sandbox by ID, else by name; raises RefusedError with 404."""
        record = self.records.get(id_or_name) or self.named(id_or_name)
        if record is None:
            raise RefusedError(404, f"Sandbox with ID or name {id_or_name} not found")
        return record

    def named(self, name: str) -> Record | None:
        """Find a sandbox by its name."""
        return next((record for record in self.records.values() if record.name == name), None)

    def create(self, fields: dict[str, Any]) -> Record:
        """Begin a sandbox; raises RefusedError when its name is taken."""
        identity = str(uuid.uuid4())
        name = fields.pop("name", "") or identity
        if self.named(name):
            raise RefusedError(409, f"Sandbox with name {name} already exists")
        number = next(self._numbers)
        workspace = sandbox.Workspace(self._folder / f"{number}", self._folder / f"{number}.sock")
        now = self.now()
        options = self.options
        settled: dict[str, Any] = {
            "target": options.target,
            "memory": options.memory_gib or 1,
            "disk": options.disk_gib or 3,
            **fields,
        }
        record = Record(id=identity, name=name, created=now, updated=now, active=now, workspace=workspace, **settled)
        self.records[identity] = record
        self._change(record, "creating", "started", self._boot(record, new=True))
        return record

    def start(self, record: Record) -> None:
        """Begin to start a stopped sandbox; a started one stays as it is."""
        self._settled(record)
        if record.state == "started":
            return
        if record.state != "stopped":
            raise RefusedError(400, "Sandbox is in an errored state")
        self._change(record, "starting", "started", self._boot(record, new=False))

    def stop(self, record: Record) -> None:
        """Begin to stop a started sandbox; one that is not to outlive its stop is deleted."""
        self._settled(record)
        if record.state == "error":
            raise RefusedError(400, "Sandbox is in an errored state")
        if record.state != "started":
            raise RefusedError(400, "Sandbox is not in a stoppable state")
        if record.auto_delete == 0:
            self.delete(record)
        else:
            self._change(record, "stopping", "stopped", self._halt(record))

    def delete(self, record: Record) -> None:
        """Begin to destroy a sandbox; its name is free at once."""
        self._settled(record)
        record.name = f"DESTROYED_{record.name}_{int(self.now().timestamp() * 1000)}"
        self._change(record, "destroying", "destroyed", self._destroy(record))

    def touch(self, record: Record) -> None:
        """Note that a sandbox is in use."""
        record.active = self.now()

    async def settled(self, record: Record) -> None:
        """Wait until a change of state is over, or the server's patience."""
        if record.task is not None:
            await asyncio.wait((record.task,), timeout=self.options.wait_seconds)

    async def close(self) -> None:
        """End every sandbox."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        running = [record.running for record in self.records.values() if record.running]
        await asyncio.gather(*(box.kill() for box in running), return_exceptions=True)

    async def keep_time(self) -> None:
        """Stop and delete sandboxes whose time has come, for as long as the server lives."""
        minute = self.options.minute_seconds
        while True:
            await asyncio.sleep(min(1.0, minute / 10))
            now = self.now()
            for record in list(self.records.values()):
                idle = (now - record.active).total_seconds()
                if record.state == "started" and not record.busy and 0 < record.auto_stop * minute < idle:
                    self.stop(record)
                rest = (now - record.stopped).total_seconds() if record.stopped else 0
                if record.state == "stopped" and 0 < record.auto_delete * minute < rest:
                    self.delete(record)

    def _settled(self, record: Record) -> None:
        if record.state in IN_TRANSITION:
            raise RefusedError(409, "Sandbox state change in progress")

    def _change(self, record: Record, state: str, desired: str, work: Coroutine[Any, Any, None]) -> None:
        record.state, record.desired, record.updated = state, desired, self.now()
        record.task = self._spawn(work)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _arrive(self, record: Record, state: str) -> None:
        record.state, record.updated = state, self.now()
        record.active = record.updated

    async def _boot(self, record: Record, *, new: bool) -> None:
        try:
            record.running = await self._at_least(self._launch(record, new=new))
        except (sandbox.StartError, OSError) as error:
            record.error = str(error)
            self._arrive(record, "error")
            return
        record.error = None
        self._arrive(record, "started")
        self._spawn(self._watch(record, record.running))

    async def _launch(self, record: Record, *, new: bool) -> sandbox.Running:
        if new:
            await asyncio.to_thread(sandbox.make_workspace, record.workspace, self.isolation, record.id)
        settings = self._settings(record)
        network = not record.network_block_all
        return await sandbox.start(record.workspace, self.isolation, settings, record.id, network=network)

    def _settings(self, record: Record) -> Configuration:
        home, _ = sandbox.places(record.workspace, self.isolation)
        env = sandbox.environment(record.workspace, self.isolation, record.id, record.env)
        options = self.options
        return Configuration(
            home=home,
            env=env,
            daemon=options.daemon,
            memory_bytes=record.memory * GIB if options.memory_gib else 0,
            disk_bytes=record.disk * GIB if options.disk_gib else 0,
            processes=options.processes,
            command_seconds=options.command_seconds,
            quota_paths=(home, env["TMPDIR"]),
            plain=self.isolation.plain,
        )

    async def _watch(self, record: Record, running: sandbox.Running) -> None:
        await running.process.wait()
        if record.running is running and record.state == "started":
            record.desired = "stopped"
            await self._halt(record)

    async def _halt(self, record: Record) -> None:
        running, record.running = record.running, None
        if running:
            await self._at_least(running.kill())
        record.stopped = self.now()
        self._arrive(record, "stopped")

    async def _destroy(self, record: Record) -> None:
        running, record.running = record.running, None
        if running:
            await running.kill()
        await self._at_least(asyncio.to_thread(sandbox.remove, record.workspace))
        record.state = "destroyed"
        del self.records[record.id]

    async def _at_least(self, work: Awaitable[Result]) -> Result:
        """Do some work, and take no less than a state between two others lasts."""
        result, _ = await asyncio.gather(work, asyncio.sleep(self.options.transition_seconds))
        return result
