"""Write a Swagger 2.0 document as OpenAPI 3.0: as much of it as validating exchanges takes."""

import json
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]

_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
_UNDESCRIBED: Json = {"type": "object", "additionalProperties": True}


def openapi(swagger: Json) -> Json:
    """Convert a document; a file becomes a binary string, and a form that is not described takes any field."""
    moved = json.loads(json.dumps(swagger).replace('"#/definitions/', '"#/components/schemas/'))
    return {
        "openapi": "3.0.3",
        "info": moved["info"],
        "paths": {path: _path(item) for path, item in moved["paths"].items()},
        "components": {"schemas": moved["definitions"], "securitySchemes": moved.get("securityDefinitions", {})},
    }


def _path(item: Json) -> Json:
    return {method: _operation(operation) for method, operation in item.items() if method in _METHODS}


def _operation(operation: Json) -> Json:
    sent, produced = operation.get("parameters", []), operation.get("produces", ["application/json"])
    converted: Json = {
        "parameters": [_parameter(each) for each in sent if each["in"] not in ("body", "formData")],
        "responses": {status: _answer(answer, produced) for status, answer in operation["responses"].items()},
    }
    bodies = [each for each in sent if each["in"] == "body"]
    consumed = operation.get("consumes", ["application/json"])
    if bodies:
        body = {"required": bodies[0].get("required", False), "content": _content(consumed, bodies[0]["schema"])}
        converted["requestBody"] = body
    elif "consumes" in operation:
        converted["requestBody"] = {"required": True, "content": _content(consumed, _form(sent))}
    if "security" in operation:
        converted["security"] = operation["security"]
    return converted


def _parameter(parameter: Json) -> Json:
    kept: Json = {word: parameter[word] for word in ("name", "in", "required") if word in parameter}
    return {**kept, "schema": _schema(parameter)}


def _form(parameters: list[Json]) -> Json:
    fields = [each for each in parameters if each["in"] == "formData"]
    if not fields:
        return _UNDESCRIBED
    needed = [field["name"] for field in fields if field.get("required")]
    form: Json = {"type": "object", "properties": {field["name"]: _schema(field) for field in fields}}
    return {**form, "required": needed} if needed else form


def _answer(answer: Json, produced: list[str]) -> Json:
    return {"description": "", "content": _content(produced, answer["schema"])} if "schema" in answer else answer


def _content(media: list[str], schema: Json) -> Json:
    # A reader of errors gets JSON, whatever the operation is said to produce.
    wanted = ["application/json"] if "$ref" in schema else media
    return {kind: {"schema": _schema(schema) if schema.get("type") == "file" else schema} for kind in wanted}


def _schema(parameter: Json) -> Json:
    if parameter["type"] == "file":
        return {"type": "string", "format": "binary"}
    words = ("type", "items", "enum", "format", "minimum", "maximum", "minLength", "maxLength", "pattern")
    return {word: parameter[word] for word in words if word in parameter}
