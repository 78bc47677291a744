"""The wheel: what it holds, what it pulls in, and that it works with that alone."""

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import daytona_facade
from support.paths import ROOT

CORE = {"httpx", "attrs", "python-dateutil", "sniffio"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel as a release would."""
    target = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    return next(target.glob("*.whl"))


def required(dist: Distribution) -> set[str]:
    """Name what a distribution needs here, without extras."""
    wanted = [Requirement(text) for text in dist.requires or []]
    return {need.name for need in wanted if need.marker is None or need.marker.evaluate({"extra": ""})}


def closure(names: set[str]) -> set[str]:
    """Name what some distributions need, and what that needs."""
    found: set[str] = set()
    while fresh := {name.lower().replace("_", "-") for name in names} - found:
        found |= fresh
        names = set().union(*(required(distribution(name)) for name in fresh))
    return found


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lay out the wheel and what its core needs, and nothing else."""
    site = tmp_path_factory.mktemp("site")
    zipfile.ZipFile(wheel).extractall(site)
    for name in closure(CORE):
        for file in distribution(name).files or []:
            top = file.parts[0]
            if top not in {"..", "__pycache__"} and not (site / top).exists():
                os.symlink(str(distribution(name).locate_file(top)), site / top)
    return site


def python(site: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run a program that sees the standard library and that folder alone."""
    program = f"import sys; sys.path.insert(0, {str(site)!r})\n{code}"
    return subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False)


def test_the_wheel_pulls_in_the_core_alone(wheel: Path) -> None:
    """Four distributions are asked for, and twelve are installed in all."""
    metadata = zipfile.ZipFile(wheel).read(f"daytona_facade-{daytona_facade.__version__}.dist-info/METADATA").decode()
    asked = [Requirement(text) for text in re.findall(r"^Requires-Dist: (.*)$", metadata, re.MULTILINE)]
    plain = {need.name for need in asked if need.marker is None}

    assert plain == CORE
    assert {"local", "cli", "mcp", "fast"} <= set(re.findall(r"^Provides-Extra: (.*)$", metadata, re.MULTILINE))
    assert len(closure(CORE)) + 1 <= 12, closure(CORE)


def test_the_wheel_holds_one_typed_package_and_nothing_else(wheel: Path) -> None:
    """An install adds one name: the generated clients lie inside it; tests, specs and caches are left out."""
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    generated = {"/".join(name.split("/")[2:3]) for name in names if name.startswith("daytona_facade/_generated/")}

    assert tops == {"daytona_facade"}
    assert generated == {"__init__.py", "daytona_rest", "daytona_toolbox"}
    assert "daytona_facade/py.typed" in names
    assert not [name for name in names if "__pycache__" in name or name.endswith((".yaml", ".jinja"))]


def test_the_specs_origin_travels(wheel: Path, tmp_path: Path) -> None:
    """Wheel and sdist say where the API descriptions come from and under which licence."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    notice = next(name for name in zipfile.ZipFile(wheel).namelist() if name.endswith("licenses/openapi/NOTICE"))

    assert {"LICENSE", "openapi/NOTICE", "openapi/wheel_layout.py", "README.md", "pyproject.toml"} <= inside
    assert b"Apache License, Version 2.0, as their licence" in zipfile.ZipFile(wheel).read(notice)


def test_the_page_of_the_index_stands_alone(wheel: Path) -> None:
    """The long description has no relative link and no picture; authors and project URLs are there."""
    metadata = zipfile.ZipFile(wheel).read(f"daytona_facade-{daytona_facade.__version__}.dist-info/METADATA").decode()
    head, _, page = metadata.partition("\n\n")

    assert "# daytona-facade" in page
    assert [target for target in re.findall(r"\]\(([^)]+)\)", page) if not target.startswith(("https://", "#"))] == []
    assert "![" not in page
    assert {"Homepage", "Documentation", "Changelog", "Issues"} == set(
        re.findall(r"^Project-URL: (\w+),", head, re.MULTILINE)
    )
    assert "Author-email: " in head


def test_the_core_works_alone(bare: Path) -> None:
    """With the core's dependencies alone, a client is made and answers."""
    ran = python(
        bare,
        "import daytona_facade, httpx\n"
        "client = daytona_facade.Daytona('key', transport=httpx.MockTransport(lambda _: httpx.Response(503)))\n"
        "print(client.with_options(retries=0).list_sandboxes().failure.kind)",
    )

    assert (ran.stdout, ran.stderr) == ("server\n", "")


@pytest.mark.parametrize("module", ["local", "cli", "mcp"])
def test_a_missing_extra_is_named(bare: Path, module: str) -> None:
    """A face without its extra says which one to install."""
    ran = python(bare, f"import daytona_facade.{module}\nsys.exit(daytona_facade.{module}.main())")

    assert ran.returncode != 0
    assert f"daytona-facade[{module}]" in ran.stderr


def test_version() -> None:
    """The installed distribution and the package agree on the version."""
    assert daytona_facade.__version__ == distribution("daytona-facade").version
