# Written by `make generate` from openapi/toolbox.yaml. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.run_code_envs import RunCodeEnvs


T = TypeVar("T", bound="RunCode")


@_attrs_define
class RunCode:
    """
    Attributes:
        code (str): The source text.
        language (str): python, javascript or typescript.
        envs (RunCodeEnvs | Unset): Environment variables.
        timeout (int | Unset): Seconds; 0 is no limit.
    """

    code: str
    language: str
    envs: RunCodeEnvs | Unset = UNSET
    timeout: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        code = self.code

        language = self.language

        envs: dict[str, Any] | Unset = UNSET
        if not isinstance(self.envs, Unset):
            envs = self.envs.to_dict()

        timeout = self.timeout

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "code": code,
                "language": language,
            }
        )
        if envs is not UNSET:
            field_dict["envs"] = envs
        if timeout is not UNSET:
            field_dict["timeout"] = timeout

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.run_code_envs import RunCodeEnvs

        d = dict(src_dict)
        code = d.pop("code")

        language = d.pop("language")

        _envs = d.pop("envs", UNSET)
        envs: RunCodeEnvs | Unset
        if isinstance(_envs, Unset):
            envs = UNSET
        else:
            envs = RunCodeEnvs.from_dict(_envs)

        timeout = d.pop("timeout", UNSET)

        run_code = cls(
            code=code,
            language=language,
            envs=envs,
            timeout=timeout,
        )

        return run_code
