# Written by `make generate` from openapi/rest.yaml. Do not edit.
"""The models of requests and responses; each one's module is imported on first use."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .create_sandbox import CreateSandbox
    from .create_sandbox_env import CreateSandboxEnv
    from .create_sandbox_labels import CreateSandboxLabels
    from .error_body import ErrorBody
    from .sandbox import Sandbox
    from .sandbox_page import SandboxPage

__all__ = (
    "CreateSandbox",
    "CreateSandboxEnv",
    "CreateSandboxLabels",
    "ErrorBody",
    "Sandbox",
    "SandboxPage",
)

_MODULES = {
    "CreateSandbox": ".create_sandbox",
    "CreateSandboxEnv": ".create_sandbox_env",
    "CreateSandboxLabels": ".create_sandbox_labels",
    "ErrorBody": ".error_body",
    "Sandbox": ".sandbox",
    "SandboxPage": ".sandbox_page",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_MODULES[name], __name__), name)
    return value
