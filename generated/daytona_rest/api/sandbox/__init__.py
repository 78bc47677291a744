# Written by `make generate` from openapi/rest.yaml. Do not edit.
"""The operations tagged `sandbox`: their request builders, response parsers, methods and paths.

Each operation's module is imported on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import (
        create_sandbox,
        delete_sandbox,
        get_sandbox,
        list_sandboxes,
        start_sandbox,
        stop_sandbox,
    )

    create_sandbox_request = create_sandbox._get_kwargs
    create_sandbox_parse = create_sandbox._parse_response
    delete_sandbox_request = delete_sandbox._get_kwargs
    delete_sandbox_parse = delete_sandbox._parse_response
    get_sandbox_request = get_sandbox._get_kwargs
    get_sandbox_parse = get_sandbox._parse_response
    list_sandboxes_request = list_sandboxes._get_kwargs
    list_sandboxes_parse = list_sandboxes._parse_response
    start_sandbox_request = start_sandbox._get_kwargs
    start_sandbox_parse = start_sandbox._parse_response
    stop_sandbox_request = stop_sandbox._get_kwargs
    stop_sandbox_parse = stop_sandbox._parse_response

create_sandbox_method = "POST"
create_sandbox_path = "/sandbox"

delete_sandbox_method = "DELETE"
delete_sandbox_path = "/sandbox/{sandboxIdOrName}"

get_sandbox_method = "GET"
get_sandbox_path = "/sandbox/{sandboxIdOrName}"

list_sandboxes_method = "GET"
list_sandboxes_path = "/sandbox"

start_sandbox_method = "POST"
start_sandbox_path = "/sandbox/{sandboxIdOrName}/start"

stop_sandbox_method = "POST"
stop_sandbox_path = "/sandbox/{sandboxIdOrName}/stop"

__all__ = [
    "create_sandbox_method",
    "create_sandbox_parse",
    "create_sandbox_path",
    "create_sandbox_request",
    "delete_sandbox_method",
    "delete_sandbox_parse",
    "delete_sandbox_path",
    "delete_sandbox_request",
    "get_sandbox_method",
    "get_sandbox_parse",
    "get_sandbox_path",
    "get_sandbox_request",
    "list_sandboxes_method",
    "list_sandboxes_parse",
    "list_sandboxes_path",
    "list_sandboxes_request",
    "start_sandbox_method",
    "start_sandbox_parse",
    "start_sandbox_path",
    "start_sandbox_request",
    "stop_sandbox_method",
    "stop_sandbox_parse",
    "stop_sandbox_path",
    "stop_sandbox_request",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    operation, _, part = name.rpartition("_")
    module = import_module(f".{operation}", __name__)
    value = globals()[name] = module._get_kwargs if part == "request" else module._parse_response
    return value
