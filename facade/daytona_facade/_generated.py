"""The one seam to the generated clients: nothing else imports them, so vendoring rewrites this file alone."""

from daytona_rest.api import sandbox as rest
from daytona_rest.models import CreateSandbox, Sandbox, SandboxPage
from daytona_toolbox.api import toolbox
from daytona_toolbox.models import (
    CloneRepository,
    CodeResult,
    CommandResult,
    ExecuteCommand,
    FileInfo,
    RunCode,
    UploadFiles,
    UploadResult,
)
from daytona_toolbox.types import File

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
