"""What a server may add, leave out or write otherwise without an action failing."""

import json
from typing import Any

import httpx
import pytest

from hostile.answers import _ENTRY, _SANDBOX
from hostile.canaries import CALLS, KEY, SANDBOX
from support.callers import Caller, MockServer

_API = "http://api.invalid/api"
_PROGRAM = {"exitCode": 3, "result": "out"}
_BODIES: dict[str, Any] = {
    **dict.fromkeys(("create_sandbox", "get_sandbox", "start_sandbox", "stop_sandbox", "delete_sandbox"), _SANDBOX),
    "list_sandboxes": {"items": [_SANDBOX, _SANDBOX], "nextCursor": "more"},
    "run_code": {**_PROGRAM, "artifacts": {"charts": [{"png": "x"}]}},
    "execute_command": _PROGRAM,
    "upload_file": {"files": [{"path": "a.txt", "bytes": 5}]},
    "list_files": [_ENTRY, _ENTRY],
    "git_clone": {},
}
_NEEDED = {"id", "name"}
"""What an object is known by: a sandbox's ID, a file's name; without it there is no object."""


def _called(action: str, body: Any, caller_class: type[Caller], status: int = 200) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    server = MockServer(lambda _: httpx.Response(status, content=content))
    with caller_class(KEY, api_url=_API, toolbox_url=_API, transport=server.transport) as call:
        return call(action, **CALLS[action])


def _objects(body: Any) -> list[dict[str, Any]]:
    """Find every object in a body."""
    inner = body.values() if isinstance(body, dict) else body if isinstance(body, list) else []
    return ([body] if isinstance(body, dict) else []) + [found for item in inner for found in _objects(item)]


@pytest.mark.parametrize("action", _BODIES)
def test_unknown_fields_change_nothing(action: str, caller_class: type[Caller]) -> None:
    """Unknown fields of any type do not change the output."""
    body = json.loads(json.dumps(_BODIES[action]))
    # Labels and charts are free-form: what is in them belongs to the output.
    free = _objects(body.get("artifacts")) if isinstance(body, dict) else []
    for found in _objects(body):
        if "a" not in found and not any(found is each for each in free):
            found.update(kvm=True, brandNew={"x": [1, None]}, state2="unheard-of", big=10**300, nothing=None)

    plain, changed = (_called(action, each, caller_class) for each in (_BODIES[action], body))

    assert plain.success
    assert changed == plain


@pytest.mark.parametrize("action", _BODIES)
def test_a_missing_or_null_field_is_unknown(action: str, caller_class: type[Caller]) -> None:
    """With any one optional field missing or null, the action succeeds with all the others."""
    plain = _called(action, _BODIES[action], caller_class)
    count = len(_objects(_BODIES[action]))
    for number in range(count):
        for field in list(_objects(_BODIES[action])[number]):
            if field in _NEEDED or field == "items":
                continue
            for change in ("missing", "null"):
                body = json.loads(json.dumps(_BODIES[action]))
                target = _objects(body)[number]
                del target[field]
                if change == "null":
                    target[field] = None
                output = _called(action, body, caller_class)
                assert output.success, (field, change, output.error)
                lost = _lost(plain.to_dict(), output.to_dict())
                assert len(lost) <= 1, (field, change, lost)


def _lost(one: Any, other: Any, path: str = "") -> list[str]:
    """Name the places where two documents differ."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return [place for key in one for place in _lost(one[key], other[key], f"{path}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [
            place for at, pair in enumerate(zip(one, other, strict=True)) for place in _lost(*pair, f"{path}[{at}]")
        ]
    return [] if one == other else [path]


@pytest.mark.parametrize("action", _BODIES)
def test_floats_for_integers_and_any_2xx(action: str, caller_class: type[Caller]) -> None:
    """2.0 is read as 2, and every 2xx status is a success."""
    body = json.dumps(_BODIES[action], default=str)
    for number in (0, 1, 2, 3, 5, 15):
        body = body.replace(f": {number},", f": {number}.0,").replace(f": {number}}}", f": {number}.0}}")
    plain = _called(action, _BODIES[action], caller_class)

    for status in (200, 201, 202, 203, 206, 226, 299):
        assert _called(action, body.encode(), caller_class, status) == plain


@pytest.mark.parametrize("action", ["start_sandbox", "stop_sandbox", "delete_sandbox"])
@pytest.mark.parametrize("status", [200, 202, 204])
def test_an_empty_answer_names_what_was_asked_for(action: str, status: int, caller_class: type[Caller]) -> None:
    """For an empty answer the identifier comes from the call."""
    assert _called(action, b"", caller_class, status).sandbox.id == SANDBOX


def test_a_number_that_python_does_not_read_is_unknown(caller_class: type[Caller]) -> None:
    """An integer of 5,000 digits makes only its own field unknown."""
    body = json.dumps(_SANDBOX).replace('"cpu": 1', '"cpu": ' + "9" * 5000).encode()

    output = _called("get_sandbox", body, caller_class)

    assert (output.sandbox.cpu, output.sandbox.memory, output.sandbox.name) == (None, 2, "finch")
