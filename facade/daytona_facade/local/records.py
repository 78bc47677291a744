"""A sandbox as the REST API knows it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .sandbox import Running, Workspace
from .toolbox.profiles import Profile
from .wire import rest_time

ORGANIZATION = "00000000-0000-4000-8000-000000000001"
DEFAULT_SNAPSHOT = "daytonaio/sandbox:local"
DEFAULT_TARGET = "local"


@dataclass(kw_only=True, eq=False)
class Record:
    """One sandbox: what was asked for, its state, and the process that is it while it runs."""

    id: str
    name: str
    created: datetime
    updated: datetime
    active: datetime
    workspace: Workspace
    state: str = "creating"
    desired: str = "started"
    error: str | None = None
    user: str = "daytona"
    snapshot: str | None = DEFAULT_SNAPSHOT
    env: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    public: bool = False
    network_block_all: bool = False
    network_allow_list: str | None = None
    target: str = DEFAULT_TARGET
    cpu: int = 1
    gpu: int = 0
    memory: int = 1
    disk: int = 3
    auto_stop: int = 15
    auto_archive: int = 10080
    auto_delete: int = -1
    stopped: datetime | None = None
    running: Running | None = None
    busy: int = 0
    """Requests that the toolbox is answering now."""
    task: asyncio.Task[None] | None = None
    """The change of state under way."""


def sandbox_body(record: Record, profile: Profile, toolbox_url: str) -> dict[str, Any]:
    """Make the JSON of one sandbox."""
    body = list_item(record, profile, toolbox_url)
    body |= {"env": record.env, "networkBlockAll": record.network_block_all, "volumes": []}
    if profile.kvm:
        body["kvm"] = False
    return body


def list_item(record: Record, profile: Profile, toolbox_url: str) -> dict[str, Any]:
    """Make the JSON of a sandbox in a list, which leaves out its environment."""
    body: dict[str, Any] = {
        "id": record.id,
        "organizationId": ORGANIZATION,
        "name": record.name,
        "snapshot": record.snapshot,
        "user": record.user,
        "labels": record.labels,
        "public": record.public,
        "target": record.target,
        "cpu": record.cpu,
        "gpu": record.gpu,
        "memory": record.memory,
        "disk": record.disk,
        "state": record.state,
        "desiredState": record.desired,
        "recoverable": False,
        "backupState": "None",
        "autoStopInterval": record.auto_stop,
        "autoArchiveInterval": record.auto_archive,
        "autoDeleteInterval": record.auto_delete,
        "createdAt": rest_time(record.created),
        "updatedAt": rest_time(record.updated),
        "lastActivityAt": rest_time(record.active),
        "sandboxClass": "container",
        "daemonVersion": f"v{profile.version}.0",
        "runnerId": ORGANIZATION,
        "toolboxProxyUrl": toolbox_url,
    }
    if record.error is not None:
        body["errorReason"] = record.error
    if record.network_allow_list is not None:
        body["networkAllowList"] = record.network_allow_list
    if profile.region_fields:
        body |= {"networkBlockAll": record.network_block_all, "spot": False, "autoPauseInterval": 0}
    return body
