# Written by `make generate` from openapi/toolbox.yaml. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="CloneRepository")


@_attrs_define
class CloneRepository:
    """
    Attributes:
        url (str): The repository.
        path (str): The directory to clone into.
        branch (str | Unset):
        commit_id (str | Unset): A full commit hash on the branch.
        username (str | Unset):
        password (str | Unset): A password or an access token.
    """

    url: str
    path: str
    branch: str | Unset = UNSET
    commit_id: str | Unset = UNSET
    username: str | Unset = UNSET
    password: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        url = self.url

        path = self.path

        branch = self.branch

        commit_id = self.commit_id

        username = self.username

        password = self.password

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "url": url,
                "path": path,
            }
        )
        if branch is not UNSET:
            field_dict["branch"] = branch
        if commit_id is not UNSET:
            field_dict["commit_id"] = commit_id
        if username is not UNSET:
            field_dict["username"] = username
        if password is not UNSET:
            field_dict["password"] = password

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        url = d.pop("url")

        path = d.pop("path")

        branch = d.pop("branch", UNSET)

        commit_id = d.pop("commit_id", UNSET)

        username = d.pop("username", UNSET)

        password = d.pop("password", UNSET)

        clone_repository = cls(
            url=url,
            path=path,
            branch=branch,
            commit_id=commit_id,
            username=username,
            password=password,
        )

        return clone_repository
