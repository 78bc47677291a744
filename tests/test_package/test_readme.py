"""README is true: its programs run, its commands exist, its tables come from the code."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import get_args, get_type_hints

import daytona
import pytest

from daytona_facade import ACTIONS, Daytona, Failure
from daytona_facade.local import LocalDaytona
from support.paths import README, ROOT
from support.readme import with_table

TEXT = README.read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
PROGRAMS = [body for language, body in BLOCKS if language == "python"]
COMMANDS = [
    line.partition("  #")[0].strip()
    for language, body in BLOCKS
    if language == "sh"
    for line in body.splitlines()
    if line.strip()
]


@pytest.fixture
def environment(local_backend: LocalDaytona) -> dict[str, str]:
    """Set up a shell as a reader of README has it, on the local backend."""
    scripts = Path(sys.executable).parent
    return {
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "HOME": os.environ.get("HOME", "/"),
        "OPENAI_API_KEY": "unused",
        "DAYTONA_API_KEY": local_backend.api_key,
        "DAYTONA_API_URL": local_backend.api_url,
        "DAYTONA_TOOLBOX_URL": local_backend.toolbox_url,
    }


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(program, id=str(number), marks=[pytest.mark.slow] if "range(200)" in program else [])
        for number, program in enumerate(PROGRAMS)
    ],
)
def test_program(program: str, environment: dict[str, str], tmp_path: Path) -> None:
    """Each Python program of README runs unchanged; a test runs under pytest."""
    is_test = "def test_" in program
    path = tmp_path / ("test_mine.py" if is_test else "program.py")
    path.write_text(program)
    run = [sys.executable, *(["-m", "pytest", "-q", "-p", "no:cacheprovider"] if is_test else []), str(path)]

    ran = subprocess.run(run, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    if "6 * 7" in program:
        assert ran.stdout.split() == ["42"]


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("daytona-facade")])
def test_command(command: str, environment: dict[str, str], tmp_path: Path) -> None:
    """Each shell command of README works unchanged."""
    ran = subprocess.run(
        shlex.split(command), env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.strip()


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("make")])
def test_verb(command: str) -> None:
    """Each make verb exists and takes the variables that README gives it."""
    ran = subprocess.run(
        [*shlex.split(command), "-n"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )

    assert ran.returncode == 0, ran.stderr
    assert {part.partition("=")[0] for part in command.split()[2:]} <= set(
        re.findall(r"\b[A-Z]{2,}\b", (ROOT / "Makefile").read_text())
    )


def test_what_to_install() -> None:
    """Every `pip install` names this distribution and existing extras; every extra is explained."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = set(project["optional-dependencies"])
    explained = re.findall(
        r"`([a-z-]+)`",
        "".join(re.findall(r"^\| (`[^|]*`) \|", TEXT.partition("## Install")[2].partition("\n## ")[0], re.MULTILINE)),
    )
    installed = re.findall(r"pip install '?(daytona[\w-]*)(?:\[([\w,-]+)\])?", TEXT)

    assert ("daytona-facade", "") in installed
    for name, chosen in installed:
        assert name == project["name"]
        assert set(filter(None, chosen.split(","))) <= extras
    assert set(explained) == extras


def test_every_command_can_be_tested() -> None:
    """Every shell command of README is of a kind that these tests check."""
    unknown = [line for line in COMMANDS if not line.startswith(("daytona-facade ", "make ", "pip install "))]

    assert unknown == []


def test_verbs_in_the_text() -> None:
    """Every `make verb` that the text names exists."""
    verbs = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"`make ([a-z-]+)", TEXT)) <= verbs


def test_table_of_actions() -> None:
    """The table is what `make readme` writes."""
    assert with_table(TEXT) == TEXT


THEIR_CALL = re.compile(r"^\| `(daytona|sandbox)\.([\w.]+)\(.*?\)` \| (.*) \|$", re.MULTILINE)


@pytest.mark.parametrize(("owner", "path", "ours"), THEIR_CALL.findall(TEXT.partition("## Coming from")[2]))
def test_coming_from_the_sdk(owner: str, path: str, ours: str) -> None:
    """Each call of the table is one of Daytona's SDK, and beside it stands one of ours."""
    from daytona._sync.filesystem import FileSystem
    from daytona._sync.git import Git
    from daytona._sync.process import Process

    parts: dict[str, type] = {"process": Process, "fs": FileSystem, "git": Git}
    name, _, rest = path.partition(".")
    theirs = (parts[name], rest) if rest else ({"daytona": daytona.Daytona, "sandbox": daytona.Sandbox}[owner], name)
    called = set(re.findall(r"(\w+)\(", ours)) - {"b64decode", "b64encode", "decode"}

    assert callable(getattr(*theirs))
    assert [name for name in called if not hasattr(Daytona, name)] == []
    assert called & set(ACTIONS)


def test_every_kind_of_failure_is_explained() -> None:
    """The table of failures names each kind that a failure can have, and no other."""
    section = TEXT.partition("## When something fails")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| ", section, re.MULTILINE)
    named = [kind for row in rows for kind in re.findall(r"`(\w+)`", row)]

    assert sorted(named) == sorted(get_args(get_type_hints(Failure)["kind"]))


def test_links_lead_somewhere() -> None:
    """Every file that README links to is there."""
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        assert target.startswith("https://") or (ROOT / target).exists(), target
