# Written by `make generate` from openapi/toolbox.yaml. Do not edit.
"""The operations tagged `toolbox`: their request builders, response parsers, methods and paths.

Each operation's module is imported on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import (
        clone_repository,
        download_file,
        execute_command,
        list_files,
        run_code,
        upload_files,
    )

    clone_repository_request = clone_repository._get_kwargs
    clone_repository_parse = clone_repository._parse_response
    download_file_request = download_file._get_kwargs
    download_file_parse = download_file._parse_response
    execute_command_request = execute_command._get_kwargs
    execute_command_parse = execute_command._parse_response
    list_files_request = list_files._get_kwargs
    list_files_parse = list_files._parse_response
    run_code_request = run_code._get_kwargs
    run_code_parse = run_code._parse_response
    upload_files_request = upload_files._get_kwargs
    upload_files_parse = upload_files._parse_response

clone_repository_method = "POST"
clone_repository_path = "/git/clone"

download_file_method = "GET"
download_file_path = "/files/download"

execute_command_method = "POST"
execute_command_path = "/process/execute"

list_files_method = "GET"
list_files_path = "/files"

run_code_method = "POST"
run_code_path = "/process/code-run"

upload_files_method = "POST"
upload_files_path = "/files/bulk-upload"

__all__ = [
    "clone_repository_method",
    "clone_repository_parse",
    "clone_repository_path",
    "clone_repository_request",
    "download_file_method",
    "download_file_parse",
    "download_file_path",
    "download_file_request",
    "execute_command_method",
    "execute_command_parse",
    "execute_command_path",
    "execute_command_request",
    "list_files_method",
    "list_files_parse",
    "list_files_path",
    "list_files_request",
    "run_code_method",
    "run_code_parse",
    "run_code_path",
    "run_code_request",
    "upload_files_method",
    "upload_files_parse",
    "upload_files_path",
    "upload_files_request",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    operation, _, part = name.rpartition("_")
    module = import_module(f".{operation}", __name__)
    value = globals()[name] = module._get_kwargs if part == "request" else module._parse_response
    return value
