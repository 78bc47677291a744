# Written by `make generate` from openapi/rest.yaml. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Sandbox")


@_attrs_define
class Sandbox:
    """
    Attributes:
        id (str | Unset):
        name (str | Unset):
        state (str | Unset): Such as creating, started, stopped, error.
        snapshot (str | Unset):
        target (str | Unset): The region.
        cpu (float | Unset): CPU cores.
        gpu (float | Unset): GPUs.
        memory (float | Unset): Memory in GB.
        disk (float | Unset): Disk space in GB.
        labels (Any | Unset):
        public (bool | Unset):
        error_reason (None | str | Unset):
        auto_stop_interval (float | Unset): Minutes.
        created_at (str | Unset): A timestamp.
        updated_at (str | Unset): A timestamp.
        toolbox_proxy_url (str | Unset): Where this sandbox's toolbox is reached.
    """

    id: str | Unset = UNSET
    name: str | Unset = UNSET
    state: str | Unset = UNSET
    snapshot: str | Unset = UNSET
    target: str | Unset = UNSET
    cpu: float | Unset = UNSET
    gpu: float | Unset = UNSET
    memory: float | Unset = UNSET
    disk: float | Unset = UNSET
    labels: Any | Unset = UNSET
    public: bool | Unset = UNSET
    error_reason: None | str | Unset = UNSET
    auto_stop_interval: float | Unset = UNSET
    created_at: str | Unset = UNSET
    updated_at: str | Unset = UNSET
    toolbox_proxy_url: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        name = self.name

        state = self.state

        snapshot = self.snapshot

        target = self.target

        cpu = self.cpu

        gpu = self.gpu

        memory = self.memory

        disk = self.disk

        labels = self.labels

        public = self.public

        error_reason: None | str | Unset
        if isinstance(self.error_reason, Unset):
            error_reason = UNSET
        else:
            error_reason = self.error_reason

        auto_stop_interval = self.auto_stop_interval

        created_at = self.created_at

        updated_at = self.updated_at

        toolbox_proxy_url = self.toolbox_proxy_url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if id is not UNSET:
            field_dict["id"] = id
        if name is not UNSET:
            field_dict["name"] = name
        if state is not UNSET:
            field_dict["state"] = state
        if snapshot is not UNSET:
            field_dict["snapshot"] = snapshot
        if target is not UNSET:
            field_dict["target"] = target
        if cpu is not UNSET:
            field_dict["cpu"] = cpu
        if gpu is not UNSET:
            field_dict["gpu"] = gpu
        if memory is not UNSET:
            field_dict["memory"] = memory
        if disk is not UNSET:
            field_dict["disk"] = disk
        if labels is not UNSET:
            field_dict["labels"] = labels
        if public is not UNSET:
            field_dict["public"] = public
        if error_reason is not UNSET:
            field_dict["errorReason"] = error_reason
        if auto_stop_interval is not UNSET:
            field_dict["autoStopInterval"] = auto_stop_interval
        if created_at is not UNSET:
            field_dict["createdAt"] = created_at
        if updated_at is not UNSET:
            field_dict["updatedAt"] = updated_at
        if toolbox_proxy_url is not UNSET:
            field_dict["toolboxProxyUrl"] = toolbox_proxy_url

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        id = d.pop("id", UNSET)

        name = d.pop("name", UNSET)

        state = d.pop("state", UNSET)

        snapshot = d.pop("snapshot", UNSET)

        target = d.pop("target", UNSET)

        cpu = d.pop("cpu", UNSET)

        gpu = d.pop("gpu", UNSET)

        memory = d.pop("memory", UNSET)

        disk = d.pop("disk", UNSET)

        labels = d.pop("labels", UNSET)

        public = d.pop("public", UNSET)

        def _parse_error_reason(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        error_reason = _parse_error_reason(d.pop("errorReason", UNSET))

        auto_stop_interval = d.pop("autoStopInterval", UNSET)

        created_at = d.pop("createdAt", UNSET)

        updated_at = d.pop("updatedAt", UNSET)

        toolbox_proxy_url = d.pop("toolboxProxyUrl", UNSET)

        sandbox = cls(
            id=id,
            name=name,
            state=state,
            snapshot=snapshot,
            target=target,
            cpu=cpu,
            gpu=gpu,
            memory=memory,
            disk=disk,
            labels=labels,
            public=public,
            error_reason=error_reason,
            auto_stop_interval=auto_stop_interval,
            created_at=created_at,
            updated_at=updated_at,
            toolbox_proxy_url=toolbox_proxy_url,
        )

        sandbox.additional_properties = d
        return sandbox

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
