"""LangChain's own standard tests of tools, unit and integration, over each of ours with a client of either kind."""

import base64
from typing import Any

import pytest
from langchain_core.tools import BaseTool
from langchain_tests.integration_tests import ToolsIntegrationTests
from langchain_tests.unit_tests import ToolsUnitTests

from daytona_facade import ACTIONS, AsyncDaytona, Daytona
from daytona_facade.adapters.langchain import daytona_tools
from daytona_facade.local import LocalDaytona

_TEXT = base64.b64encode(b"text").decode()
_ARGUMENTS: dict[str, dict[str, Any]] = {
    "create_sandbox": {"labels": {"made-by": "langchain"}, "auto_delete_interval": 0},
    "run_code": {"code": "print(1)", "language": "python"},
    "execute_command": {"command": "echo 1"},
    "upload_file": {"destination_path": "a.txt", "file_content_base64": _TEXT},
    "download_file": {"file_path": "/etc/passwd"},
    "list_files": {"path": "/"},
    "git_clone": {"url": "http://127.0.0.1:1/none.git", "path": "copy"},
    "list_sandboxes": {"limit": 5},
}
_WITHOUT_SANDBOX = {"create_sandbox", "list_sandboxes"}


class _OneTool:
    """One tool, and arguments for it; its sandbox is created by the first test that uses it."""

    backend: LocalDaytona
    sandbox_id: str

    @pytest.fixture(autouse=True)
    def _sandbox(self, local_backend: LocalDaytona) -> None:
        cls = type(self)
        if not hasattr(cls, "sandbox_id"):
            cls.backend = local_backend
            with Daytona(**self._options()) as daytona:
                created = daytona.create_sandbox(labels={"made-by": "langchain"}).raise_for_failure()
                assert created.sandbox is not None
                cls.sandbox_id = str(created.sandbox.id)
                daytona.wait_until(cls.sandbox_id, "started").raise_for_failure()

    def _options(self) -> dict[str, Any]:
        backend = self.backend
        return backend.client_options()

    def make_tool(self, kind: type[Daytona] | type[AsyncDaytona], name: str) -> BaseTool:
        (tool,) = daytona_tools(kind(**self._options()), actions=[name])
        return tool

    def arguments(self, name: str) -> dict[str, Any]:
        box = {} if name in _WITHOUT_SANDBOX else {"sandbox_id": self.sandbox_id}
        return {**box, **_ARGUMENTS.get(name, {})}


def _standard_tests(
    suite: type[ToolsUnitTests] | type[ToolsIntegrationTests], kind: type[Daytona] | type[AsyncDaytona], name: str
) -> type:
    """Make a class of LangChain's tests for one tool."""
    members = {
        "tool_constructor": property(lambda self: self.make_tool(kind, name)),
        "tool_invoke_params_example": property(lambda self: self.arguments(name)),
        "__doc__": f"{suite.__name__} of {name} with {kind.__name__}.",
    }
    return type(f"Test{suite.__name__}{kind.__name__}{name.title().replace('_', '')}", (_OneTool, suite), members)


for _name in ACTIONS:
    for _kind in (Daytona, AsyncDaytona):
        for _suite in (ToolsUnitTests, ToolsIntegrationTests):
            _made = _standard_tests(_suite, _kind, _name)
            globals()[_made.__name__] = _made
del _made, _suite
