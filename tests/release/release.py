"""Prove that sdist and wheel are fit for an index: ``make release``. Nothing is uploaded.

Each extra alone goes into an empty environment, where its face runs once.
"""

import os
import re
import subprocess
import sys
import tempfile
import zipfile
from email import message_from_bytes
from pathlib import Path

from faces import FACES

BY_HAND = """
Left for a person:
  1. Put the repository's owner in place of OWNER in pyproject.toml, and the author's address.
  2. Set the version in facade/daytona_facade/_version.py, commit, and tag it.
  3. Run `make check contract bench soak` on the tagged commit, and once `LIVE=1 make demo` with a real key.
  4. Upload what is in {dist}/ with `uv publish` or, better, from the forge as a trusted publisher.
  5. Make `pip install daytona-facade` the first line of Install in README.
"""


def step(name: str, result: str = "done") -> None:
    """Print one finished step."""
    sys.stdout.write(f"{name:62} {result}\n")
    sys.stdout.flush()


def run(*command: str | Path) -> str:
    """Run a command to its end; a failure ends the release with what the command printed."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DAYTONA_", "PYTHONPATH"))}
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600, env=clean)
    if ran.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def tool(*arguments: str | Path) -> str:
    """Run a tool of the development environment."""
    return run(sys.executable, "-m", *arguments)


def description(wheel: Path) -> tuple[str, list[str]]:
    """Read the long description and the extras from a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(archive.read(name))
    return str(metadata.get_payload()), metadata.get_all("Provides-Extra") or []


def relative_targets(html: str) -> list[str]:
    """Find the links and pictures of a page that lead nowhere but in the repository."""
    targets: list[str] = re.findall(r'(?:href|src)="([^"]*)"', html)
    return [target for target in targets if not target.startswith(("https://", "#"))]


def check_page(wheel: Path) -> None:
    """Render the long description as an index does."""
    from readme_renderer import markdown

    html = markdown.render(description(wheel)[0])
    if html is None:
        sys.exit("the long description does not render")
    if found := relative_targets(html):
        sys.exit(f"the long description has relative links or pictures: {', '.join(found)}")


def check_rating(sdist: Path) -> str:
    """Let pyroma rate the metadata: nothing under 10 of 10 is released."""
    rating = re.search(r"Final rating: (\S+)", tool("pyroma", sdist))
    if rating is None or rating[1] != "10/10":
        sys.exit(f"pyroma: {rating and rating[1]}")
    return rating[1]


def run_face(wheel: Path, extra: str, folder: Path) -> None:
    """Install the wheel with one extra into an empty environment and run that extra's face."""
    tool("uv", "venv", "--quiet", "--python", sys.executable, folder)
    python = folder / "bin" / "python"
    tool("uv", "pip", "install", "--quiet", "--python", python, f"{wheel}[{extra}]" if extra else wheel)
    run(python, "-I", "-c", f"from pathlib import Path\nBIN = Path({str(python.parent)!r})\n{FACES[extra]}")


def main() -> None:
    """Build, check, install, run."""
    dist = Path(sys.argv[1]).absolute()
    tool("uv", "build", "--quiet", "--clear", "--out-dir", dist)
    wheel, sdist = next(dist.glob("*.whl")), next(dist.glob("*.tar.gz"))
    step("build", f"{wheel.name}, {sdist.name}")
    tool("twine", "check", "--strict", wheel, sdist)
    step("twine check --strict")
    step("pyroma", check_rating(sdist))
    check_page(wheel)
    step("page of the index: renders, no relative link or picture")
    if missing := {"", *description(wheel)[1]} ^ set(FACES):
        sys.exit(f"no face to run for the extras {missing}")
    with tempfile.TemporaryDirectory() as folder:
        for extra in FACES:
            run_face(wheel, extra, Path(folder) / (extra or "core"))
            step(f"empty environment with {f'the extra {extra}' if extra else 'the core'} alone: its face runs")
    sys.stdout.write(BY_HAND.format(dist=dist.name))


if __name__ == "__main__":
    main()
