"""A copy of this checkout for the Makefile's verbs to work in, with nothing to install."""

import shutil
import sys
from pathlib import Path

from support.paths import ROOT


def copy_checkout(target: Path, *folders: str) -> Path:
    """Copy the Makefile and some folders; ``.venv`` there is the environment that runs the tests."""
    for folder in folders:
        shutil.copytree(ROOT / folder, target / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / file, target)
    environment = target / ".venv"
    environment.mkdir()
    # Without pyvenv.cfg beside bin/, Python would be the one that the environment was made of, with its packages.
    for part in ("bin", "lib", "lib64", "pyvenv.cfg"):
        if (Path(sys.prefix) / part).exists():
            (environment / part).symlink_to(Path(sys.prefix) / part)
    for stamp in ("pip", "demo", "dev"):
        (environment / f"{stamp}.stamp").touch()
    return target
