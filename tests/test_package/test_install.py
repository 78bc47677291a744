"""Every line of README that installs something works as printed, in an empty environment."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.paths import README, ROOT

pytestmark = pytest.mark.slow

INSTALLERS = ("pip install", "uvx", "pipx")
PUBLISHED = "once it is published"
REPOSITORY = "https://github.com/OWNER/daytona-facade"
TREE = ("facade", "generated", "openapi", "Makefile", "pyproject.toml", "README.md", "LICENSE")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README.read_text(), re.DOTALL | re.MULTILINE)
LINES = [line for block in BLOCKS for line in block.splitlines() if line.startswith((*INSTALLERS, "make wheel"))]
RUNNABLE = [line for line in LINES if PUBLISHED not in line]
INSTALLED_S = 600


@pytest.fixture(scope="session")
def package_index() -> None:
    """Skip where no package index can be reached."""
    look_up = [sys.executable, "-m", "pip", "index", "versions", "attrs"]
    try:
        subprocess.run(look_up, check=True, capture_output=True, timeout=60)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        pytest.skip("no package index can be reached from here")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a clean Git repository of the tree: a checkout, and what ``git+https://`` would fetch."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in TREE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "all"]):
        subprocess.run([*git, *command], cwd=folder, check=True, timeout=60)
    return folder


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """Make an environment with pip and nothing else."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "empty"], check=True, timeout=120)
    return tmp_path / "empty" / "bin"


@pytest.mark.usefixtures("package_index")
@pytest.mark.parametrize("line", RUNNABLE)
def test_install_line(line: str, checkout: Path, empty: Path) -> None:
    """The line works, and what it installed makes a client."""
    script = f"make wheel && {line}" if "dist/" in line else line
    tools = Path(sys.executable).parent
    environment = {
        **{name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}},
        "PATH": f"{empty}{os.pathsep}{os.environ['PATH']}{os.pathsep}{tools}",
        "DAYTONA_API_KEY": "key",
        # Git fetches from here what the line has from there.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{checkout.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": REPOSITORY,
    }

    ran = subprocess.run(
        ["bash", "-ec", script],
        cwd=checkout,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=INSTALLED_S,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    if line.startswith("pip install"):
        program = "import daytona_facade; print(daytona_facade.Daytona(), daytona_facade.__file__)"
        used = subprocess.run(
            [empty / "python", "-I", "-c", program], capture_output=True, text=True, check=True, env=environment
        )
        assert str(empty.parent) in used.stdout


def test_the_index_is_not_promised() -> None:
    """A line that needs the index says that it works once the project is published there."""
    assert [line for line in LINES if PUBLISHED in line] == [
        line for line in LINES if re.search(r"install daytona-facade", line)
    ]


@pytest.mark.usefixtures("package_index")
def test_release(tmp_path: Path) -> None:
    """``make release`` finds sdist and wheel fit, and each extra alone working."""
    command = [sys.executable, "tests/release/release.py", str(tmp_path / "dist")]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=2 * INSTALLED_S)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("its face runs") == 8
    assert "Left for a person" in ran.stdout
