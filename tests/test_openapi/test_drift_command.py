"""The drift report as a command, and the verb that regenerates."""

import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from daytona_facade import ACTIONS
from support.checkout import copy_checkout
from support.paths import ROOT


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the report of a checkout."""
    command = [sys.executable, str(folder / "openapi/drift.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Copy the specs, the lock and the report."""
    return copy_checkout(tmp_path, "openapi")


def drop_clone(checkout: Path) -> None:
    """Take the clone operation out of our own spec."""
    path = checkout / "openapi" / "toolbox.yaml"
    spec = yaml.safe_load(path.read_text())
    del spec["paths"]["/git/clone"]
    path.write_text(yaml.safe_dump(spec))


def test_every_action_has_an_operation(checkout: Path) -> None:
    """The specs name exactly the actions of the library, and agree with the lock that is committed."""
    findings = json.loads(run(checkout, "--json").stdout)["findings"]

    assert sorted(finding["action"] for finding in findings) == sorted(ACTIONS)
    assert {finding["level"] for finding in findings} == {"SAME"}


def test_operation_that_we_lost(checkout: Path) -> None:
    """An operation missing from our own spec is a BREAK that names its action."""
    drop_clone(checkout)
    result = run(checkout)

    assert result.returncode == 1
    assert (
        "BREAK  git_clone: no operation is left for this action in our specs; it was POST /git/clone" in result.stdout
    )


def test_regenerate_stops_before_it_generates(checkout: Path) -> None:
    """Regeneration stops at a BREAK, names its action, and shows no traceback."""
    drop_clone(checkout)
    result = subprocess.run(["make", "regenerate"], cwd=checkout, capture_output=True, text=True, check=False)

    assert result.returncode != 0
    assert "BREAK  git_clone: " in result.stdout
    assert "Traceback" not in result.stdout + result.stderr
    assert not (checkout / "generated").exists()


def test_update_accepts_what_was_news(checkout: Path) -> None:
    """News is reported until the lock is updated; an update without news changes nothing."""
    lock = checkout / "openapi" / "upstream.lock.json"
    committed = lock.read_text()
    run(checkout, "--update")
    untouched = lock.read_text()
    lock.write_text(json.dumps({name: entry for name, entry in json.loads(committed).items() if "clone" not in name}))
    before, update, after = (
        run(checkout, "--toolbox", str(checkout / "openapi" / "toolbox.yaml"), *more) for more in ([], ["--update"], [])
    )

    assert committed == untouched
    assert "NEWS   git_clone: POST /git/clone is not in the lock yet" in before.stdout
    assert before.stdout == update.stdout
    assert "NEWS" not in after.stdout
    assert "SAME   git_clone: POST /git/clone" in after.stdout


@pytest.fixture
def published() -> Iterator[str]:
    """Serve the specs over HTTP on a free loopback port."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(ROOT / "openapi"))

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_spec_from_a_url(checkout: Path, published: str) -> None:
    """A spec is read over HTTP; a missing one is a one-line error with exit code 2."""
    read = run(checkout, "--rest", f"{published}/rest.yaml")
    absent = run(checkout, "--rest", f"{published}/absent.yaml")

    assert "BREAK  list_sandboxes, create_sandbox, " in read.stdout
    assert "header parameter x-daytona-organization-id is gone" in read.stdout
    assert (absent.returncode, absent.stdout) == (2, "")
    assert absent.stderr == "drift: HTTPError: HTTP Error 404: File not found\n"


@pytest.mark.parametrize("text", ["[]", "{", "a: [", "openapi: 3.0.3"], ids=["list", "cut", "bad-yaml", "no-paths"])
def test_what_is_no_spec(checkout: Path, text: str) -> None:
    """A file that is not a spec is a one-line error with exit code 2."""
    (checkout / "odd").write_text(text)
    result = run(checkout, "--rest", str(checkout / "odd"))

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("drift: ")
    assert "Traceback" not in result.stderr
