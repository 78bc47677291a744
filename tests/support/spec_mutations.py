"""Changes of the full upstream specs that an action would feel, each with what the report has to say of it."""

import copy
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

Json = dict[str, Any]

OPERATIONS = {
    "list_sandboxes": ("rest", "/sandbox", "get"),
    "create_sandbox": ("rest", "/sandbox", "post"),
    "get_sandbox": ("rest", "/sandbox/{sandboxIdOrName}", "get"),
    "delete_sandbox": ("rest", "/sandbox/{sandboxIdOrName}", "delete"),
    "start_sandbox": ("rest", "/sandbox/{sandboxIdOrName}/start", "post"),
    "stop_sandbox": ("rest", "/sandbox/{sandboxIdOrName}/stop", "post"),
    "run_code": ("toolbox", "/process/code-run", "post"),
    "execute_command": ("toolbox", "/process/execute", "post"),
    "upload_file": ("toolbox", "/files/bulk-upload", "post"),
    "download_file": ("toolbox", "/files/download", "get"),
    "list_files": ("toolbox", "/files", "get"),
    "git_clone": ("toolbox", "/git/clone", "post"),
}
ONE_SANDBOX = {"create_sandbox", "get_sandbox", "delete_sandbox", "start_sandbox", "stop_sandbox"}
SUMMARY = [
    "id",
    "name",
    "state",
    "snapshot",
    "target",
    "cpu",
    "gpu",
    "memory",
    "disk",
    "labels",
    "public",
    "errorReason",
    "autoStopInterval",
    "createdAt",
    "updatedAt",
    "toolboxProxyUrl",
]
READ = {
    "Sandbox": ("rest", ONE_SANDBOX, SUMMARY),
    "SandboxListItem": ("rest", {"list_sandboxes"}, SUMMARY),
    "ListSandboxesResponse": ("rest", {"list_sandboxes"}, ["items", "nextCursor"]),
    "CodeRunResponse": ("toolbox", {"run_code"}, ["exitCode", "result", "artifacts"]),
    "ExecuteResponse": ("toolbox", {"execute_command"}, ["exitCode", "result"]),
    "FileInfo": (
        "toolbox",
        {"list_files"},
        ["name", "isDir", "size", "mode", "permissions", "owner", "group", "modifiedAt", "modTime"],
    ),
}
SENT = {
    "CreateSandbox": (
        "rest",
        {"create_sandbox"},
        [
            "name",
            "snapshot",
            "user",
            "env",
            "labels",
            "public",
            "target",
            "cpu",
            "memory",
            "disk",
            "autoStopInterval",
            "autoArchiveInterval",
            "autoDeleteInterval",
        ],
    ),
    "CodeRunRequest": ("toolbox", {"run_code"}, ["code", "language", "envs", "timeout"]),
    "ExecuteRequest": ("toolbox", {"execute_command"}, ["command", "cwd", "envs", "timeout"]),
    "GitCloneRequest": ("toolbox", {"git_clone"}, ["url", "path", "branch", "commit_id", "username", "password"]),
}
PARAMETERS = {
    "list_sandboxes": ["limit", "cursor", "name", "labels"],
    "download_file": ["path"],
    "list_files": ["path"],
}
OTHER_TYPE = {"string": "integer", "boolean": "string", "array": "object", "object": "array"}


class Mutation(NamedTuple):
    """One change of one spec, and the level and the actions that have to be reported; no level is silence."""

    name: str
    api: str
    apply: Callable[[Json], object]
    level: str | None = None
    actions: frozenset[str] = frozenset()


def spec_mutations() -> Iterator[Mutation]:
    """Make every mutation that an action would feel."""
    yield from _operations()
    yield from _fields()
    yield from _requests()
    yield from _parameters()
    yield from _news()


def schemas(spec: Json) -> Json:
    """Find the named schemas of either format."""
    return spec["definitions"] if "definitions" in spec else spec["components"]["schemas"]


def operation_of(action: str) -> Callable[[Json], Json]:
    _, path, method = OPERATIONS[action]
    return lambda spec: spec["paths"][path][method]


def _parameter(action: str, name: str) -> Callable[[Json], Json]:
    find = operation_of(action)
    return lambda spec: next(each for each in find(spec)["parameters"] if each["name"] == name)


def _operations() -> Iterator[Mutation]:
    for action, (api, path, method) in OPERATIONS.items():
        only = frozenset({action})

        def drop(spec: Json, path: str = path, method: str = method) -> None:
            del spec["paths"][path][method]

        def move(spec: Json, path: str = path, method: str = method) -> None:
            spec["paths"][f"/v2{path}"] = {method: spec["paths"][path].pop(method)}

        def renumber(spec: Json, path: str = path, method: str = method) -> None:
            responses = spec["paths"][path][method]["responses"]
            responses["201"] = responses.pop("200")

        yield Mutation(f"drop {action}", api, drop, "BREAK", only)
        yield Mutation(f"move {action}", api, move, "BREAK", only)
        yield Mutation(f"deprecate {action}", api, set_to(operation_of(action), "deprecated", True), "NEWS", only)
        if action != "upload_file":
            yield Mutation(f"renumber {action}", api, renumber, "BREAK", only)


def set_to(find: Callable[[Json], Json], key: str, value: Any) -> Callable[[Json], None]:
    def apply(spec: Json) -> None:
        find(spec)[key] = copy.deepcopy(value)

    return apply


def _other(schema: Json) -> Json:
    return {"type": OTHER_TYPE.get(schema.get("type", "object"), "string")}


def _fields() -> Iterator[Mutation]:
    for name, (api, actions, fields) in {**READ, **SENT}.items():
        for field in fields:

            def drop(spec: Json, name: str = name, field: str = field) -> None:
                schema = schemas(spec)[name]
                del schema["properties"][field]
                schema["required"] = [each for each in schema.get("required", []) if each != field]

            def rename(spec: Json, name: str = name, field: str = field) -> None:
                properties = schemas(spec)[name]["properties"]
                properties[f"{field}V2"] = properties.pop(field)

            def retype(spec: Json, name: str = name, field: str = field) -> None:
                properties = schemas(spec)[name]["properties"]
                properties[field] = _other(properties[field])

            yield Mutation(f"drop {name}.{field}", api, drop, "BREAK", frozenset(actions))
            yield Mutation(f"rename {name}.{field}", api, rename, "BREAK", frozenset(actions))
            yield Mutation(f"retype {name}.{field}", api, retype, "BREAK", frozenset(actions))


def _requests() -> Iterator[Mutation]:
    always = {"code", "language", "command", "url", "path"}
    for name, (api, actions, fields) in SENT.items():

        def add_required(spec: Json, name: str = name) -> None:
            schema = schemas(spec)[name]
            schema["properties"]["team"] = {"type": "string"}
            schema["required"] = [*schema.get("required", []), "team"]

        yield Mutation(f"add a required field to {name}", api, add_required, "BREAK", frozenset(actions))
        for field in fields:

            def require(spec: Json, name: str = name, field: str = field) -> None:
                schema = schemas(spec)[name]
                schema["required"] = [*schema.get("required", []), field]

            if field not in always:
                yield Mutation(f"require {name}.{field}", api, require, "BREAK", frozenset(actions))
    for action in ("start_sandbox", "stop_sandbox"):
        body = {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
        change = set_to(operation_of(action), "requestBody", body)
        yield Mutation(f"require a body for {action}", "rest", change, "BREAK", frozenset({action}))

    def as_xml(spec: Json) -> None:
        content = operation_of("create_sandbox")(spec)["requestBody"]["content"]
        content["application/xml"] = content.pop("application/json")

    yield Mutation("take XML only", "rest", as_xml, "BREAK", frozenset({"create_sandbox"}))
    for action in ("run_code", "execute_command", "upload_file", "git_clone"):
        change = set_to(operation_of(action), "consumes", ["application/octet-stream"])
        yield Mutation(f"take bytes for {action}", "toolbox", change, "BREAK", frozenset({action}))
    change = set_to(operation_of("download_file"), "produces", ["application/json"])
    yield Mutation("download as JSON", "toolbox", change, "BREAK", frozenset({"download_file"}))


def _parameters() -> Iterator[Mutation]:
    for action, names in PARAMETERS.items():
        api, only = OPERATIONS[action][0], frozenset({action})
        for name in names:

            def drop(spec: Json, action: str = action, name: str = name) -> None:
                operation = operation_of(action)(spec)
                operation["parameters"] = [each for each in operation["parameters"] if each["name"] != name]

            def retype(spec: Json, action: str = action, name: str = name) -> None:
                parameter = _parameter(action, name)(spec)
                parameter.get("schema", parameter)["type"] = "boolean"

            yield Mutation(f"drop {action}?{name}", api, drop, "BREAK", only)
            yield Mutation(f"retype {action}?{name}", api, retype, "BREAK", only)
            rename = set_to(_parameter(action, name), "name", f"{name}V2")
            yield Mutation(f"rename {action}?{name}", api, rename, "BREAK", only)
            if action != "download_file":
                require = set_to(_parameter(action, name), "required", True)
                yield Mutation(f"require {action}?{name}", api, require, "BREAK", only)
    for action, (api, _, _) in OPERATIONS.items():
        for place in ("query", "header"):

            def add(spec: Json, required: bool, action: str = action, place: str = place) -> None:
                added = {"name": "X-Team", "in": place, "required": required, "schema": {"type": "string"}}
                operation_of(action)(spec).setdefault("parameters", []).append(added)

            yield Mutation(
                f"require a {place} of {action}", api, partial(add, required=True), "BREAK", frozenset({action})
            )
            yield Mutation(
                f"offer a {place} to {action}", api, partial(add, required=False), "NEWS", frozenset({action})
            )

    def narrow(spec: Json) -> None:
        _parameter("list_sandboxes", "limit")(spec)["schema"]["maximum"] = 50

    def widen(spec: Json) -> None:
        _parameter("list_sandboxes", "limit")(spec)["schema"]["maximum"] = 500

    yield Mutation("narrow the limit", "rest", narrow, "BREAK", frozenset({"list_sandboxes"}))
    yield Mutation("widen the limit", "rest", widen, "NEWS", frozenset({"list_sandboxes"}))


def _news() -> Iterator[Mutation]:
    for name, (api, actions, _) in {**READ, **SENT}.items():

        def add(spec: Json, name: str = name) -> None:
            schemas(spec)[name]["properties"]["mood"] = {"type": "string"}

        yield Mutation(f"add {name}.mood", api, add, "NEWS", frozenset(actions))

    def add_state(spec: Json) -> None:
        schemas(spec)["SandboxState"]["enum"].append("dreaming")

    def drop_state(spec: Json) -> None:
        schemas(spec)["SandboxState"]["enum"].remove("started")

    def set_languages(spec: Json) -> None:
        schemas(spec)["CodeRunRequest"]["properties"]["language"]["enum"] = ["python"]

    def whole_cpus(spec: Json) -> None:
        schemas(spec)["Sandbox"]["properties"]["cpu"]["type"] = "integer"

    def null_reason(spec: Json) -> None:
        schemas(spec)["SandboxListItem"]["properties"]["name"]["nullable"] = True

    def maybe_size(spec: Json) -> None:
        schemas(spec)["FileInfo"]["required"].remove("size")

    everywhere = frozenset({"list_sandboxes", *ONE_SANDBOX})
    yield Mutation("a new state", "rest", add_state, "NEWS", everywhere)
    yield Mutation("a state less", "rest", drop_state, "NEWS", everywhere)
    yield Mutation("languages are listed", "toolbox", set_languages, "NEWS", frozenset({"run_code"}))
    yield Mutation("whole CPUs", "rest", whole_cpus, "NEWS", frozenset(ONE_SANDBOX))
    yield Mutation("a name may be null", "rest", null_reason, "NEWS", frozenset({"list_sandboxes"}))
    yield Mutation("a size may be missing", "toolbox", maybe_size, "NEWS", frozenset({"list_files"}))
