"""The check itself catches every planted fault, against our specs and against Daytona's own."""

import json
from typing import Any, TypeAlias

import httpx
import pytest

from contract.exchanges import Exchange
from contract.places import OURS, read_upstream
from contract.specs import Spec
from contract.swagger import openapi

SIGNED = {"Authorization": "Bearer key"}
SANDBOX = {"id": "1", "organizationId": "o", "name": "n", "user": "u", "env": {}, "labels": {}, "public": False}
SANDBOX |= {"networkBlockAll": False, "target": "t", "cpu": 1, "gpu": 0, "memory": 1, "disk": 3, "toolboxProxyUrl": "u"}
JSON = {"Content-Type": "application/json"}
UPLOAD = "/files/bulk-upload"
FORM = {"files[0].path": (None, "ü"), "files[0].file": ("x", b"\r\n--\x00\xff", "application/octet-stream")}

GOOD: dict[str, tuple[str, str, dict[str, Any]]] = {
    "page": ("GET", "/sandbox", {"params": {"limit": 5, "labels": "{}"}}),
    "creation": ("POST", "/sandbox", {"json": {"name": "a", "labels": {"b": "c"}, "autoStopInterval": 0}}),
    "start": ("POST", "/sandbox/a%2Fb/start", {}),
    "command": ("POST", "/process/execute", {"json": {"command": "true", "envs": {"A": "1"}, "timeout": 3}}),
    "upload": ("POST", UPLOAD, {"files": FORM}),
    "download": ("GET", "/files/download", {"params": {"path": "ü"}}),
    "clone": ("POST", "/git/clone", {"json": {"url": "u", "path": "p", "commit_id": "c"}}),
}
Doctored: TypeAlias = tuple[str, str, dict[str, Any], str]
DOCTORED: dict[str, Doctored] = {
    "unknown query parameter": ("GET", "/sandbox", {"params": {"page": 1}}, "query parameter page is not known"),
    "renamed query parameter": ("GET", "/files", {"params": {"dir": "x"}}, "query parameter dir is not known"),
    "missing query parameter": ("GET", "/files/download", {}, "Missing required query parameter: path"),
    "query parameter of a wrong type": ("GET", "/sandbox", {"params": {"limit": "many"}}, "many"),
    "query parameter out of bounds": ("GET", "/sandbox", {"params": {"limit": 201}}, "greater than the maximum"),
    "unknown field": ("POST", "/sandbox", {"json": {"autoStop": 1}}, "'autoStop' was unexpected"),
    "missing field": ("POST", "/process/execute", {"json": {"cwd": "/"}}, "'command' is a required"),
    "field of a wrong type": ("POST", "/process/execute", {"json": {"command": 3}}, "$.command: 3 is not of type"),
    "null for a field": ("POST", "/git/clone", {"json": {"url": "u", "path": None}}, "$.path: None"),
    "wrong type deep inside": ("POST", "/sandbox", {"json": {"labels": {"a": 1}}}, "$.labels.a: 1 is not"),
    "no body": ("POST", "/process/code-run", {}, "Missing required request body"),
    "no JSON": ("POST", "/process/execute", {"content": b"{", "headers": JSON}, "Failed to deserialize"),
    "other media type": ("POST", "/process/execute", {"data": {"command": "true"}}, "mimetype not found"),
    "unknown path": ("POST", "/process/run", {"json": {"command": "true"}}, "Path not found"),
    "unknown method": ("PUT", "/git/clone", {"json": {"url": "u", "path": "p"}}, "Operation put not found"),
}
FORMS: dict[str, Doctored] = {
    "unknown part": ("POST", UPLOAD, {"files": {**FORM, "mode": (None, "7")}}, "part mode is not known"),
    "missing part": ("POST", UPLOAD, {"files": {"files[0].path": (None, "x")}}, "'files[0].file' is a required"),
}
ANSWERS: dict[str, tuple[str, int, Any, str]] = {
    "wrong type": ("command", 200, {"exitCode": "0", "result": ""}, "$.exitCode: '0' is not"),
    "wrong type deep inside": ("page", 200, {"items": [{"public": 1}], "nextCursor": None}, "$.items[0].public: 1"),
    "no object": ("page", 200, [SANDBOX], "is not of type 'object'"),
    "undescribed status": ("start", 418, {"message": "no"}, "418"),
}
CLOSED: dict[str, tuple[str, int, Any, str]] = {
    "missing field": ("creation", 200, {name: SANDBOX[name] for name in SANDBOX if name != "id"}, "'id' is a required"),
    "unknown field": ("command", 200, {"exitCode": 0, "stdout": ""}, "'stdout' was unexpected"),
}


def exchange(
    request: tuple[str, str, dict[str, Any]], status: int = 200, answer: Any = None, signed: bool = True
) -> Exchange:
    """Make an exchange by hand."""
    method, path, rest = request
    made = httpx.Request(method, f"http://backend{path}", **rest)
    made.headers.update(SIGNED if signed else {})
    made.read()
    api = "rest" if path.startswith("/sandbox") else "toolbox"
    headers = httpx.Headers({"Content-Type": "application/json"})
    return Exchange(api, path, made, status, headers, b"" if answer is None else json.dumps(answer).encode())


@pytest.fixture(scope="module", params=["ours", "upstream"])
def specs(request: pytest.FixtureRequest) -> dict[str, Spec]:
    """Give the trimmed specs, and Daytona's own where they are at hand."""
    return read_upstream() if request.param == "upstream" else {api: Spec.read(file) for api, file in OURS.items()}


@pytest.mark.parametrize("name", GOOD)
def test_good_requests(name: str, specs: dict[str, Spec]) -> None:
    """Requests that match the spec pass."""
    good = exchange(GOOD[name])

    assert specs[good.api].request_violations(good) == []


@pytest.mark.parametrize("name", DOCTORED)
def test_faulty_requests(name: str, specs: dict[str, Spec]) -> None:
    """Each planted fault in a request is caught, and the message names it."""
    method, path, rest, said = DOCTORED[name]
    faulty = exchange((method, path, rest))

    assert said in " ".join(specs[faulty.api].request_violations(faulty))


@pytest.mark.parametrize("name", FORMS)
def test_faulty_forms(name: str) -> None:
    """Forms are checked against our spec; upstream does not describe their parts."""
    method, path, rest, said = FORMS[name]

    assert said in " ".join(Spec.read(OURS["toolbox"]).request_violations(exchange((method, path, rest))))


def test_a_request_without_a_key() -> None:
    """A request without a key is caught."""
    found = Spec.read(OURS["rest"]).request_violations(exchange(GOOD["start"], signed=False))

    assert "Security not found" in " ".join(found)


def test_good_answers(specs: dict[str, Spec]) -> None:
    """Answers that match the spec pass, as does an empty body where the spec describes none."""
    for name, answer in {"creation": SANDBOX, "command": {"exitCode": 0, "result": ""}, "clone": None}.items():
        good = exchange(GOOD[name], answer=answer)

        assert specs[good.api].answer_violations(good) == []


@pytest.mark.parametrize("name", ANSWERS)
def test_faulty_answers(name: str, specs: dict[str, Spec]) -> None:
    """Each planted fault in an answer is caught."""
    asked, status, answer, said = ANSWERS[name]
    faulty = exchange(GOOD[asked], status, answer)

    assert said in " ".join(specs[faulty.api].answer_violations(faulty))


@pytest.mark.parametrize("name", CLOSED)
def test_answers_of_more_or_less(name: str) -> None:
    """Missing and unknown fields violate upstream's spec here; our specs allow both."""
    asked, status, answer, said = CLOSED[name]
    faulty = exchange(GOOD[asked], status, answer)

    assert said in " ".join(read_upstream()[faulty.api].answer_violations(faulty))
    assert Spec.read(OURS[faulty.api]).answer_violations(faulty) == []


def test_swagger_becomes_openapi() -> None:
    """Forms, files, bodies and references of Swagger 2.0 survive the conversion to OpenAPI 3."""
    form = [{"in": "formData", "name": "file", "type": "file", "required": True}]
    result = {"200": {"description": "", "schema": {"$ref": "#/definitions/A"}}}
    converted = openapi(
        {
            "swagger": "2.0",
            "info": {},
            "definitions": {"A": {"type": "object"}},
            "paths": {
                "/a": {"post": {"consumes": ["multipart/form-data"], "parameters": form, "responses": result}},
                "/b": {"get": {"produces": ["image/png"], "responses": {"200": {"schema": {"type": "file"}}}}},
            },
        }
    )
    binary = {"type": "string", "format": "binary"}
    sent = {"type": "object", "properties": {"file": binary}, "required": ["file"]}
    post, get = converted["paths"]["/a"]["post"], converted["paths"]["/b"]["get"]

    assert post["requestBody"]["content"] == {"multipart/form-data": {"schema": sent}}
    assert post["responses"]["200"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/A"}
    assert get["responses"]["200"]["content"] == {"image/png": {"schema": binary}}
    assert converted["components"]["schemas"] == {"A": {"type": "object"}}
