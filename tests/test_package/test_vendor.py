"""Copying the library into other projects: `make vendor`."""

import ast
import http.server
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from daytona_facade import ACTIONS, __version__
from support.paths import ROOT

PARENT = "acme.integrations._vendor"

STORY = '''
"""What a project would write: all twelve actions through its own copy, on its own local backend."""

import base64
import importlib.util
import json
import sys
import time

from acme.integrations._vendor.daytona_facade import Daytona
from acme.integrations._vendor.daytona_facade.local import LocalDaytona


def until(daytona: Daytona, box: str, state: str) -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        sandbox = daytona.get_sandbox(box).sandbox
        if sandbox is not None and sandbox.state == state:
            return True
        time.sleep(0.05)
    return False


def story(daytona: Daytona) -> dict[str, bool]:
    created = daytona.create_sandbox(name="vendored")
    box = created.sandbox.id if created.sandbox is not None else None
    assert box is not None, created.error
    assert until(daytona, box, "started")
    make = "git init -q r && cd r && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x && pwd"
    made = daytona.execute_command(box, make)
    content = base64.b64encode(b"print(6 * 7)").decode()
    done = {
        "create_sandbox": created.success,
        "get_sandbox": daytona.get_sandbox(box).success,
        "list_sandboxes": len(daytona.list_sandboxes().sandboxes) == 1,
        "execute_command": made.exit_code == 0,
        "run_code": daytona.run_code(box, "print(6 * 7)", "python").result == "42\\n",
        "upload_file": daytona.upload_file(box, "a.py", content).success,
        "download_file": daytona.download_file(box, "a.py").content_base64 == content,
        "list_files": "a.py" in [file.name for file in daytona.list_files(box).files],
        "git_clone": daytona.git_clone(box, (made.result or "").strip(), "copy").success,
        "stop_sandbox": daytona.stop_sandbox(box).success and until(daytona, box, "stopped"),
        "start_sandbox": daytona.start_sandbox(box).success and until(daytona, box, "started"),
    }
    done["delete_sandbox"] = daytona.delete_sandbox(box).success
    return done


def main() -> None:
    with LocalDaytona() as backend:
        with Daytona(**backend.client_options()) as daytona:
            done = story(daytona)
    ours = ("daytona_facade", "daytona_rest", "daytona_toolbox")
    installed = [name for name in ours if importlib.util.find_spec(name) or name in sys.modules]
    sys.stdout.write(json.dumps({"done": done, "installed": installed}))


if __name__ == "__main__":
    main()
'''


HEADER = b"# mypy: ignore-errors\n"
"""The line that each file of a copy begins with."""

APP = f"""\
from {PARENT}.daytona_facade import ACTIONS, Daytona, Failure

reveal_type(Daytona("key").run_code("sandbox", "1", "python").exit_code)
reveal_type(ACTIONS["run_code"].failed(Failure("timeout", "late")).to_dict())
Daytona("key").run_code("sandbox")
"""


def vendor(source: Path, destination: Path, parent: str = "", core: str = "") -> subprocess.CompletedProcess[str]:
    """Run the verb."""
    command = ["make", "--no-print-directory", "vendor", f"DEST={destination}", f"PARENT={parent}", f"CORE={core}"]
    return subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)


def package(folder: Path, name: str) -> Path:
    """Make a package with its parents."""
    for part in name.split("."):
        folder = folder / part
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").touch()
    return folder


def run_without_installed(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python where the installed dependencies are found and the installed library is not."""
    path = os.pathsep.join([str(project), sysconfig.get_path("purelib")])
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-S", *arguments]  # -S: no .pth file is read, so an editable install is not seen
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a project with a vendored copy under a deep parent package, and a program that uses it."""
    folder = tmp_path_factory.mktemp("project")
    result = vendor(ROOT, package(folder, PARENT), PARENT)
    assert result.returncode == 0, result.stderr
    (folder / "acme" / "story.py").write_text(STORY)
    return folder


@pytest.mark.slow
def test_twelve_actions_from_the_copy(project: Path) -> None:
    """A vendored copy runs all twelve actions without the installed library."""
    result = run_without_installed(project, "-m", "acme.story")
    expected = {"done": dict.fromkeys(ACTIONS, True), "installed": []}

    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == expected


@pytest.fixture(scope="module")
def without_extras(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an environment with what the core needs alone: no extra's packages, no stubs."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=60)
    site = next(folder.glob("lib/python3*/site-packages"))
    for name in ("httpx", "attr", "attrs", "dateutil", "sniffio"):
        (site / name).symlink_to(Path(sysconfig.get_path("purelib")) / name)
    return folder / "bin" / "python"


@pytest.mark.slow
@pytest.mark.parametrize("core", ["", "1"])
def test_copy_passes_strict_type_checking(core: str, without_extras: Path, tmp_path: Path) -> None:
    """A project that runs mypy --strict over all of itself needs no setting for the copy, and no extra's packages."""
    vendor(ROOT, package(tmp_path, PARENT), PARENT, core)
    (tmp_path / "acme" / "app.py").write_text(APP)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--python-executable={without_extras}", "."]

    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300)
    said = [line for line in result.stdout.splitlines() if ".py:" in line]

    assert [line.partition(" ")[2] for line in said] == [
        'note: Revealed type is "int | None"',
        'note: Revealed type is "dict[str, Any]"',
        "error: Too few arguments  [call-arg]",
    ], result.stdout


def test_core_alone(tmp_path: Path) -> None:
    """``CORE=1`` copies the two clients and the schemas, and nothing that needs an extra."""
    copy = package(tmp_path, PARENT) / "daytona_facade"
    vendor(ROOT, copy.parent, PARENT, "1")
    program = f"""
import pkgutil, importlib, {PARENT}.daytona_facade as facade
for module in pkgutil.walk_packages(facade.__path__, facade.__name__ + "."):
    importlib.import_module(module.name)
print(len(facade.ACTIONS), len(facade.tool_schemas("anthropic")), facade.Daytona("key"))
"""
    result = run_without_installed(tmp_path, "-c", program)

    assert result.stdout.startswith("12 12 Daytona("), result.stderr
    assert not {"cli", "mcp", "local", "adapters", "demo.py", "pytest_plugin.py"} & {
        path.name for path in copy.iterdir()
    }
    assert (copy.parent / "VENDORED.md").read_text().count("left out (CORE=1)") == 1


def test_copy_imports_itself_relatively(project: Path) -> None:
    """No module of the copy imports one of the three packages by its absolute name."""
    copy = project.joinpath(*PARENT.split("."))
    ours = ("daytona_facade", "daytona_rest", "daytona_toolbox")
    absolute = []
    for file in copy.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            absolute += [(file.name, name) for name in names if name.split(".")[0] in ours]

    assert absolute == []


def test_copy_says_what_it_is(project: Path) -> None:
    """The note beside the copy has version, commit and import line; only the seam differs from the original."""
    copy = project.joinpath(*PARENT.split("."))
    note = (copy / "VENDORED.md").read_text()
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    originals = {
        path.relative_to(home): path
        for home in (ROOT / "facade" / "daytona_facade", ROOT / "generated")
        for path in home.rglob("*.py")
    }
    differing = [
        str(name)
        for name, original in originals.items()
        if next(
            file
            for file in (copy / "daytona_facade" / name, copy / "daytona_facade/_generated" / name)
            if file.exists()
        ).read_bytes()
        != HEADER + original.read_bytes()
    ]

    assert differing == ["_responses/generated.py"]
    assert f"Version: {__version__}\n" in note
    assert f"Commit: {head.stdout.strip() or 'unknown'}" in note
    assert f"from {PARENT}.daytona_facade import Daytona" in note
    assert f'"{PARENT}.daytona_facade" = ["LICENSE", "NOTICE", "py.typed"]' in note
    assert {"LICENSE", "NOTICE", "py.typed"} <= {path.name for path in (copy / "daytona_facade").iterdir()}


@pytest.mark.slow
def test_licence_travels_with_setuptools(project: Path, tmp_path: Path) -> None:
    """The lines of ``VENDORED.md`` put the licence into a wheel that setuptools builds."""
    note = project.joinpath(*PARENT.split("."), "VENDORED.md").read_text()
    lines = "\n".join(line.strip() for line in note.partition("[tool.setuptools")[2].splitlines()[:2])
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools>=77"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "acme"\nversion = "1"\n[tool.setuptools.packages.find]\ninclude = ["acme*"]\n'
        f"[tool.setuptools{lines}\n"
    )
    command = ["uv", "build", "--wheel", "--out-dir", str(tmp_path), str(project)]
    subprocess.run([sys.executable, "-m", *command], check=True, capture_output=True, timeout=300)
    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()

    folder = f"{PARENT.replace('.', '/')}/daytona_facade"
    assert {f"{folder}/{name}" for name in ("LICENSE", "NOTICE", "py.typed")} <= set(names)


def test_vendoring_again_replaces(tmp_path: Path) -> None:
    """A second run removes outdated files and keeps files that are not its own."""
    vendor(ROOT, tmp_path)
    (tmp_path / "daytona_facade" / "gone.py").touch()
    (tmp_path / "daytona_rest").mkdir()
    (tmp_path / "other.py").touch()
    result = vendor(ROOT, tmp_path)

    assert result.returncode == 0, result.stderr
    assert not (tmp_path / "daytona_facade" / "gone.py").exists()
    assert not (tmp_path / "daytona_rest").exists()
    assert (tmp_path / "other.py").exists()
    assert not list(tmp_path.rglob("__pycache__"))


@pytest.mark.parametrize(
    ("destination", "parent", "message"),
    [
        ("", "", "say where to"),
        ("facade", "", "not from here"),
        ("/nowhere", "acme..x", "not the dotted name"),
        ("/nowhere", "a b", "not the dotted name"),
    ],
)
def test_refusals(destination: str, parent: str, message: str) -> None:
    """A missing target, foreign files there, or a bad parent name: nothing is written."""
    result = vendor(ROOT, Path(destination) if destination else "", parent)  # type: ignore[arg-type]

    assert result.returncode != 0
    assert message in result.stderr
    assert (ROOT / "facade" / "daytona_facade" / "client.py").is_file()
    assert not Path("/nowhere").exists()


@pytest.fixture
def user_agents() -> Iterator[tuple[str, list[str]]]:
    """Answer every request with an empty page and remember who asked."""
    seen: list[str] = []

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers["User-Agent"])
            self.send_response(200)
            self.send_header("Content-Length", "12")
            self.end_headers()
            self.wfile.write(b'{"items":[]}')

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/api", seen
        server.shutdown()
        thread.join()


@pytest.mark.slow
def test_two_versions_in_one_process(tmp_path: Path, user_agents: tuple[str, list[str]]) -> None:
    """Two copies of different versions share nothing: not their modules, classes or version."""
    older = tmp_path / "older"
    for folder in ("facade", "generated", "openapi"):
        shutil.copytree(ROOT / folder, older / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("Makefile", "pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / file, older)
    version = older / "facade" / "daytona_facade" / "_version.py"
    version.write_text(version.read_text().replace(f'__version__ = "{__version__}"', '__version__ = "0.0.1"'))
    url, seen = user_agents
    vendor(older, package(tmp_path, "one._vendor"))
    vendor(ROOT, package(tmp_path, "two._vendor"))
    program = f"""
import json, sys
from one._vendor import daytona_facade as one
from two._vendor import daytona_facade as two
outputs = []
for facade in (one, two):
    with facade.Daytona("key", api_url={url!r}) as daytona:
        outputs.append(daytona.list_sandboxes())
    assert facade._responses.generated.toolbox
print(json.dumps([
    one.__version__, two.__version__, [output.success for output in outputs], type(outputs[0]) is type(outputs[1]),
    sorted(name for name in sys.modules if name.endswith(("daytona_rest", "daytona_toolbox", "daytona_facade"))),
]))
"""
    result = run_without_installed(tmp_path, "-c", program)
    generated = [f"daytona_facade._generated.{name}" for name in ("daytona_rest", "daytona_toolbox")]
    modules = [f"{parent}._vendor.{name}" for parent in ("one", "two") for name in ("daytona_facade", *generated)]

    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == ["0.0.1", __version__, [True, True], False, modules]
    assert ["daytona-facade/0.0.1", f"daytona-facade/{__version__}"] == seen
