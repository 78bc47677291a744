# Written by `make generate` from openapi/rest.yaml. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.create_sandbox_env import CreateSandboxEnv
    from ..models.create_sandbox_labels import CreateSandboxLabels


T = TypeVar("T", bound="CreateSandbox")


@_attrs_define
class CreateSandbox:
    """
    Attributes:
        name (str | Unset): A name; the ID serves when there is none.
        snapshot (str | Unset): ID or name of the snapshot to start from.
        user (str | Unset): The user to run as.
        env (CreateSandboxEnv | Unset): Environment variables.
        labels (CreateSandboxLabels | Unset): Labels.
        public (bool | Unset): Whether previews are open to everyone.
        target (str | Unset): The region.
        cpu (int | Unset): CPU cores; refused together with a snapshot.
        memory (int | Unset): Memory in GB; refused together with a snapshot.
        disk (int | Unset): Disk space in GB; refused together with a snapshot.
        auto_stop_interval (int | Unset): Idle minutes until it is stopped; 0 is never.
        auto_archive_interval (int | Unset): Minutes stopped until it is archived; 0 is the maximum.
        auto_delete_interval (int | Unset): Minutes stopped until it is deleted; negative is never, 0 is at once.
    """

    name: str | Unset = UNSET
    snapshot: str | Unset = UNSET
    user: str | Unset = UNSET
    env: CreateSandboxEnv | Unset = UNSET
    labels: CreateSandboxLabels | Unset = UNSET
    public: bool | Unset = UNSET
    target: str | Unset = UNSET
    cpu: int | Unset = UNSET
    memory: int | Unset = UNSET
    disk: int | Unset = UNSET
    auto_stop_interval: int | Unset = UNSET
    auto_archive_interval: int | Unset = UNSET
    auto_delete_interval: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        snapshot = self.snapshot

        user = self.user

        env: dict[str, Any] | Unset = UNSET
        if not isinstance(self.env, Unset):
            env = self.env.to_dict()

        labels: dict[str, Any] | Unset = UNSET
        if not isinstance(self.labels, Unset):
            labels = self.labels.to_dict()

        public = self.public

        target = self.target

        cpu = self.cpu

        memory = self.memory

        disk = self.disk

        auto_stop_interval = self.auto_stop_interval

        auto_archive_interval = self.auto_archive_interval

        auto_delete_interval = self.auto_delete_interval

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if name is not UNSET:
            field_dict["name"] = name
        if snapshot is not UNSET:
            field_dict["snapshot"] = snapshot
        if user is not UNSET:
            field_dict["user"] = user
        if env is not UNSET:
            field_dict["env"] = env
        if labels is not UNSET:
            field_dict["labels"] = labels
        if public is not UNSET:
            field_dict["public"] = public
        if target is not UNSET:
            field_dict["target"] = target
        if cpu is not UNSET:
            field_dict["cpu"] = cpu
        if memory is not UNSET:
            field_dict["memory"] = memory
        if disk is not UNSET:
            field_dict["disk"] = disk
        if auto_stop_interval is not UNSET:
            field_dict["autoStopInterval"] = auto_stop_interval
        if auto_archive_interval is not UNSET:
            field_dict["autoArchiveInterval"] = auto_archive_interval
        if auto_delete_interval is not UNSET:
            field_dict["autoDeleteInterval"] = auto_delete_interval

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.create_sandbox_env import CreateSandboxEnv
        from ..models.create_sandbox_labels import CreateSandboxLabels

        d = dict(src_dict)
        name = d.pop("name", UNSET)

        snapshot = d.pop("snapshot", UNSET)

        user = d.pop("user", UNSET)

        _env = d.pop("env", UNSET)
        env: CreateSandboxEnv | Unset
        if isinstance(_env, Unset):
            env = UNSET
        else:
            env = CreateSandboxEnv.from_dict(_env)

        _labels = d.pop("labels", UNSET)
        labels: CreateSandboxLabels | Unset
        if isinstance(_labels, Unset):
            labels = UNSET
        else:
            labels = CreateSandboxLabels.from_dict(_labels)

        public = d.pop("public", UNSET)

        target = d.pop("target", UNSET)

        cpu = d.pop("cpu", UNSET)

        memory = d.pop("memory", UNSET)

        disk = d.pop("disk", UNSET)

        auto_stop_interval = d.pop("autoStopInterval", UNSET)

        auto_archive_interval = d.pop("autoArchiveInterval", UNSET)

        auto_delete_interval = d.pop("autoDeleteInterval", UNSET)

        create_sandbox = cls(
            name=name,
            snapshot=snapshot,
            user=user,
            env=env,
            labels=labels,
            public=public,
            target=target,
            cpu=cpu,
            memory=memory,
            disk=disk,
            auto_stop_interval=auto_stop_interval,
            auto_archive_interval=auto_archive_interval,
            auto_delete_interval=auto_delete_interval,
        )

        return create_sandbox
