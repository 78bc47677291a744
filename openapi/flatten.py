"""Flatten the operations of an OpenAPI 3 or Swagger 2.0 document to facts that can be compared.

A fact is one line of an operation, such as `query:limit`, `request.command` or `200.items[].state`, with what
is said there of type, need, nullability, enumeration, bounds and media type. Prose is left out.
"""

import re
from collections.abc import Iterator
from typing import Any, TypeAlias, TypedDict

METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
BOUNDS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern")
DEEPEST = 12

Json: TypeAlias = dict[str, Any]


class Fact(TypedDict, total=False):
    """What a document says at one place; a key is absent when it says nothing."""

    types: list[str]
    required: bool
    nullable: bool
    deprecated: bool
    enum: list[Any]
    bounds: dict[str, Any]
    media: list[str]


Facts: TypeAlias = dict[str, Fact]


def operations(document: Json) -> dict[str, Json]:
    """Find the operations by method and path; names of path parameters do not count.

    An operation comes with the parameters of its path, and in Swagger 2.0 with the document's media types.
    """
    found = {}
    for path, item in document["paths"].items():
        shared = resolve(document, item)
        for method in METHODS:
            if method in shared:
                operation = dict(shared[method])
                own = [resolve(document, parameter) for parameter in operation.get("parameters", [])]
                names = {(parameter["name"], parameter["in"]) for parameter in own}
                inherited = [resolve(document, parameter) for parameter in shared.get("parameters", [])]
                own += [parameter for parameter in inherited if (parameter["name"], parameter["in"]) not in names]
                operation["parameters"] = own
                for kind in ("consumes", "produces"):
                    operation.setdefault(kind, document.get(kind, []))
                found[key(method, path)] = operation
    return found


def key(method: str, path: str) -> str:
    """Name an operation by its method and path."""
    return f"{method.upper()} {re.sub(r'{[^}]*}', '{}', path).rstrip('/') or '/'}"


def flatten(document: Json, operation: Json, within: Facts | None = None) -> Facts:
    """Collect the facts of one operation.

    With `within`, objects are opened only where those facts look inside too: what lies in a field that nobody
    reads or sends is of no interest.
    """
    return dict(_Flattening(document, within).operation(operation))


def resolve(document: Json, node: Json) -> Json:
    """Follow references inside the document; ValueError when one leads nowhere or out of it."""
    while "$ref" in node:
        pointer = node["$ref"]
        target: Any = document
        for part in pointer.removeprefix("#/").split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(target, dict) or name not in target:
                raise ValueError(f"the reference {pointer} leads nowhere")
            target = target[name]
        node = target
    return node


class _Flattening:
    def __init__(self, document: Json, within: Facts | None) -> None:
        self.document = document
        self.within = within

    def operation(self, operation: Json) -> Iterator[tuple[str, Fact]]:
        yield "operation", {"deprecated": True} if operation.get("deprecated") else {}
        parameters = operation["parameters"]
        position = 0
        for parameter in parameters:
            place = parameter["in"]
            if place == "body":
                media = operation["consumes"] or ["application/json"]
                yield from self.body("request", media, parameter.get("schema", {}), bool(parameter.get("required")))
            elif place == "formData":
                yield from self.schema(f"request.{parameter['name']}", parameter, bool(parameter.get("required")))
            else:
                name = parameter["name"].lower() if place == "header" else parameter["name"]
                if place == "path":
                    name, position = str(position), position + 1
                schema = parameter.get("schema", parameter)
                yield from self.schema(f"{place}:{name}", schema, bool(parameter.get("required")))
        # Some documents only say that a form is taken, and not what is in it.
        if "multipart/form-data" in operation["consumes"] or any(each["in"] == "formData" for each in parameters):
            yield "request", {"types": ["object"], "media": operation["consumes"]}
        if "requestBody" in operation:
            body = resolve(self.document, operation["requestBody"])
            yield from self.content("request", body, bool(body.get("required")))
        for status, response in operation.get("responses", {}).items():
            if str(status).startswith("2"):
                yield from self.answer(str(status), resolve(self.document, response), operation["produces"])

    def answer(self, status: str, response: Json, produces: list[str]) -> Iterator[tuple[str, Fact]]:
        if "schema" in response:
            yield from self.body(status, produces or ["application/json"], response["schema"], False)
        else:
            yield from self.content(status, response, False)

    def content(self, name: str, holder: Json, required: bool) -> Iterator[tuple[str, Fact]]:
        content = holder.get("content", {})
        media = sorted(content, key=lambda kind: (not re.search(r"[/+]json\b", kind), kind))
        schema = content[media[0]].get("schema", {}) if media else {}
        yield from self.body(name, media, schema, required)

    def body(self, name: str, media: list[str], schema: Json, required: bool) -> Iterator[tuple[str, Fact]]:
        for place, fact in self.schema(name, schema, required):
            yield place, {**fact, "media": sorted(media)} if place == name and media else fact

    def schema(self, name: str, schema: Json, required: bool = False, depth: int = 0) -> Iterator[tuple[str, Fact]]:
        merged = self.merged(schema)
        yield name, _fact(merged, required)
        if depth == DEEPEST or not self.opened(name):
            return
        needed = _needs(merged)
        for child, inner in merged.get("properties", {}).items():
            yield from self.schema(f"{name}.{child}", inner, child in needed, depth + 1)
        if "items" in merged:
            yield from self.schema(f"{name}[]", merged["items"], False, depth + 1)
        if isinstance(merged.get("additionalProperties"), dict):
            yield from self.schema(f"{name}{{}}", merged["additionalProperties"], False, depth + 1)

    def opened(self, name: str) -> bool:
        if self.within is None:
            return True
        return any(other.startswith(name) and other[len(name) :][:1] in (".", "[", "{") for other in self.within)

    def merged(self, schema: Json | bool, depth: int = 0) -> Json:
        """Make one schema of a reference, of all of allOf, and of the alternatives of anyOf and oneOf."""
        if not isinstance(schema, dict):
            return {"types": []}
        schema = resolve(self.document, schema)
        result = {word: value for word, value in schema.items() if word not in ("allOf", "anyOf", "oneOf")}
        result["types"] = _types(schema)
        if depth == DEEPEST:
            return result
        for part in schema.get("allOf", []):
            _join(result, self.merged(part, depth + 1))
        for word in ("anyOf", "oneOf"):
            parts = [self.merged(part, depth + 1) for part in schema.get(word, [])]
            _join(result, _alternatives([part for part in parts if part["types"] != ["null"]]))
            if any("null" in part["types"] or part.get("nullable") for part in parts):
                result["nullable"] = True
        return result


def _join(into: Json, part: Json) -> None:
    """Add what a part of allOf says; what was said outside the parts stands."""
    into["types"] = into["types"] or part.get("types", [])
    into["properties"] = {**part.get("properties", {}), **into.get("properties", {})}
    into["required"] = [*_needs(into), *_needs(part)]
    for word, value in part.items():
        into.setdefault(word, value)


def _alternatives(parts: list[Json]) -> Json:
    """Say what holds in every alternative: all their types and fields, and the needs that they share."""
    if not parts:
        return {}
    one: Json = {"types": sorted({kind for part in parts for kind in part["types"]}), "properties": {}}
    for part in parts:
        one["properties"].update(part.get("properties", {}))
        one.update({word: part[word] for word in ("items", "additionalProperties") if word in part})
    if all("enum" in part for part in parts):
        one["enum"] = [value for part in parts for value in part["enum"]]
    one["required"] = [name for name in _needs(parts[0]) if all(name in _needs(part) for part in parts)]
    return one


def _needs(schema: Json) -> list[str]:
    """List the children that a schema requires; Swagger 2.0 puts a truth value there in parameters."""
    needs = schema.get("required", [])
    return needs if isinstance(needs, list) else []


def _types(schema: Json) -> list[str]:
    """List the types that a schema names; a file and a binary string are both `binary`."""
    named = schema.get("type", [])
    types = set([named] if isinstance(named, str) else named)
    if "file" in types or (types == {"string"} and schema.get("format") == "binary"):
        return ["binary"]
    if not types and ("properties" in schema or "additionalProperties" in schema):
        return ["object"]
    return sorted(types)


def _fact(schema: Json, required: bool) -> Fact:
    """Keep what can be compared."""
    fact: Fact = {"types": [kind for kind in schema["types"] if kind != "null"]}
    if required:
        fact["required"] = True
    if schema.get("nullable") or schema.get("x-nullable") or "null" in schema["types"]:
        fact["nullable"] = True
    if schema.get("deprecated"):
        fact["deprecated"] = True
    if "enum" in schema:
        fact["enum"] = [value for value in schema["enum"] if value is not None]
    bounds = {word: schema[word] for word in BOUNDS if word in schema}
    if bounds:
        fact["bounds"] = bounds
    return fact
