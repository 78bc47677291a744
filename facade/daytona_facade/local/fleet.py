"""All sandboxes of a server, and the changes of their states."""

import asyncio
import itertools
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from .isolation import Isolation
from .isolation.cgroups import Cgroups
from .options import GIB, Options
from .records import Record
from .rest_errors import ApiError
from .sandbox import Running, StartError, start_sandbox
from .workspace import Workspace, environment, home_and_python, make_workspace, remove_workspace

Result = TypeVar("Result")
_SECOND_PROBE_SECONDS = 1.0
_TRANSITIONS = ("creating", "starting", "stopping", "destroying")


class Fleet:
    """The sandboxes by ID, each a small state machine."""

    def __init__(
        self,
        options: Options,
        isolation: Isolation,
        folder: Path,
        now: Callable[[], datetime],
        cgroups: Cgroups | None = None,
    ) -> None:
        self.options = options
        self.isolation = isolation
        self.records: dict[str, Record] = {}
        self.now = now
        self._cgroups = cgroups
        self._folder = folder
        self._numbers = itertools.count()
        self._tasks: set[asyncio.Task[None]] = set()

    def find(self, id_or_name: str) -> Record:
        """Return a sandbox by ID, else by name; raises ApiError."""
        record = self.records.get(id_or_name) or self._find_by_name(id_or_name)
        if record is None or not record.listed:
            raise ApiError(404, f"Sandbox with ID or name {id_or_name} not found")
        return record

    def create(self, fields: dict[str, Any]) -> Record:
        """Begin to create a sandbox; raises ApiError when its name is taken."""
        identity = str(uuid.uuid4())
        name = fields.pop("name", "") or identity
        if self._find_by_name(name):
            raise ApiError(409, f"Sandbox with name {name} already exists")
        number = next(self._numbers)
        workspace = Workspace(self._folder / f"{number}", self._folder / f"{number}.sock")
        now = self.now()
        record = Record(
            id=identity,
            name=name,
            workspace=workspace,
            created=now,
            updated=now,
            active=now,
            memory=self.options.memory_gib or 1,
            disk=self.options.disk_gib or 3,
            **fields,
        )
        self.records[identity] = record
        self._change(record, "creating", "started", self._boot(record, new=True))
        return record

    def start(self, record: Record) -> None:
        """Begin to start a stopped sandbox; a started one stays as it is. Raises ApiError."""
        self._refuse_in_transition(record)
        if record.state == "started":
            return
        if record.state != "stopped":
            raise ApiError(400, "Sandbox is in an errored state")
        self._change(record, "starting", "started", self._boot(record, new=False))

    def stop(self, record: Record) -> None:
        """Begin to stop a started sandbox, or to delete it if it is ephemeral; raises ApiError."""
        self._refuse_in_transition(record)
        if record.state == "error":
            raise ApiError(400, "Sandbox is in an errored state")
        if record.state != "started":
            raise ApiError(400, "Sandbox is not in a stoppable state")
        if record.auto_delete == 0:
            self.delete(record)
        else:
            self._change(record, "stopping", "stopped", self._halt(record))

    def delete(self, record: Record) -> None:
        """Begin to destroy a sandbox; its name is free at once. Raises ApiError."""
        self._refuse_in_transition(record)
        record.name = f"DESTROYED_{record.name}_{int(self.now().timestamp() * 1000)}"
        state = "error" if record.state == "error" else "destroying"
        self._change(record, state, "destroyed", self._destroy(record))

    def fail(self, record: Record, reason: str) -> None:
        """End a started sandbox that cannot go on, and show the reason in its record."""
        if record.state == "started":
            self._change(record, "stopping", "started", self._halt(record, reason))

    def suspect(self, record: Record) -> None:
        """Look whether a toolbox that did not answer is still alive, and restart the sandbox if it is not."""
        running = record.running
        if running is not None and record.state == "started" and not running.suspected:
            running.suspected = True
            self._spawn(self._look_after(record, running))

    def touch(self, record: Record) -> None:
        """Record that a sandbox is in use."""
        record.active = self.now()

    async def settle(self, record: Record) -> None:
        """Wait for the change of state under way, for ``wait_seconds`` at most."""
        if record.task is not None:
            await asyncio.wait((record.task,), timeout=self.options.wait_seconds)

    async def close(self) -> None:
        """End every sandbox."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        running = [record.running for record in self.records.values() if record.running]
        await asyncio.gather(*(box.kill() for box in running), return_exceptions=True)

    def _find_by_name(self, name: str) -> Record | None:
        return next((record for record in self.records.values() if record.name == name), None)

    def _refuse_in_transition(self, record: Record) -> None:
        if record.state in _TRANSITIONS or (record.task is not None and not record.task.done()):
            raise ApiError(409, "Sandbox state change in progress")

    def _change(self, record: Record, state: str, desired: str, work: Coroutine[Any, Any, None]) -> None:
        record.state, record.desired, record.updated = state, desired, self.now()
        record.task = self._spawn(self._supervise(record, work))

    async def _supervise(self, record: Record, work: Coroutine[Any, Any, None]) -> None:
        """Run a change of state; one that fails ends in ``error``, not in a state that nobody can leave."""
        try:
            await work
        except Exception as exc:  # noqa: BLE001 - whatever it was, the sandbox must be left in a final state
            record.error = str(exc) or type(exc).__name__
            self._arrive(record, "error")
            if record.desired == "destroyed":
                self.records.pop(record.id, None)

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
        except (StartError, OSError) as exc:
            record.error = str(exc)
            self._arrive(record, "error")
            return
        record.error = None
        self._arrive(record, "started")
        self._spawn(self._watch(record, record.running))

    async def _launch(self, record: Record, *, new: bool) -> Running:
        if new:
            await asyncio.to_thread(make_workspace, record.workspace, self.isolation, record.id)
        options, group = self.options, None
        if self._cgroups is not None:
            memory = record.memory * GIB if options.memory_gib else 0
            group = self._cgroups.group(record.workspace.folder.name, memory, options.processes)
        return await start_sandbox(
            record.workspace,
            self.isolation,
            self._settings(record),
            record.id,
            network=not record.network_block_all,
            group=group,
        )

    def _settings(self, record: Record) -> dict[str, Any]:
        """Return what the toolbox reads from its standard input."""
        home, _ = home_and_python(record.workspace, self.isolation)
        env = environment(record.workspace, self.isolation, record.id, record.env)
        options = self.options
        return {
            "home": home,
            "env": env,
            "daemon": options.daemon,
            "memory_bytes": record.memory * GIB if options.memory_gib else 0,
            "disk_bytes": record.disk * GIB if options.disk_gib else 0,
            "processes": options.processes,
            "command_seconds": options.command_seconds,
            "quota_paths": (home, env["TMPDIR"]),
            "plain": self.isolation.plain,
        }

    async def _watch(self, record: Record, running: Running) -> None:
        """Notice when a sandbox ends by itself."""
        await running.process.wait()
        if record.running is running and record.state == "started":
            self._change(record, "stopping", "stopped", self._halt(record))

    async def _look_after(self, record: Record, running: Running) -> None:
        """Restart a sandbox whose toolbox hangs; one whose process has ended is for ``_watch``."""
        patience = self.options.probe_seconds
        alive = await running.answers(patience)
        if not alive:
            await asyncio.sleep(_SECOND_PROBE_SECONDS)
            alive = running.process.returncode is not None or await running.answers(patience)
        running.suspected = False
        if not alive and record.running is running and record.state == "started":
            self._change(record, "starting", "started", self._restart(record))

    async def _restart(self, record: Record) -> None:
        await self._end(record)
        await self._boot(record, new=False)

    async def _halt(self, record: Record, reason: str | None = None) -> None:
        await self._at_least(self._end(record))
        record.stopped, record.error = self.now(), reason
        self._arrive(record, "error" if reason else "stopped")

    async def _destroy(self, record: Record) -> None:
        try:
            await self._end(record)
        finally:
            await self._at_least(asyncio.to_thread(remove_workspace, record.workspace))
        record.state = "destroyed"
        self.records.pop(record.id, None)

    async def _end(self, record: Record) -> None:
        running, record.running = record.running, None
        if running is not None:
            await running.kill()

    async def _at_least(self, work: Awaitable[Result]) -> Result:
        """Do some work, and stay in the state for ``transition_seconds`` at least."""
        result, _ = await asyncio.gather(work, asyncio.sleep(self.options.transition_seconds))
        return result
