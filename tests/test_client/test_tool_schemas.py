"""The tool schemas, held to what each vendor says it takes; each check names where that was read, in November 2026."""

import re
from collections.abc import Iterator
from typing import Any, get_args

import jsonschema
import pydantic
import pytest
from mcp_types import Tool
from openai.types.chat import ChatCompletionFunctionToolParam
from openai.types.responses import FunctionToolParam

from daytona_facade import ACTIONS, tool_schemas
from daytona_facade.tools import Vendor, model_description

VENDORS = get_args(Vendor)
WITH_MAPS = {"create_sandbox", "run_code", "execute_command", "list_sandboxes"}


def _functions(vendor: Vendor) -> dict[str, dict[str, Any]]:
    """Return each tool's own object, by name."""
    tools = tool_schemas(vendor)
    if vendor == "openai":
        tools = [tool["function"] for tool in tools]
    elif vendor == "gemini":
        tools = tools[0]["functionDeclarations"]
    return {tool["name"]: tool for tool in tools}


def _parameters(tool: dict[str, Any]) -> dict[str, Any]:
    (key,) = {"parameters", "input_schema", "inputSchema", "parametersJsonSchema"} & set(tool)
    return tool[key]


def _schemas(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield a schema and every schema in it."""
    yield schema
    for inner in [*schema.get("properties", {}).values(), *schema.get("anyOf", [])]:
        yield from _schemas(inner)
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _schemas(schema["additionalProperties"])


@pytest.mark.parametrize("vendor", VENDORS)
def test_all_twelve(vendor: Vendor) -> None:
    """Every vendor gets every action, described, with a schema that is one and its parameters described."""
    tools = _functions(vendor)

    assert list(tools) == list(ACTIONS)
    for name, tool in tools.items():
        assert model_description(ACTIONS[name]) == tool["description"]
        parameters = _parameters(tool)
        jsonschema.Draft202012Validator.check_schema(parameters)
        assert list(ACTIONS[name].input_schema["properties"]) == list(parameters["properties"])
        assert all(value["description"] for value in parameters["properties"].values())
        assert parameters["additionalProperties"] is False


@pytest.mark.parametrize("vendor", VENDORS)
def test_names(vendor: Vendor) -> None:
    """Names are what the strictest takes: letters, digits, underscores and dashes, up to 64, beginning with a letter.

    Sources: ``openai.types`` 3.54 ``FunctionDefinition.name``; platform.claude.com "Define tools" (regex; 64, of late
    128); cloud.google.com REST reference "FunctionDeclaration" (64, begins with a letter or underscore).
    """
    assert all(re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_-]{0,63}", name) for name in _functions(vendor))


@pytest.mark.parametrize("vendor", ["openai", "openai-responses"])
def test_openai_strict(vendor: Vendor) -> None:
    """A strict tool requires every property, allows no other, and has supported keywords alone; maps forbid it.

    Sources: OpenAI "Function calling", section "Strict mode" (all required, null for optional, additionalProperties
    false), ``ensure_strict_json_schema`` of openai-agents 0.24, and the keywords that pydantic-ai 2.68 takes out.
    """
    supported = {"type", "properties", "required", "additionalProperties", "anyOf", "enum", "description"}
    for name, tool in _functions(vendor).items():
        assert tool["strict"] is (name not in WITH_MAPS)
        if not tool["strict"]:
            continue
        parameters = tool["parameters"]
        assert list(parameters["properties"]) == parameters["required"]
        for schema in _schemas(parameters):
            assert set(schema) <= supported | {"minimum", "maximum"}
            assert schema.get("type") != "object" or schema["additionalProperties"] is False
        optional = {parameter.name for parameter in ACTIONS[name].parameters if not parameter.required}
        assert {key for key, value in parameters["properties"].items() if "anyOf" in value} == optional


def test_openai_shapes() -> None:
    """Chat Completions nests the function, Responses has it flat; both say strict, which Responses otherwise assumes.

    Source: the types of the official ``openai`` package, 3.54, which are generated from OpenAI's own description.
    """
    nested = pydantic.TypeAdapter(ChatCompletionFunctionToolParam)
    flat = pydantic.TypeAdapter(FunctionToolParam)
    for tool in tool_schemas("openai"):
        assert nested.validate_python(tool) == tool
    for tool in tool_schemas("openai-responses"):
        assert flat.validate_python(tool) == tool
    assert all({"type", "function"} == set(tool) for tool in tool_schemas("openai"))
    keys = {"type", "name", "description", "parameters", "strict"}
    assert all(keys == set(tool) for tool in tool_schemas("openai-responses"))


def test_anthropic_shape() -> None:
    """A custom tool is name, description and input_schema, whose type is object.

    Source: platform.claude.com, "Define tools".
    """
    for tool in tool_schemas("anthropic"):
        assert set(tool) == {"name", "description", "input_schema"}
        assert tool["input_schema"]["type"] == "object"


def test_gemini_shape() -> None:
    """All functions are declared in one tool, with JSON Schema in ``parametersJsonSchema``, of the documented subset.

    Sources: cloud.google.com REST reference, "FunctionDeclaration" (exclusive with ``parameters``), and what
    pydantic-ai 2.68 keeps for Gemini. More is taken than this; this much every model is known to read.
    """
    (tool,) = tool_schemas("gemini")
    assert set(tool) == {"functionDeclarations"}
    documented = {
        "type", "properties", "required", "additionalProperties", "anyOf", "enum", "description", "minimum", "maximum",
    }  # fmt: skip
    for declaration in tool["functionDeclarations"]:
        assert set(declaration) == {"name", "description", "parametersJsonSchema"}
        for schema in _schemas(declaration["parametersJsonSchema"]):
            assert set(schema) <= documented
            assert schema["type"] in {"object", "string", "integer", "boolean"}


def test_mcp_shape() -> None:
    """A tool is what ``tools/list`` carries: both schemas are objects, and all four hints are booleans.

    Source: ``mcp_types.Tool`` of the official SDK, 2.3, for the protocol 2026-07-28.
    """
    for name, tool in _functions("mcp").items():
        assert Tool.model_validate(tool).model_dump(by_alias=True, exclude_none=True, mode="json") == tool
        assert set(tool) == {"name", "title", "description", "inputSchema", "outputSchema", "annotations"}
        assert {tool["inputSchema"]["type"], tool["outputSchema"]["type"]} == {"object"}
        assert ACTIONS[name].output_schema == tool["outputSchema"]
        hints = {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"}
        assert {key for key, value in tool["annotations"].items() if isinstance(value, bool)} == hints


def test_details_survive() -> None:
    """Enums, bounds, defaults and maps are in the schemas that allow them."""
    tools = _functions("mcp")
    run_code = tools["run_code"]["inputSchema"]

    assert run_code["properties"]["language"]["enum"] == ["python", "javascript", "typescript"]
    assert run_code["properties"]["timeout"]["default"] == 10
    assert run_code["required"] == ["sandbox_id", "code", "language"]
    limit = tools["list_sandboxes"]["inputSchema"]["properties"]["limit"]
    assert {"type": "integer", "minimum": 1, "maximum": 200}.items() <= limit.items()
    assert "default" not in limit
    env = tools["create_sandbox"]["inputSchema"]["properties"]["env"]
    assert {"type": "object", "additionalProperties": {"type": "string"}}.items() <= env.items()


@pytest.mark.parametrize("vendor", VENDORS)
def test_schemas_accept_what_a_model_sends(vendor: Vendor) -> None:
    """A call with its required arguments is valid, and one with a foreign argument is not."""
    schema = _parameters(_functions(vendor)["get_sandbox"])
    validator = jsonschema.Draft202012Validator(schema)

    assert validator.is_valid({"sandbox_id": "a"})
    assert not validator.is_valid({"sandbox_id": "a", "colour": "red"})
    assert not validator.is_valid({})


def test_subsets() -> None:
    """A subset keeps the caller's order; ``read_only`` leaves the actions that change nothing."""
    assert [tool["name"] for tool in tool_schemas("anthropic", actions=["run_code", "get_sandbox", "run_code"])] == [
        "run_code",
        "get_sandbox",
    ]
    reading = {name for name, action in ACTIONS.items() if action.read_only}
    assert {tool["name"] for tool in tool_schemas("mcp", read_only=True)} == reading
    assert {"download_file", "list_files", "list_sandboxes", "get_sandbox"} == reading


def test_schemas_are_the_callers_own() -> None:
    """Changing a returned schema does not affect the next caller."""
    tool_schemas("anthropic")[0]["input_schema"]["properties"].clear()

    assert tool_schemas("anthropic")[0]["input_schema"]["properties"]


def test_unknown_names() -> None:
    """The error for an unknown vendor or action lists the known ones."""
    with pytest.raises(ValueError, match="vendor must be one of openai, openai-responses, anthropic, mcp, gemini"):
        tool_schemas("cohere")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="there is no action 'explode'; the actions are"):
        tool_schemas("mcp", actions=["explode"])


def test_plain_json_schema() -> None:
    """The shape for hosts of any other kind has what a tool is and what it returns, and nothing of a vendor."""
    for tool in tool_schemas("json-schema"):
        assert list(tool) == ["name", "description", "input_schema", "output_schema"]
        assert tool["output_schema"] == ACTIONS[tool["name"]].output_schema
