"""The specs and the clients generated from them."""

import importlib
import io
import pkgutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate

import daytona_rest
import daytona_toolbox
from daytona_rest.api import sandbox as rest
from daytona_rest.models import CreateSandbox, Sandbox, SandboxPage
from daytona_toolbox.api import toolbox
from daytona_toolbox.models import CodeResult, CommandResult, FileInfo, UploadFiles, UploadResult
from daytona_toolbox.types import File
from support.checkout import copy_checkout
from support.paths import ROOT

PACKAGES = {"rest": daytona_rest, "toolbox": daytona_toolbox}
OPERATIONS = {
    rest: {
        "create_sandbox": ("POST", "/sandbox"),
        "delete_sandbox": ("DELETE", "/sandbox/{sandboxIdOrName}"),
        "get_sandbox": ("GET", "/sandbox/{sandboxIdOrName}"),
        "list_sandboxes": ("GET", "/sandbox"),
        "start_sandbox": ("POST", "/sandbox/{sandboxIdOrName}/start"),
        "stop_sandbox": ("POST", "/sandbox/{sandboxIdOrName}/stop"),
    },
    toolbox: {
        "clone_repository": ("POST", "/git/clone"),
        "download_file": ("GET", "/files/download"),
        "execute_command": ("POST", "/process/execute"),
        "list_files": ("GET", "/files"),
        "run_code": ("POST", "/process/code-run"),
        "upload_files": ("POST", "/files/bulk-upload"),
    },
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def objects(api: str, schema: str) -> st.SearchStrategy[dict[str, Any]]:
    """Draw objects with any of a schema's fields, each of any type, and with fields that it does not know."""
    spec = yaml.safe_load((ROOT / "openapi" / f"{api}.yaml").read_text())
    known = st.sampled_from(sorted(spec["components"]["schemas"][schema]["properties"]))
    return st.dictionaries(known | st.text(max_size=5), json_values, max_size=10)


def answer(payload: object) -> httpx.Response:
    """Make the 200 that carries this JSON."""
    return httpx.Response(200, json=payload)


def modules(package: Any) -> list[str]:
    """Name every module of a generated package."""
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return [package.__name__, *(module.name for module in found)]


@pytest.mark.parametrize("api", PACKAGES)
def test_spec_is_valid(api: str) -> None:
    """Each spec is a valid OpenAPI 3.0.3 document."""
    spec = yaml.safe_load((ROOT / "openapi" / f"{api}.yaml").read_text())

    assert spec["openapi"] == "3.0.3"
    validate(spec)


@pytest.mark.parametrize("package", PACKAGES.values(), ids=PACKAGES)
def test_every_module_imports(package: Any) -> None:
    """Every generated module can be imported and the package is marked as typed."""
    for name in modules(package):
        importlib.import_module(name)

    assert (Path(package.__file__).parent / "py.typed").is_file()


@pytest.mark.parametrize("api", PACKAGES)
def test_every_file_says_where_it_comes_from(api: str) -> None:
    """Each generated file opens with its origin, so that nobody edits it by mistake."""
    sources = sorted((ROOT / "generated" / f"daytona_{api}").rglob("*.py"))
    header = f"# Written by `make generate` from openapi/{api}.yaml. Do not edit."

    assert len(sources) > 10
    assert {source.read_text().split("\n", 1)[0] for source in sources} == {header}


@pytest.mark.parametrize("package", OPERATIONS, ids=["rest", "toolbox"])
def test_operations_are_public(package: Any) -> None:
    """Each operation has a request builder, a parser, a method and the path of the spec."""
    parts = ("method", "parse", "path", "request")
    operations = OPERATIONS[package]

    assert sorted(f"{name}_{part}" for name in operations for part in parts) == package.__all__
    for name, (method, path) in operations.items():
        assert (getattr(package, f"{name}_method"), getattr(package, f"{name}_path")) == (method, path)
        assert callable(getattr(package, f"{name}_request"))
        assert callable(getattr(package, f"{name}_parse"))


def test_requests_leave_out_what_was_not_given() -> None:
    """Bodies and queries hold only the given values, under their wire names."""
    given_fields = {"autoStopInterval": 0, "env": {"A": "b"}}
    given_query = {"limit": 3}
    nothing: dict[str, Any] = {}

    assert rest.create_sandbox_request(body=CreateSandbox.from_dict(given_fields))["json"] == given_fields
    assert rest.list_sandboxes_request(limit=3)["params"] == given_query
    assert toolbox.list_files_request()["params"] == nothing


def test_path_segment_is_quoted() -> None:
    """A name that looks like a path stays one segment."""
    assert rest.stop_sandbox_request("a/../b c?d")["url"] == "/sandbox/a%2F..%2Fb%20c%3Fd/stop"


def test_upload_sends_the_path_before_the_file() -> None:
    """The destination is the form's first part: daemons read the parts in order."""
    body = UploadFiles(files0_path="/tmp/a", files0_file=File(payload=io.BytesIO(b"what it says"), file_name="a"))
    request = httpx.Request("POST", "http://daemon/", files=toolbox.upload_files_request(body=body)["files"])
    sent = request.read()

    assert 0 < sent.index(b'name="files[0].path"') < sent.index(b'name="files[0].file"') < sent.index(b"what it says")


@settings(max_examples=80, deadline=None)
@given(objects("rest", "Sandbox"))
def test_any_sandbox_is_understood(payload: dict[str, Any]) -> None:
    """A sandbox with any content is parsed without loss."""
    parsed = rest.get_sandbox_parse(client=daytona_rest.Client(base_url=""), response=answer(payload))

    assert isinstance(parsed, Sandbox)
    assert parsed.to_dict() == payload


@settings(max_examples=80, deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "items": st.lists(objects("rest", "Sandbox"), max_size=4) | json_values,
            "nextCursor": json_values,
        },
    )
)
def test_any_page_is_understood(payload: dict[str, Any]) -> None:
    """A page with any content is parsed with all its items."""
    parsed = rest.list_sandboxes_parse(client=daytona_rest.Client(base_url=""), response=answer(payload))

    assert isinstance(parsed, SandboxPage)
    if isinstance(payload.get("items"), list):
        assert isinstance(parsed.items, list)
        assert len(payload["items"]) == len(parsed.items)


@settings(max_examples=60, deadline=None)
@given(objects("toolbox", "CodeResult"), objects("toolbox", "CommandResult"), objects("toolbox", "UploadResult"))
def test_any_result_is_understood(ran: dict[str, Any], executed: dict[str, Any], uploaded: dict[str, Any]) -> None:
    """Results with any content are parsed without loss."""
    client = daytona_toolbox.Client(base_url="")
    code = toolbox.run_code_parse(client=client, response=answer(ran))
    command = toolbox.execute_command_parse(client=client, response=answer(executed))

    assert isinstance(code, CodeResult)
    assert code.to_dict() == ran
    assert isinstance(command, CommandResult)
    assert command.to_dict() == executed
    assert isinstance(toolbox.upload_files_parse(client=client, response=answer(uploaded)), UploadResult)


@settings(max_examples=60, deadline=None)
@given(st.lists(objects("toolbox", "FileInfo"), max_size=4))
def test_any_directory_is_understood(payload: list[dict[str, Any]]) -> None:
    """Directory entries with any content are parsed without loss."""
    parsed = toolbox.list_files_parse(client=daytona_toolbox.Client(base_url=""), response=answer(payload))

    assert isinstance(parsed, list)
    assert all(isinstance(entry, FileInfo) for entry in parsed)
    assert [entry.to_dict() for entry in parsed] == payload


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Copy what generation reads and writes, with this environment's tools and nothing to install."""
    return copy_checkout(tmp_path, "openapi", "generated")


def check_generated(checkout: Path) -> subprocess.CompletedProcess[str]:
    """Run the check in a checkout."""
    return subprocess.run(["make", "check-generated"], cwd=checkout, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_check_passes_then_sees_one_edited_byte_and_a_leftover(checkout: Path) -> None:
    """The check passes on the committed code, and fails on an edit and on an extra file."""
    untouched = check_generated(checkout)
    edited = checkout / "generated" / "daytona_rest" / "errors.py"
    original = edited.read_text()
    edited.write_text(original.replace("status", "Status", 1))
    after_edit = check_generated(checkout)
    edited.write_text(original)
    (checkout / "generated" / "daytona_toolbox" / "leftover.py").touch()
    after_leftover = check_generated(checkout)

    assert untouched.returncode == 0, untouched.stdout + untouched.stderr
    assert after_edit.returncode != 0
    assert "errors.py" in after_edit.stdout
    assert after_leftover.returncode != 0
    assert "leftover.py" in after_leftover.stdout
