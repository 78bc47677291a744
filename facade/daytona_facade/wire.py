"""The one seam to the generated clients: nothing else imports them, so vendoring rewrites this file alone.

Each is loaded by the first call that needs it: a client that is made and not used does not pay for them.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in {"rest", "CreateSandbox", "Sandbox", "SandboxPage"}:
        from daytona_rest import models as rest_models
        from daytona_rest.api import sandbox

        value = sandbox if name == "rest" else getattr(rest_models, name)
    else:
        from daytona_toolbox import models as toolbox_models
        from daytona_toolbox import types
        from daytona_toolbox.api import toolbox

        value = {"toolbox": toolbox, "File": types.File}.get(name) or getattr(toolbox_models, name)
    globals()[name] = value
    return value
