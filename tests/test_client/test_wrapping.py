"""The methods and actions are made to be wrapped: others read their signatures, check their arguments, pickle them."""

import copy
import inspect
import json
import pickle
import typing
from collections.abc import Callable
from typing import Any

import httpx
import pydantic
import pytest
from agents import FunctionTool, function_tool
from langchain_core.tools import StructuredTool

from daytona_facade import ACTIONS, AsyncDaytona, Daytona
from support.callers import MockServer

WITH_MAPS = {"create_sandbox", "run_code", "execute_command", "list_sandboxes"}
"""What takes a free-form map, for which the strict form of OpenAI's schemas has no words."""
RAN = httpx.Response(200, json={"exitCode": 0, "result": "42\n"})
CALL = {"sandbox_id": "s", "code": "print(6 * 7)", "language": "python"}


@pytest.fixture(params=[Daytona, AsyncDaytona])
def method(request: pytest.FixtureRequest) -> Callable[[str], Any]:
    """Return the bound methods of both clients."""
    client = request.param("key", toolbox_url="http://toolbox.invalid", transport=MockServer(RAN).transport)
    return lambda name: getattr(client, name)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("client", [Daytona, AsyncDaytona])
def test_annotations_are_true(client: type, action: str) -> None:
    """Signature and hints at run time name each parameter with its type, and the output."""
    method = getattr(client, action)
    hints = typing.get_type_hints(method)
    signature = inspect.signature(method)

    names = [parameter.name for parameter in ACTIONS[action].parameters]
    assert list(hints) == [*names, "return"]
    assert list(signature.parameters) == ["self", *names]
    assert hints["return"] is signature.return_annotation is ACTIONS[action].output
    assert all(signature.parameters[name].annotation == hints[name] for name in names)
    assert inspect.iscoroutinefunction(method) is (client is AsyncDaytona)


@pytest.mark.parametrize("client", [Daytona, AsyncDaytona])
def test_annotations_of_temporary_sandbox(client: type) -> None:
    """It takes what create_sandbox takes, and says so."""
    hints = typing.get_type_hints(client.temporary_sandbox)  # type: ignore[attr-defined]
    created = typing.get_type_hints(client.create_sandbox)  # type: ignore[attr-defined]

    assert {**hints, "return": None} == {**created, "return": None}


@pytest.mark.parametrize("action", ACTIONS)
def test_langchain_tool(action: str, method: Callable[[str], Any]) -> None:
    """LangChain makes a tool of any method, with the parameters that the method has."""
    function = method(action)
    awaited = inspect.iscoroutinefunction(function)
    tool = StructuredTool.from_function(**{"coroutine" if awaited else "func": function})

    assert tool.name == action
    assert list(tool.args) == [parameter.name for parameter in ACTIONS[action].parameters]


async def test_langchain_tool_runs(method: Callable[[str], Any]) -> None:
    """The tool runs, awaited or not."""
    function = method("run_code")
    if inspect.iscoroutinefunction(function):
        output = await StructuredTool.from_function(coroutine=function).ainvoke(CALL)
    else:
        output = StructuredTool.from_function(function).invoke(CALL)

    assert output.result == "42\n"


@pytest.mark.parametrize("action", ACTIONS)
async def test_pydantic_checks_the_arguments(action: str, method: Callable[[str], Any]) -> None:
    """``validate_call`` wraps any method; a wrong argument is pydantic's own error."""
    checked = pydantic.validate_call(method(action))

    async def call() -> None:
        await checked(unknown=1)

    with pytest.raises(pydantic.ValidationError) as caught:
        await call()

    assert ("unknown",) in [error["loc"] for error in caught.value.errors()]


async def test_pydantic_runs(method: Callable[[str], Any]) -> None:
    """What passes the check runs."""
    output = pydantic.validate_call(method("run_code"))(**CALL)

    assert (await output if inspect.isawaitable(output) else output).result == "42\n"


@pytest.mark.parametrize("action", ACTIONS)
def test_agents_tool(action: str, method: Callable[[str], Any]) -> None:
    """The Agents SDK makes a tool of any method: strict where no free-form map is taken."""
    tool = function_tool(method(action), strict_mode=action not in WITH_MAPS)

    assert isinstance(tool, FunctionTool)
    assert list(tool.params_json_schema["properties"]) == [parameter.name for parameter in ACTIONS[action].parameters]


@pytest.mark.parametrize("action", ACTIONS)
def test_actions_pickle_by_name(action: str) -> None:
    """An action that went to another process is that process's own, and a copy is the action itself."""
    assert pickle.loads(pickle.dumps(ACTIONS[action])) is ACTIONS[action]
    assert copy.deepcopy(ACTIONS[action]) is ACTIONS[action]
    assert len(pickle.dumps(ACTIONS[action])) < 200


def test_clients_and_outputs_pickle() -> None:
    """A client comes back with its settings, its methods with it, and outputs and failures come back equal."""
    client = pickle.loads(pickle.dumps(Daytona("key", api_url="http://127.0.0.1:1/api", retries=0, deadline_s=5)))
    output = pickle.loads(pickle.dumps(client.get_sandbox))("mine")

    assert output.failure.kind == "connection"
    assert pickle.loads(pickle.dumps(output)) == output
    assert json.dumps(pickle.loads(pickle.dumps(output)).to_dict()) == json.dumps(output.to_dict())
