"""Run probes in processes of their own, alternating, and keep what each round said."""

import json
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_HIDDEN = ("DAYTONA_", "PYTHONPATH", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


def environment(name: str) -> str:
    """Return the Python of one of the environments that ``make bench`` makes."""
    return str(Path(sys.prefix) / name / "bin" / "python")


def holds(name: str) -> str:
    """Say which of the packages that matter an environment has."""
    program = """
import importlib.metadata, importlib.util, json
found = {}
for name in ("daytona-facade", "daytona", "httpx", "anyio", "aiohttp", "httpx-aiohttp", "pybase64", "e2b"):
    try:
        found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        pass
print(", ".join(f"{name} {version}" for name, version in found.items()) + "; sniffio is "
      + ("" if importlib.util.find_spec("sniffio") else "not ") + "importable")
"""
    return run(environment(name), "-c", program)[0].strip()


def run(python: str, *command: str) -> tuple[str, float]:
    """Run a program to its end; return what it said, and its CPU time in milliseconds."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(_HIDDEN)}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([python, *command], capture_output=True, text=True, env=clean, cwd=_HERE, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return done.stdout, (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def probed(python: str, *command: object) -> dict[str, Any]:
    """Run a probe; return its figures, and ``process_cpu_ms``, the CPU time of its whole process."""
    said, cpu_ms = run(python, *map(str, command))
    figures: dict[str, Any] = json.loads(said.splitlines()[-1])
    return figures | {"process_cpu_ms": cpu_ms}


def alternated(probes: dict[str, tuple[object, ...]], rounds: int) -> dict[str, list[dict[str, Any]]]:
    """Run every probe (its Python, then its command) once a round: what disturbs the machine disturbs all of them."""
    told: dict[str, list[dict[str, Any]]] = {name: [] for name in probes}
    for number in range(rounds):
        for name, (python, *command) in probes.items():
            told[name].append(probed(str(python), *command))
            if sys.stderr.isatty():
                sys.stderr.write(f"\r{number + 1}/{rounds} {name:40}\r")
                sys.stderr.flush()
    return told


def median(told: list[dict[str, Any]], figure: str) -> float:
    """Take the middle of what the rounds said."""
    return statistics.median(float(figures[figure]) for figures in told)


def worst(told: list[dict[str, Any]], figure: str) -> float:
    """Take the largest of what the rounds said."""
    return max(float(figures[figure]) for figures in told)


def installed(name: str, within: str = "*") -> tuple[int, float]:
    """Count the distributions of an environment, and the MB of 2**20 of what is so named, compiled files included."""
    site = next((Path(sys.prefix) / name / "lib").glob("python3*")) / "site-packages"
    distributions = sum(1 for path in site.glob("*.dist-info"))
    files = (path for found in site.glob(within) for path in (found, *found.rglob("*")) if path.is_file())
    return distributions, sum(path.stat().st_size for path in files) / 2**20
