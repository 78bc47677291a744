# Written by `make generate` from openapi/toolbox.yaml. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.execute_command_envs import ExecuteCommandEnvs


T = TypeVar("T", bound="ExecuteCommand")


@_attrs_define
class ExecuteCommand:
    """
    Attributes:
        command (str): A line for the shell.
        cwd (str | Unset): The working directory.
        envs (ExecuteCommandEnvs | Unset): Environment variables.
        timeout (int | Unset): Seconds; 0 is no limit.
    """

    command: str
    cwd: str | Unset = UNSET
    envs: ExecuteCommandEnvs | Unset = UNSET
    timeout: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        command = self.command

        cwd = self.cwd

        envs: dict[str, Any] | Unset = UNSET
        if not isinstance(self.envs, Unset):
            envs = self.envs.to_dict()

        timeout = self.timeout

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "command": command,
            }
        )
        if cwd is not UNSET:
            field_dict["cwd"] = cwd
        if envs is not UNSET:
            field_dict["envs"] = envs
        if timeout is not UNSET:
            field_dict["timeout"] = timeout

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.execute_command_envs import ExecuteCommandEnvs

        d = dict(src_dict)
        command = d.pop("command")

        cwd = d.pop("cwd", UNSET)

        _envs = d.pop("envs", UNSET)
        envs: ExecuteCommandEnvs | Unset
        if isinstance(_envs, Unset):
            envs = UNSET
        else:
            envs = ExecuteCommandEnvs.from_dict(_envs)

        timeout = d.pop("timeout", UNSET)

        execute_command = cls(
            command=command,
            cwd=cwd,
            envs=envs,
            timeout=timeout,
        )

        return execute_command
