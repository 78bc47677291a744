"""Rules that change the full upstream specs where no action would feel it: the drift report has to be silent."""

import copy
from collections.abc import Iterator
from typing import Any

from support.spec_mutations import OPERATIONS, Json, Mutation, operation_of, schemas, set_to


def harmless_mutations(specs: dict[str, Json]) -> Iterator[Mutation]:
    """Make every mutation that leaves the actions alone."""
    yield from _details()
    yield from _operations(specs)


def _without(node: Any, words: set[str]) -> None:
    if isinstance(node, dict):
        for word in words:
            if isinstance(node.get(word), str):
                del node[word]
        for inner in node.values():
            _without(inner, words)
    elif isinstance(node, list):
        for inner in node:
            _without(inner, words)


def _details() -> Iterator[Mutation]:
    def reverse(spec: Json) -> None:
        for schema in schemas(spec).values():
            if "properties" in schema:
                schema["properties"] = dict(reversed(schema["properties"].items()))
        spec["paths"] = dict(reversed(spec["paths"].items()))

    def errors(spec: Json) -> None:
        for item in spec["paths"].values():
            for method in set(item) & {"get", "post", "put", "delete"}:
                item[method]["responses"]["418"] = {"description": "new"}
                item[method]["responses"].pop("400", None)

    def rename_operations(spec: Json) -> None:
        for item in spec["paths"].values():
            for method in set(item) & {"get", "post", "put", "delete"}:
                item[method]["operationId"] += "New"
                item[method]["tags"] = ["new"]

    for api in ("rest", "toolbox"):
        yield Mutation(f"{api}: no prose", api, lambda spec: _without(spec["paths"], {"description", "summary"}))
        yield Mutation(f"{api}: no examples", api, lambda spec: _without(schemas(spec), {"description", "example"}))
        yield Mutation(f"{api}: other order", api, reverse)
        yield Mutation(f"{api}: other errors", api, errors)
        yield Mutation(f"{api}: other operation names", api, rename_operations)
        yield Mutation(f"{api}: other version", api, set_to(lambda spec: spec["info"], "version", "99"))
        yield Mutation(f"{api}: a new schema", api, set_to(schemas, "Mood", {"type": "string", "enum": ["good"]}))
    yield from _fields()


def _fields() -> Iterator[Mutation]:
    def rename_path_parameter(spec: Json) -> None:
        for path in [path for path in spec["paths"] if "{sandboxIdOrName}" in path]:
            item = spec["paths"].pop(path)
            spec["paths"][path.replace("{sandboxIdOrName}", "{box}")] = item
            for operation in item.values():
                for parameter in operation["parameters"]:
                    if parameter["in"] == "path" and parameter["name"] == "sandboxIdOrName":
                        parameter["name"] = "box"

    def inline(spec: Json) -> None:
        response = operation_of("get_sandbox")(spec)["responses"]["200"]["content"]["application/json"]
        response["schema"] = copy.deepcopy(schemas(spec)["Sandbox"])

    def as_all_of(spec: Json) -> None:
        response = operation_of("get_sandbox")(spec)["responses"]["200"]["content"]["application/json"]
        response["schema"] = {"allOf": [response["schema"]]}

    def plain_state(spec: Json) -> None:
        schemas(spec)["Sandbox"]["properties"]["state"] = {"$ref": "#/components/schemas/SandboxState"}

    def recursive(spec: Json) -> None:
        schemas(spec)["Sandbox"]["properties"]["buildInfo"] = {"$ref": "#/components/schemas/Sandbox"}

    yield Mutation("rename the path parameter", "rest", rename_path_parameter)
    yield Mutation("inline a schema", "rest", inline)
    yield Mutation("wrap a schema in allOf", "rest", as_all_of)
    yield Mutation("unwrap the state", "rest", plain_state)
    yield Mutation("a schema that holds itself", "rest", recursive)
    unread = [
        ("rest", "Sandbox", "runnerId"),
        ("rest", "Sandbox", "networkBlockAll"),
        ("rest", "SandboxListItem", "warmPoolId"),
        ("rest", "CreateSandbox", "ttlMinutes"),
        ("toolbox", "FileInfo", "path"),
        ("toolbox", "GitCloneRequest", "depth"),
        ("toolbox", "CodeRunRequest", "argv"),
    ]
    for api, name, field in unread:

        def drop(spec: Json, name: str = name, field: str = field) -> None:
            schema = schemas(spec)[name]
            del schema["properties"][field]
            schema["required"] = [each for each in schema.get("required", []) if each != field]

        def retype(spec: Json, name: str = name, field: str = field) -> None:
            schemas(spec)[name]["properties"][field] = {"type": "array", "items": {"enum": ["a"]}}

        yield Mutation(f"drop {name}.{field}", api, drop)
        yield Mutation(f"retype {name}.{field}", api, retype)
    for name in ("CreateBuildInfo", "SandboxVolume"):

        def require(spec: Json, name: str = name) -> None:
            schema = schemas(spec)[name]
            schema["properties"]["team"] = {"type": "string"}
            schema["required"] = [*schema.get("required", []), "team"]

        yield Mutation(f"add a required field to {name}", "rest", require)
    for name in ("GpuType", "SandboxListSortField", "SandboxDesiredState"):

        def add(spec: Json, name: str = name) -> None:
            schemas(spec)[name]["enum"].append("new")

        yield Mutation(f"a new {name}", "rest", add)


def _operations(specs: dict[str, Json]) -> Iterator[Mutation]:
    ours = {(api, path, method) for api, path, method in OPERATIONS.values()}
    for api, spec in specs.items():
        for path, item in list(spec["paths"].items())[::4]:
            for method in item:
                if (api, path, method) not in ours:

                    def drop(mutated: Json, path: str = path, method: str = method) -> None:
                        del mutated["paths"][path][method]

                    yield Mutation(f"drop {method} {path}", api, drop)
        change = set_to(lambda mutated: mutated["paths"], "/mood", {"get": {"responses": {"200": {}}}})
        yield Mutation(f"{api}: a new operation", api, change)
