"""Resolve the core and each extra beside the newest of its neighbours, and print what clashes: ``make compat``.

Nothing is installed: uv resolves only. A clash is of pins; that two packages resolve together says no more than that.
"""

import datetime
import re
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
from packaging.metadata import Metadata

NEIGHBOURS = (
    "crewai",
    "strands-agents",
    "langchain-mcp-adapters",
    "langchain-daytona",
    "fastmcp",
    "google-adk",
    "llama-index-tools-mcp",
    "smolagents",
    "agno",
    "claude-agent-sdk",
    "autogen-ext",
    "agent-framework",
    "modulex-integrations",
    "daytona",
)
PYTHONS = ("3.11", "3.12", "3.13")
RESOLVED_S = 120


@attrs.frozen
class Verdict:
    """What uv says of some requirements together."""

    versions: dict[str, str]
    refusal: str

    def clash(self) -> str:
        """Say in a few words why there is no solution: the first two pins that uv names."""
        found = re.findall(r"([\w.-]+)(?:\[[\w-]+\])?\S* depends on ([\w.-]+)(\S*?)(?:,? (?:and|we)|$)", self.refusal)
        pins = [f"{who} wants {what}{pin.rstrip(',')}" for who, what, pin in found if who != "daytona-facade"]
        return "; ".join(dict.fromkeys(pins[:2])) or self.refusal.strip().splitlines()[-1].strip()


def resolve(*requirements: str, python: str) -> Verdict:
    """Let uv resolve requirements for a Python version, without installing anything."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-header", "--no-annotate"]
    ran = subprocess.run(
        [*command, "--python-version", python, "-"],
        input="\n".join(requirements),
        capture_output=True,
        text=True,
        check=False,
        timeout=RESOLVED_S,
    )
    versions = dict(re.findall(r"^([\w.-]+)==(\S+)", ran.stdout, re.MULTILINE))
    return Verdict(versions, ran.stderr if ran.returncode else "")


def extras(wheel: Path) -> list[str]:
    """Name the extras of a wheel; the empty one is the core."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return ["", *(Metadata.from_email(archive.read(name), validate=False).provides_extra or [])]


def newest(neighbour: str) -> tuple[str, str]:
    """Find the newest version of a neighbour, and the oldest of our Pythons that it runs on."""
    refusal = ""
    for python in PYTHONS:
        alone = resolve(neighbour, python=python)
        if not alone.refusal:
            return alone.versions[neighbour], python
        refusal = alone.clash()
    raise LookupError(refusal)


def row(neighbour: str, wheel: Path) -> str:
    """Resolve one neighbour beside each extra; write a row of the table."""
    try:
        version, python = newest(neighbour)
    except LookupError as exc:
        return f"| {neighbour} | | | not tried: {exc} |"
    clashes: dict[str, list[str]] = {}
    for extra in extras(wheel):
        ours = f"daytona-facade[{extra}]" if extra else "daytona-facade"
        verdict = resolve(f"{ours} @ {wheel.absolute().as_uri()}", f"{neighbour}=={version}", python=python)
        if verdict.refusal:
            clashes.setdefault(verdict.clash(), []).append(extra or "core")
    said = "; ".join(f"not with `{', '.join(names)}`: {why}" for why, names in clashes.items())
    return f"| {neighbour} | {version} | {python} | {said or 'fine'} |"


def main() -> None:
    """Print the table, a row as soon as it is known."""
    wheel = Path(sys.argv[1])
    sys.stdout.write(f"Resolved on {datetime.datetime.now(datetime.UTC).date()} by uv (dry run), beside the core and ")
    sys.stdout.write(f"the extras {', '.join(filter(None, extras(wheel)))}:\n\n")
    sys.stdout.write("| neighbour | newest | Python | together with every extra |\n|---|---|---|---|\n")
    with ThreadPoolExecutor(4) as threads:
        for line in threads.map(lambda neighbour: row(neighbour, wheel), NEIGHBOURS):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
