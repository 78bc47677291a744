"""Twelve Daytona actions for agents: outputs that never change shape, calls that never raise.

from daytona_facade import Daytona

with Daytona() as daytona:
    print(daytona.list_sandboxes().to_dict())
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from . import outputs
    from .actions import ACTIONS, Action
    from .client import AsyncDaytona, Daytona
    from .failures import DaytonaError, Failure
    from .sync_pool import DeadlineTransport
    from .tools import tool_schemas

__all__ = [
    "ACTIONS",
    "Action",
    "AsyncDaytona",
    "Daytona",
    "DaytonaError",
    "DeadlineTransport",
    "Failure",
    "__version__",
    "outputs",
    "tool_schemas",
]

_HOMES = {
    "ACTIONS": ".actions",
    "Action": ".actions",
    "AsyncDaytona": ".client",
    "Daytona": ".client",
    "DaytonaError": ".failures",
    "DeadlineTransport": ".sync_pool",
    "Failure": ".failures",
    "tool_schemas": ".tools",
}


def __getattr__(name: str) -> Any:
    # Loaded on first use (PEP 562): importing the package costs a platform nothing until it calls.
    from importlib import import_module

    if name == "outputs":
        return import_module(".outputs", __name__)
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name], __name__), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
