# Written by `make generate` from openapi/rest.yaml. Do not edit.
"""Contains all the data models used in inputs/outputs"""

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
