"""The twelve actions are what they were agreed to be: parameters and output schemas, to the letter."""

import inspect
import json
from typing import Any

import pytest

from daytona_facade import ACTIONS, AsyncDaytona, Daytona, outputs
from support import paths

GOLDEN = {entry["action"]: entry for entry in json.loads(paths.GOLDEN.read_text())}
TYPES = {"string": str, "integer": int, "boolean": bool, "object": dict}


def structure(schema: Any) -> Any:
    """Leave out the wording of a schema's descriptions, and keep that there are some."""
    if isinstance(schema, dict):
        return {
            key: "..." if key == "description" and isinstance(part, str) else structure(part)
            for key, part in schema.items()
        }
    return [structure(part) for part in schema] if isinstance(schema, list) else schema


def kind(schema: dict[str, Any]) -> str:
    """Name the JSON type of a parameter; an optional one may be null as well."""
    options = [option for option in schema.get("anyOf", [schema]) if option["type"] != "null"]
    return options[0]["type"]


def test_there_are_twelve_actions() -> None:
    """The registry holds the agreed actions and no other."""
    assert set(GOLDEN) == set(ACTIONS)
    assert len(ACTIONS) == 12


@pytest.mark.parametrize("name", GOLDEN)
def test_output_schema(name: str) -> None:
    """An output class declares the agreed schema: titles, defaults, definitions and closed objects included."""
    output = getattr(outputs, "".join(word.title() for word in name.split("_")) + "Output")

    assert structure(GOLDEN[name]["output_schema"]) == structure(output.json_schema())
    assert output is ACTIONS[name].output


@pytest.mark.parametrize("name", GOLDEN)
def test_parameters(name: str) -> None:
    """An action takes the agreed parameters: names, order, types and which are required."""
    agreed = [(p["name"], p["type"], p["required"]) for p in GOLDEN[name]["parameters"]]

    assert [(p.name, kind(p.schema), p.required) for p in ACTIONS[name].parameters] == agreed
    assert all(p.description for p in ACTIONS[name].parameters)


@pytest.mark.parametrize("client", [Daytona, AsyncDaytona])
@pytest.mark.parametrize("name", GOLDEN)
def test_method(name: str, client: type) -> None:
    """A client's method shows the action's own signature and docstring."""
    method = getattr(client, name)
    parameters = list(inspect.signature(method).parameters)

    assert ["self", *(p["name"] for p in GOLDEN[name]["parameters"])] == parameters
    assert method.__name__ == name
    assert ACTIONS[name].summary in (method.__doc__ or "")
    assert inspect.iscoroutinefunction(method) == (client is AsyncDaytona)


@pytest.mark.parametrize("name", ["run_code", "execute_command"])
def test_timeout_default(name: str) -> None:
    """A program is given ten seconds unless told otherwise."""
    assert inspect.signature(getattr(Daytona, name)).parameters["timeout"].default == 10
