"""Twelve Daytona actions for agents: outputs with a fixed shape, failures instead of exceptions.

    from daytona_facade import Daytona

    with Daytona() as daytona:
        print(daytona.list_sandboxes().to_dict())

What is where, from top to bottom; each folder imports only from the ones below it:

    cli/ mcp/ adapters/ demo pytest_plugin    ways to use the actions
    client tools fast                         the two clients; the actions as tools for a model
    actions/                                  what each action does: the place to extend
    _transport/                               sockets: drivers and connection pools
    _engine/                                  how a call runs: deadline, addresses, retries
    _responses/                               what comes back: bytes to outputs, refusals to failures
    outputs errors limits                     the twelve outputs, ``Failure``, every number
    local/                                    the local backend: imports nothing of the above
"""

from ._version import __version__

# ``typing`` is not imported, because importing this package loads nothing else.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from . import outputs
    from ._transport.sync_pool import DeadlineTransport
    from .actions import ACTIONS, Action
    from .client import AsyncDaytona, Daytona
    from .errors import DaytonaError, Failure
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

_MODULES = {
    "ACTIONS": ".actions",
    "Action": ".actions",
    "AsyncDaytona": ".client",
    "Daytona": ".client",
    "DaytonaError": ".errors",
    "DeadlineTransport": "._transport.sync_pool",
    "Failure": ".errors",
    "outputs": "",
    "tool_schemas": ".tools",
}


def __getattr__(name: str) -> object:
    # Loaded on first use (PEP 562), because importing the package must cost a platform nothing.
    from importlib import import_module

    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(_MODULES[name] or f".{name}", __name__)
    value = globals()[name] = getattr(module, name) if _MODULES[name] else module
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
