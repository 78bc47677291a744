"""The generated clients, loaded by the first call: a client that is made and not used does not pay for them."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._generated import (
        CloneRepository,
        CodeResult,
        CommandResult,
        CreateSandbox,
        ExecuteCommand,
        File,
        FileInfo,
        RunCode,
        Sandbox,
        SandboxPage,
        UploadFiles,
        UploadResult,
        rest,
        toolbox,
    )

__all__ = [
    "CloneRepository",
    "CodeResult",
    "CommandResult",
    "CreateSandbox",
    "ExecuteCommand",
    "File",
    "FileInfo",
    "RunCode",
    "Sandbox",
    "SandboxPage",
    "UploadFiles",
    "UploadResult",
    "rest",
    "toolbox",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import _generated

    value = globals()[name] = getattr(_generated, name)
    return value
