"""The drift report on small specs."""

import importlib
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
import yaml

from support.paths import ROOT

Json = dict[str, Any]

OURS = """
paths:
  /things/{thing}:
    post:
      x-action: make_thing
      parameters:
        - {name: thing, in: path, required: true, schema: {type: string}}
        - {name: page, in: query, schema: {type: integer}}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name]
              properties: {name: {type: string}, tags: {type: object, additionalProperties: {type: string}}}
      responses:
        "200":
          content:
            application/json:
              schema: {type: object, properties: {id: {type: string, nullable: true}, size: {type: number}}}
        "404": {description: not upstream's}
"""
UPSTREAM_3 = """
paths:
  /things/{id}:
    parameters:
      - $ref: "#/components/parameters/Id"
    post:
      parameters:
        - {name: page, in: query, schema: {type: number, maximum: 9}}
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/Make"}
      responses:
        "200":
          content:
            application/json:
              schema: {allOf: [{$ref: "#/components/schemas/Thing"}]}
components:
  parameters:
    Id: {name: id, in: path, required: true, schema: {type: string}}
  schemas:
    Make:
      type: object
      required: [name]
      properties:
        name: {type: string, enum: [a, b]}
        tags: {type: object, additionalProperties: {type: string}}
        parts: {type: array, items: {type: object, required: [screw], properties: {screw: {type: string}}}}
    Thing:
      type: object
      properties:
        id: {anyOf: [{type: string}, {type: "null"}]}
        size: {type: integer}
        maker: {$ref: "#/components/schemas/Thing"}
"""
UPSTREAM_2 = """
swagger: "2.0"
consumes: [application/json]
produces: [application/json]
paths:
  /things/{id}/:
    post:
      parameters:
        - {name: id, in: path, required: true, type: string}
        - {name: page, in: query, type: number, maximum: 9}
        - {name: body, in: body, required: true, schema: {$ref: "#/definitions/Make"}}
      responses:
        200: {schema: {$ref: "#/definitions/Thing"}}
definitions:
  Make:
    type: object
    required: [name]
    properties:
      name: {type: string, enum: [a, b]}
      tags: {type: object, additionalProperties: {type: string}}
  Thing:
    type: object
    properties: {id: {type: string}, size: {type: number}}
"""


@pytest.fixture(scope="module")
def drift() -> Iterator[ModuleType]:
    """Import the report, which is a script beside the specs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "openapi")
        yield importlib.import_module("drift")


def report(drift: ModuleType, before: str, change: Callable[[Json], object]) -> list[str]:
    """Report a change of an upstream spec against a lock of what it was before."""
    used = drift.ours(yaml.safe_load(OURS))
    lock = {
        name: {"action": "make_thing", "facts": facts}
        for name, facts in drift.seen(used, yaml.safe_load(before), {}).items()
    }
    changed = yaml.safe_load(before)
    change(changed)
    return list(drift.told(drift.compare(used, drift.seen(used, changed, lock), lock, {})))


def post(spec: Json) -> Json:
    """Find the one operation."""
    return next(iter(spec["paths"].values()))["post"]


def properties(spec: Json, name: str) -> Json:
    """Find the fields of a named schema."""
    return (spec["definitions"] if "definitions" in spec else spec["components"]["schemas"])[name]["properties"]


@pytest.mark.parametrize("upstream", [UPSTREAM_3, UPSTREAM_2], ids=["openapi3", "swagger2"])
def test_nothing_changed(drift: ModuleType, upstream: str) -> None:
    """A different way of writing the same spec gives no findings."""
    expected = ["SAME   make_thing: POST /things/{}"]

    assert report(drift, upstream, lambda spec: None) == expected


@pytest.mark.parametrize("upstream", [UPSTREAM_3, UPSTREAM_2], ids=["openapi3", "swagger2"])
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda spec: spec.update(paths={}), "BREAK  make_thing: POST /things/{} is gone"),
        (
            lambda spec: properties(spec, "Thing").pop("id"),
            "BREAK  make_thing: answer 200 field id is gone",
        ),
        (
            lambda spec: properties(spec, "Thing").update(size={"type": "string"}),
            "BREAK  make_thing: answer 200 field size changed its type: string, for us number",
        ),
        (
            lambda spec: properties(spec, "Make").pop("name"),
            "BREAK  make_thing: request field name is gone",
        ),
        (
            lambda spec: properties(spec, "Make")["tags"]["additionalProperties"].update(type="integer"),
            "BREAK  make_thing: request field tags{} changed its type: integer, for us string",
        ),
        (
            lambda spec: properties(spec, "Make")["name"]["enum"].remove("a"),
            "BREAK  make_thing: request field name has lost a value: a",
        ),
        (
            lambda spec: properties(spec, "Make")["name"]["enum"].append("c"),
            "NEWS   make_thing: request field name has a new value: c",
        ),
        (
            lambda spec: properties(spec, "Thing").update(colour={"type": "string"}),
            "NEWS   make_thing: answer 200 field colour is new: string",
        ),
        (
            lambda spec: post(spec).update(deprecated=True),
            "NEWS   make_thing: the operation is deprecated now",
        ),
    ],
    ids=lambda value: value[:60].replace("make_thing: ", "") if isinstance(value, str) else "",
)
def test_one_change(drift: ModuleType, upstream: str, change: Callable[[Json], object], expected: str) -> None:
    """Each change gives exactly one line, in both formats."""
    assert report(drift, upstream, change) == [expected]


def test_tighter_bound_breaks(drift: ModuleType) -> None:
    """A tighter bound on a parameter is a BREAK."""

    def tighten(spec: Json) -> None:
        post(spec)["parameters"][0]["schema"]["maximum"] = 5

    (line,) = report(drift, UPSTREAM_3, tighten)

    assert line.startswith("BREAK  make_thing: query parameter page changed its bounds")


def test_a_line_is_shared_by_actions(drift: ModuleType) -> None:
    """A change that affects several actions is one line that names them all."""
    findings = [drift.Finding("NEWS", action, "GET /", "is new") for action in ("a", "b")]
    expected = ["NEWS   a, b: is new"]

    assert list(drift.told(findings)) == expected
