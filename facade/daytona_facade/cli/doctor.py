"""The command that looks at everything that may be wrong, and says how to mend it."""

import json
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import click

from .._version import __version__
from .setup import Setup, printable

if TYPE_CHECKING:
    from ..client import Daytona
    from ..errors import Failure

_KEYS = "https://app.daytona.io/dashboard/keys"
_NOWHERE = "00000000-0000-4000-8000-000000000000"
_REACHED_S = 10.0
_EXTRAS = {"cli": "click", "local": "starlette", "mcp": "mcp", "fast": "httpx-aiohttp"}
_MENDED = {
    "authentication": f"make a key at {_KEYS} and export it as DAYTONA_API_KEY",
    "permission": f"give the key the permission to list sandboxes, at {_KEYS}",
    "connection": "check DAYTONA_API_URL, the network, and HTTPS_PROXY and SSL_CERT_FILE if you need them",
    "timeout": "check DAYTONA_API_URL, the network, and HTTPS_PROXY if you need one",
    "rate_limited": "wait a minute",
    "server": "Daytona has a problem: try again later",
}
_MENDED_OTHERWISE = "check DAYTONA_API_URL: Daytona's own ends in /api"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    verdict: Literal["ok", "note", "wrong"]
    said: str
    mend: str | None = None


@click.command(short_help="Look for what is wrong: key, URLs, network, versions, isolation.")
@click.option("as_json", "--json", is_flag=True, help="Print the findings as JSON.")
@click.pass_obj
def doctor(setup: Setup, /, *, as_json: bool) -> int:
    """Look at key, URLs, network, versions and isolation, and say how to mend what is wrong.

    The exit code is 1 if something is wrong. The key is never shown, and nothing is created or changed.
    """
    findings = []
    for finding in _findings(setup):
        findings.append(finding)
        if not as_json:
            _show(finding)
    if as_json:
        sys.stdout.write(json.dumps([asdict(finding) for finding in findings], indent=2) + "\n")
    return 1 if any(finding.verdict == "wrong" for finding in findings) else 0


def _findings(setup: Setup) -> Iterator[Finding]:
    yield _versions()
    yield from _daytona(setup)
    yield _isolation()


def _versions() -> Finding:
    installed = [f"{name} ({release})" for name, dist in _EXTRAS.items() if (release := _release(dist))]
    httpx = _release("httpx") or "unknown"
    said = f"daytona-facade {__version__}, Python {platform.python_version()}, httpx {httpx}"
    return Finding("versions", "ok", f"{said}; extras: {', '.join(installed)}")


def _daytona(setup: Setup) -> Iterator[Finding]:
    if not setup.local and not os.environ.get("DAYTONA_API_KEY", "").strip():
        yield Finding("key", "wrong", "DAYTONA_API_KEY is not set", _MENDED["authentication"])
        return
    try:
        with setup.client() as client:
            yield Finding("key", "ok", "that of the local backend" if setup.local else "DAYTONA_API_KEY is set")
            yield from _reached(client)
    except click.ClickException as exc:
        problem = exc.message.partition(";")[0]
        yield Finding("settings", "wrong", problem, "correct the DAYTONA_* variable")


def _reached(client: "Daytona") -> Iterator[Finding]:
    from .._engine.addresses import API_URL, TOOLBOX_URL

    settings = client.session.settings
    probe = client.with_options(deadline_s=_REACHED_S, retries=0)
    listed = probe.list_sandboxes(limit=1)
    yield _answered("API", settings.api_url, listed.failure)
    if listed.failure is not None:
        return
    toolbox_url = settings.toolbox_url or (TOOLBOX_URL if settings.api_url == API_URL else None)
    if toolbox_url is None:
        yield Finding("toolbox", "ok", "the API names the address for each sandbox")
        return
    # Nobody has this sandbox: to be refused is to have arrived.
    failure = probe.list_files(_NOWHERE).failure
    arrived = failure is None or failure.kind not in {"connection", "timeout"}
    yield _answered("toolbox", toolbox_url, None if arrived else failure)


def _answered(what: str, url: str, failure: "Failure | None") -> Finding:
    if failure is None:
        return Finding(what, "ok", f"{url} answers")
    return Finding(what, "wrong", f"{url}: {failure.message}", _MENDED.get(failure.kind, _MENDED_OTHERWISE))


def _isolation() -> Finding:
    what = "local backend"
    try:
        notice = _isolation_here()
    except ImportError:
        return Finding(what, "note", "not installed", "pip install 'daytona-facade[local]', if you want it")
    if "NONE" not in notice:
        return Finding(what, "ok", notice)
    return Finding(what, "note", notice, "install bubblewrap, or run only what you trust with --local")


def _isolation_here() -> str:
    import tempfile
    from pathlib import Path

    from ..local.isolation import choose_isolation
    from ..local.options import Options

    with tempfile.TemporaryDirectory() as folder:
        return choose_isolation(Options(), Path(folder))[1]


def _release(distribution: str) -> str | None:
    from importlib import metadata

    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _show(finding: Finding) -> None:
    colours: dict[str, Any] = {"ok": "green", "note": "yellow", "wrong": "red"}
    verdict = f"{finding.verdict:<6}"
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        verdict = click.style(verdict, fg=colours[finding.verdict])
    sys.stdout.write(f"{verdict} {finding.what}: {printable(finding.said)}\n")
    if finding.mend:
        sys.stdout.write(f"       -> {finding.mend}\n")
    sys.stdout.flush()
