"""An integration's own tests need three lines."""

import os
import subprocess
import sys
from pathlib import Path

TESTS = """
def test_sync(daytona):
    box = daytona.create_sandbox()
    assert daytona.execute_command(box.sandbox.id, "echo hi").result == "hi\\n"


async def test_async(async_daytona, local_daytona):
    page = await async_daytona.list_sandboxes()
    assert [item.state for item in page.sandboxes] == ["started"], local_daytona.api_url
"""


def test_the_plugin_gives_clients(tmp_path: Path) -> None:
    """The fixtures give a synchronous and an asynchronous client of one server."""
    (tmp_path / "test_mine.py").write_text(TESTS)
    words = ["-W", "error", "-q", "-p", "pytest_asyncio.plugin", "-p", "daytona_facade.pytest_plugin"]
    words += ["-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )

    assert "2 passed" in done.stdout, done.stdout + done.stderr
