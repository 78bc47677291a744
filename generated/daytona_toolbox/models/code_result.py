# Written by `make generate` from openapi/toolbox.yaml. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.code_result_artifacts_type_0 import CodeResultArtifactsType0


T = TypeVar("T", bound="CodeResult")


@_attrs_define
class CodeResult:
    """
    Attributes:
        exit_code (int | Unset): -1 when a signal ended it.
        result (str | Unset): Standard output and standard error, interleaved.
        artifacts (CodeResultArtifactsType0 | None | Unset): Charts, if any.
    """

    exit_code: int | Unset = UNSET
    result: str | Unset = UNSET
    artifacts: CodeResultArtifactsType0 | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.code_result_artifacts_type_0 import CodeResultArtifactsType0

        exit_code = self.exit_code

        result = self.result

        artifacts: dict[str, Any] | None | Unset
        if isinstance(self.artifacts, Unset):
            artifacts = UNSET
        elif isinstance(self.artifacts, CodeResultArtifactsType0):
            artifacts = self.artifacts.to_dict()
        else:
            artifacts = self.artifacts

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if exit_code is not UNSET:
            field_dict["exitCode"] = exit_code
        if result is not UNSET:
            field_dict["result"] = result
        if artifacts is not UNSET:
            field_dict["artifacts"] = artifacts

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.code_result_artifacts_type_0 import CodeResultArtifactsType0

        d = dict(src_dict)
        exit_code = d.pop("exitCode", UNSET)

        result = d.pop("result", UNSET)

        def _parse_artifacts(data: object) -> CodeResultArtifactsType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                artifacts_type_0 = CodeResultArtifactsType0.from_dict(data)

                return artifacts_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CodeResultArtifactsType0 | None | Unset, data)

        artifacts = _parse_artifacts(d.pop("artifacts", UNSET))

        code_result = cls(
            exit_code=exit_code,
            result=result,
            artifacts=artifacts,
        )

        code_result.additional_properties = d
        return code_result

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
