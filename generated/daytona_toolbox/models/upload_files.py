# Written by `make generate` from openapi/toolbox.yaml. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from .. import types
from ..types import File

T = TypeVar("T", bound="UploadFiles")


@_attrs_define
class UploadFiles:
    """
    Attributes:
        files0_path (str): Where to write.
        files0_file (File): What to write.
    """

    files0_path: str
    files0_file: File

    def to_dict(self) -> dict[str, Any]:
        files0_path = self.files0_path

        files0_file = self.files0_file.to_tuple()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "files[0].path": files0_path,
                "files[0].file": files0_file,
            }
        )

        return field_dict

    def to_multipart(self) -> types.RequestFiles:
        files: types.RequestFiles = []

        files.append(("files[0].path", (None, str(self.files0_path).encode(), "text/plain")))

        files.append(("files[0].file", self.files0_file.to_tuple()))

        return files

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        files0_path = d.pop("files[0].path")

        files0_file = File(payload=BytesIO(d.pop("files[0].file")))

        upload_files = cls(
            files0_path=files0_path,
            files0_file=files0_file,
        )

        return upload_files
