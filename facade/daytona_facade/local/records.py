"""A sandbox as the REST API knows it."""

import asyncio
from datetime import datetime
from typing import Any

import attrs

from .rest_errors import rest_time
from .sandbox import Running
from .toolbox.profiles import Profile
from .workspace import Workspace

ORGANIZATION = "00000000-0000-4000-8000-000000000001"


@attrs.define(kw_only=True, eq=False)
class Record:
    """One sandbox: its settings, its state, and its process while it runs."""

    id: str
    name: str
    created: datetime
    updated: datetime
    active: datetime
    workspace: Workspace
    snapshot: str
    target: str
    state: str = "creating"
    desired: str = "started"
    error: str | None = None
    user: str = "daytona"
    env: dict[str, Any] = attrs.field(factory=dict)
    labels: dict[str, Any] = attrs.field(factory=dict)
    public: bool = False
    network_block_all: bool = False
    network_allow_list: str | None = None
    domain_allow_list: str | None = None
    cpu: int = 1
    gpu: int = 0
    memory: int = 1
    disk: int = 3
    auto_stop: int = 15
    auto_archive: int = 10080
    auto_delete: int = -1
    stopped: datetime | None = None
    running: Running | None = None
    task: asyncio.Task[None] | None = None
    """The change of state under way."""
    busy: int = 0
    """Requests that the toolbox is answering now."""

    @property
    def listed(self) -> bool:
        """Whether the API still finds it: not once deleted, and not while one in ``error`` is being deleted."""
        return self.state != "destroyed" and (self.state, self.desired) != ("error", "destroyed")


def sandbox_body(record: Record, profile: Profile, toolbox_url: str) -> dict[str, Any]:
    """Return the JSON object of one sandbox."""
    body = list_item(record, profile, toolbox_url)
    body |= {"env": record.env, "networkBlockAll": record.network_block_all, "volumes": []}
    if profile.kvm:
        body["kvm"] = False
    return body


def list_item(record: Record, profile: Profile, toolbox_url: str) -> dict[str, Any]:
    """Return the JSON object of a sandbox in a list, which has no environment."""
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
        "errorReason": record.error,
        "networkAllowList": record.network_allow_list,
        "domainAllowList": record.domain_allow_list,
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
    if profile.region_fields:
        body |= {"networkBlockAll": record.network_block_all, "spot": False, "autoPauseInterval": 0}
    return body
