# Written by `make generate` from openapi/toolbox.yaml. Do not edit.
"""Contains all the data models used in inputs/outputs"""

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
