"""README is true: its programs run, its commands exist, its tables come from the code."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from daytona_facade.errors import Kind
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


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_program(program: str, environment: dict[str, str], tmp_path: Path) -> None:
    """Each program runs as it stands; one that is a test runs under pytest."""
    is_test = "def test_" in program
    path = tmp_path / ("test_mine.py" if is_test else "program.py")
    path.write_text(program)
    run = [sys.executable, *(["-m", "pytest", "-q", "-p", "no:cacheprovider"] if is_test else []), str(path)]

    ran = subprocess.run(run, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    if "6 * 7" in program:
        assert ran.stdout == "42\n\n"


def test_first_programs_are_ten_lines() -> None:
    """The first two programs, sync and async, are ten lines at most."""
    for program in PROGRAMS[:2]:
        assert len([line for line in program.splitlines() if line]) <= 10


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("daytona-facade")])
def test_command(command: str, environment: dict[str, str], tmp_path: Path) -> None:
    """Each command of the shell works as it stands."""
    ran = subprocess.run(
        shlex.split(command), env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.strip()


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("make")])
def test_verb(command: str) -> None:
    """Each verb of the Makefile is there, with the arguments that README gives it."""
    ran = subprocess.run([*shlex.split(command), "-n"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr
    assert {part.partition("=")[0] for part in command.split()[2:]} <= set(
        re.findall(r"\b[A-Z]{2,}\b", (ROOT / "Makefile").read_text())
    )


def test_every_command_is_tested() -> None:
    """A command that none of these tests knows is a gap; installing needs the network, so only its name is held."""
    others = [line for line in COMMANDS if not line.startswith(("daytona-facade", "make"))]

    assert others == ["pip install daytona-facade"]


def test_verbs_in_the_text() -> None:
    """Every `make verb` that the text names exists."""
    verbs = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"`make ([a-z-]+)", TEXT)) <= verbs


def test_table_of_actions() -> None:
    """The table is what `make readme` writes."""
    assert with_table(TEXT) == TEXT


def test_every_kind_of_failure_is_explained() -> None:
    """The table of failures names the closed set of kinds."""

    def named() -> Iterator[str]:
        for row in re.findall(
            r"^\| (`\w+`(?:, `\w+`)*) \| ", TEXT.partition("## When something fails")[2], re.MULTILINE
        ):
            yield from re.findall(r"`(\w+)`", row)

    kinds = set(Kind.__args__)
    assert kinds <= set(named())


def test_links_lead_somewhere() -> None:
    """Every file that README links to is there."""
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        assert target.startswith("https://") or (ROOT / target).exists(), target
