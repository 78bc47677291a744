# Written by `make generate` from openapi/toolbox.yaml. Do not edit.
"""The models of requests and responses; each one's module is imported on first use."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .clone_repository import CloneRepository
    from .code_result import CodeResult
    from .code_result_artifacts_type_0 import CodeResultArtifactsType0
    from .command_result import CommandResult
    from .error_body import ErrorBody
    from .execute_command import ExecuteCommand
    from .execute_command_envs import ExecuteCommandEnvs
    from .file_info import FileInfo
    from .run_code import RunCode
    from .run_code_envs import RunCodeEnvs
    from .upload_files import UploadFiles
    from .upload_result import UploadResult
    from .uploaded_file import UploadedFile

__all__ = (
    "CloneRepository",
    "CodeResult",
    "CodeResultArtifactsType0",
    "CommandResult",
    "ErrorBody",
    "ExecuteCommand",
    "ExecuteCommandEnvs",
    "FileInfo",
    "RunCode",
    "RunCodeEnvs",
    "UploadFiles",
    "UploadResult",
    "UploadedFile",
)

_MODULES = {
    "CloneRepository": ".clone_repository",
    "CodeResult": ".code_result",
    "CodeResultArtifactsType0": ".code_result_artifacts_type_0",
    "CommandResult": ".command_result",
    "ErrorBody": ".error_body",
    "ExecuteCommand": ".execute_command",
    "ExecuteCommandEnvs": ".execute_command_envs",
    "FileInfo": ".file_info",
    "RunCode": ".run_code",
    "RunCodeEnvs": ".run_code_envs",
    "UploadFiles": ".upload_files",
    "UploadResult": ".upload_result",
    "UploadedFile": ".uploaded_file",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_MODULES[name], __name__), name)
    return value
