"""The command that checks the settings, the network and this machine, and says how to fix what is wrong."""

import json
import os
import platform
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import click

from .._version import __version__
from .setup import WINDOWS, GlobalOptions
from .terminal import print_text, printable

if TYPE_CHECKING:
    from ..client import Daytona
    from ..errors import Failure

_KEYS = "https://app.daytona.io/dashboard/keys"
_UNKNOWN_SANDBOX = "00000000-0000-4000-8000-000000000000"
_PROBE_S = 10.0
_EXTRAS = {
    "cli": "click",
    "local": "starlette",
    "mcp": "mcp",
    "langchain": "langchain-core",
    "pydantic-ai": "pydantic-ai-slim",
    "openai-agents": "openai-agents",
    "fast": "httpx-aiohttp",
}
_FIXES = {
    "authentication": f"make a key at {_KEYS} and export it as DAYTONA_API_KEY",
    "permission": f"give the key the permission to list sandboxes, at {_KEYS}",
    "connection": "check DAYTONA_API_URL, the network, and HTTPS_PROXY and SSL_CERT_FILE if you need them",
    "timeout": "check DAYTONA_API_URL, the network, and HTTPS_PROXY if you need one",
    "rate_limited": "wait a minute",
    "server": "Daytona has a problem: try again later",
}
_OTHER_FIX = "check DAYTONA_API_URL: the path of Daytona's own ends in /api"


class Finding(NamedTuple):
    """The result of one check."""

    what: str
    verdict: Literal["ok", "note", "wrong"]
    said: str
    mend: str | None = None


@click.command(short_help="Check the key, URLs, network, versions and isolation.")
@click.option("as_json", "--json", is_flag=True, help="Print the findings as JSON.")
@click.pass_obj
def doctor(options: GlobalOptions, /, *, as_json: bool) -> int:
    """Check the key, URLs, network, versions and isolation, and say how to fix what is wrong.

    The exit code is 1 if something is wrong. The key is never printed, and nothing is created or changed.
    """
    findings = []
    for finding in _findings(options):
        findings.append(finding)
        if not as_json:
            _print(finding)
    if as_json:
        print_text(json.dumps([finding._asdict() for finding in findings], indent=2) + "\n")
    return 1 if any(finding.verdict == "wrong" for finding in findings) else 0


def _findings(options: GlobalOptions) -> Iterator[Finding]:
    yield _versions()
    yield from _daytona(options)
    yield _local_backend()


def _versions() -> Finding:
    httpx = _version("httpx") or "unknown"
    sniffio = _version("sniffio")
    extras = [f"{name} ({version})" for name, package in _EXTRAS.items() if (version := _version(package))]
    python = f"{platform.python_implementation()} {platform.python_version()}"
    said = f"daytona-facade {__version__}, {python}, httpx {httpx}, sniffio {sniffio or 'missing'}"
    said = f"{said}; extras: {', '.join(extras)}"
    if sniffio is None:
        return Finding("versions", "note", said, "pip install sniffio: without it, async calls take more CPU time")
    return Finding("versions", "ok", said)


def _daytona(options: GlobalOptions) -> Iterator[Finding]:
    if not options.local and not os.environ.get("DAYTONA_API_KEY", "").strip():
        yield Finding("key", "wrong", "DAYTONA_API_KEY is not set", _FIXES["authentication"])
        return
    # No program runs here, so that the local backend needs no isolation.
    unisolated = GlobalOptions(local=options.local, isolated=False, deadline_s=options.deadline_s)
    try:
        with unisolated.client() as client:
            yield Finding("key", "ok", "the local backend's" if options.local else "DAYTONA_API_KEY is set")
            yield from _connections(client)
    except click.ClickException as exc:
        problem = exc.message.partition(";")[0]
        fix = "fix what it names" if options.local else "correct the DAYTONA_* variable"
        yield Finding("settings", "wrong", problem, fix)


def _connections(client: "Daytona") -> Iterator[Finding]:
    from .._engine.addresses import API_URL, TOOLBOX_URL

    settings = client.session.settings
    probe = client.with_options(deadline_s=_PROBE_S, retries=0)
    failure = probe.list_sandboxes(limit=1).failure
    yield _connection("API", settings.api_url, failure)
    if failure is not None:
        return
    toolbox_url = settings.toolbox_url or (TOOLBOX_URL if settings.api_url == API_URL else None)
    if toolbox_url is None:
        yield Finding("toolbox", "ok", "the API names the address for each sandbox")
        return
    # Nobody has this sandbox: an answer that refuses it proves the connection.
    failure = probe.list_files(_UNKNOWN_SANDBOX).failure
    unreachable = failure is not None and failure.kind in {"connection", "timeout"}
    yield _connection("toolbox", toolbox_url, failure if unreachable else None)


def _connection(what: str, url: str, failure: "Failure | None") -> Finding:
    if failure is None:
        return Finding(what, "ok", f"{url} answers")
    return Finding(what, "wrong", f"{url}: {failure.message}", _FIXES.get(failure.kind, _OTHER_FIX))


def _local_backend() -> Finding:
    what = "local backend"
    if WINDOWS:
        return Finding(what, "note", "not available on Windows")
    try:
        from ..local import isolation_problem, limits_in_force
    except ImportError:
        return Finding(what, "note", "not installed", "pip install 'daytona-facade[local]', if you want it")
    problem = isolation_problem()
    limits = "; ".join(f"{name}: {text}" for name, text in limits_in_force(isolated=problem is None).items())
    if problem is None:
        return Finding(what, "ok", f"isolation: bubblewrap; {limits}")
    fix = "install bubblewrap; without it, --local is refused unless --no-isolation lets programs run as your user"
    return Finding(what, "note", f"isolation: none, because {problem}; {limits}", fix)


def _version(distribution: str) -> str | None:
    from importlib import metadata

    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _print(finding: Finding) -> None:
    colours: dict[str, Any] = {"ok": "green", "note": "yellow", "wrong": "red"}
    verdict = f"{finding.verdict:<6}"
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        verdict = click.style(verdict, fg=colours[finding.verdict])
    print_text(f"{verdict} {finding.what}: {printable(finding.said)}\n")
    if finding.mend:
        print_text(f"       -> {finding.mend}\n")
    sys.stdout.flush()
