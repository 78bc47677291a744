"""Hold exchanges to an OpenAPI document, strictly: what the document does not name is a violation too."""

import json
import re
from collections.abc import Iterator
from email import message_from_bytes
from functools import cached_property
from pathlib import Path

import yaml
from jsonschema_path import SchemaPath
from openapi_core import V30RequestValidator, V30ResponseValidator
from openapi_core.datatypes import RequestParameters
from openapi_core.templating.responses.exceptions import ResponseFinderError
from openapi_core.validation.response.exceptions import MissingData
from werkzeug.datastructures import Headers, ImmutableMultiDict

from contract.exchanges import Exchange
from contract.swagger import Json, openapi


class Spec:
    """One API's document."""

    def __init__(self, document: Json, *, closed_answers: bool = False) -> None:
        self.document = {**document, "servers": [{"url": _Asked.host_url}]}
        schema = SchemaPath.from_dict(self.document)
        self._requests = V30RequestValidator(schema, forbid_unspecified_additional_properties=True)
        self._answers = V30ResponseValidator(schema, forbid_unspecified_additional_properties=closed_answers)

    @classmethod
    def read(cls, file: Path, *, closed_answers: bool = False) -> "Spec":
        """Read OpenAPI 3.0 or Swagger 2.0, JSON or YAML; closed answers hold no field but those described."""
        text = file.read_text(encoding="utf-8")
        document = json.loads(text) if file.suffix == ".json" else yaml.safe_load(text)
        return cls(openapi(document) if "swagger" in document else document, closed_answers=closed_answers)

    def request_violations(self, exchange: Exchange) -> list[str]:
        """Say why a server of this API might refuse the request, or not do what it asks."""
        found = [text for error in self._requests.iter_errors(_Asked(exchange)) for text in _texts(error)]
        # openapi-core passes over parameters and parts of a form that it does not know.
        return found or [*self._unknown_parameters(exchange), *self._unknown_parts(exchange)]

    def answer_violations(self, exchange: Exchange, *, any_refusal: bool = False) -> list[str]:
        """Say what a reader of the API would not expect; with any_refusal, a status that is not described passes."""
        found: list[str] = []
        for error in self._answers.iter_errors(_Asked(exchange), _Answered(exchange)):
            passed = exchange.status >= 400 and (
                (any_refusal and isinstance(error, ResponseFinderError))
                # Old daemons refuse without a word.
                or (exchange.api == "toolbox" and isinstance(error, MissingData))
            )
            found += [] if passed else _texts(error)
        return found

    def operation(self, exchange: Exchange) -> str:
        """Name the operation by method and path, the most concrete one that fits; KeyError where there is none."""
        method = exchange.request.method
        for path in sorted(self.document["paths"], key=lambda path: path.count("{")):
            fits = re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", path), exchange.path)
            if fits and method.lower() in self.document["paths"][path]:
                return f"{method} {path}"
        raise KeyError(str(exchange))

    @cached_property
    def sendable(self) -> dict[str, set[str]]:
        """Name all that can be sent, by operation: `query:limit`, `body:command`, or `body:*` for any field."""
        sendable: dict[str, set[str]] = {}
        for path, item in self.document["paths"].items():
            for method in {"get", "put", "post", "delete"} & set(item):
                parameters = [self._resolved(each) for each in item.get("parameters", [])]
                parameters += [self._resolved(each) for each in item[method].get("parameters", [])]
                names = {f"query:{each['name']}" for each in parameters if each["in"] == "query"}
                for content in self._resolved(item[method].get("requestBody", {})).get("content", {}).values():
                    properties = self._resolved(content["schema"]).get("properties", ["*"])
                    names |= {f"body:{name}" for name in properties}
                sendable[f"{method.upper()} {path}"] = names
        return sendable

    def _resolved(self, node: Json) -> Json:
        while "$ref" in node:
            target = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node

    def _unknown_parameters(self, exchange: Exchange) -> Iterator[str]:
        known = self.sendable[self.operation(exchange)]
        sent = exchange.request.url.params
        yield from (f"query parameter {name} is not known" for name in sent if f"query:{name}" not in known)

    def _unknown_parts(self, exchange: Exchange) -> Iterator[str]:
        known = self.sendable[self.operation(exchange)]
        if "body:*" not in known:
            yield from (f"part {name} is not known" for name in parts(exchange) if f"body:{name}" not in known)


def sent(exchange: Exchange) -> set[str]:
    """Name all that was sent, as `Spec.sendable` does."""
    names = {f"query:{name}" for name in exchange.request.url.params}
    if exchange.request.headers.get("content-type") == "application/json":
        return names | {f"body:{name}" for name in json.loads(exchange.request.content)}
    return names | {f"body:{name}" for name in parts(exchange)}


def parts(exchange: Exchange) -> list[str]:
    """Name the parts of a multipart form, in order."""
    kind = exchange.request.headers.get("content-type", "")
    if not kind.startswith("multipart/"):
        return []
    form = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + exchange.request.content)
    return [str(part.get_param("name", header="content-disposition")) for part in form.walk() if part is not form]


def _texts(error: BaseException | None) -> list[str]:
    """Word an error by its innermost cause, which alone says what is wrong."""
    while error is not None and error.__cause__ is not None and not hasattr(error, "schema_errors"):
        error = error.__cause__
    wrongs = getattr(error, "schema_errors", None)
    return [f"{wrong.json_path}: {wrong.message}" for wrong in wrongs] if wrongs else [f"{error}"]


class _Asked:
    """A request as openapi-core wants it."""

    host_url = "http://server"

    def __init__(self, exchange: Exchange) -> None:
        request = exchange.request
        self.path = exchange.path
        self.method = request.method.lower()
        self.body = request.content or None
        self.content_type = request.headers.get("content-type", "")
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(request.url.params.multi_items()),
            header=Headers(request.headers.multi_items()),
            cookie=ImmutableMultiDict(),
        )


class _Answered:
    """An answer as openapi-core wants it."""

    def __init__(self, exchange: Exchange) -> None:
        self.status_code = exchange.status
        self.headers = Headers(exchange.headers.multi_items())
        self.content_type = exchange.headers.get("content-type", "")
        self.data = exchange.body or None
