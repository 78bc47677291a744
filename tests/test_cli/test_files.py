"""Files between disk and sandbox: streamed, and either complete or absent."""

import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

BIG = 101 * 2**20
_WEIGHED = """
import sys
from pathlib import Path
from daytona_facade.cli import main
code = main()
sys.stderr.write(Path("/proc/self/status").read_text())
sys.exit(code)
"""


def test_round_trip(inside: Any, box: str, tmp_path: Path) -> None:
    """Every byte arrives; directories are created, and a target that is a directory gets the file's name."""
    content = bytes(range(256)) * 5000
    (tmp_path / "data.bin").write_bytes(content)
    inside("upload-file", box, "data.bin", "made/by upload/")
    inside("download-file", box, "made/by upload/data.bin", "copy")
    assert (tmp_path / "copy").read_bytes() == content


def test_standard_input_and_output(shell: Any, box: str) -> None:
    """A dash is standard input or output, which carries the file and nothing else."""
    shell("upload-file", box, "-", "piped", given=b"\x00\xff\n")
    ran = shell.run("download-file", box, "piped", "-")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"\x00\xff\n", b"")
    shell("upload-file", box, "-", "dir/", code=2)


def test_a_larger_file_than_fits_the_json(shell: Any, box: str, tmp_path: Path) -> None:
    """A file over 100 MB is copied both ways in bounded memory, and refused inline with ``--json``."""
    shell("execute-command", box, f"truncate -s {BIG} big && printf end >> big")
    ran = subprocess.run(
        [sys.executable, "-c", _WEIGHED, "download-file", box, "big", "."],
        cwd=tmp_path,
        env=shell.environment,
        capture_output=True,
        check=True,
    )
    assert (tmp_path / "big").stat().st_size == BIG + 3
    assert int(re.findall(rb"VmHWM:\s+(\d+) kB", ran.stderr)[0]) < 90 * 1024
    assert f"size: {BIG + 3}\n" in shell("upload-file", box, "big", "again")
    assert shell("execute-command", box, "wc -c again; rm again") == f"{BIG + 3} again\n"
    output = shell.json("download-file", box, "big", code=1)
    assert "larger than the limit of 104,857,600 bytes" in output["error"]


def test_replacing_a_file_keeps_mode_and_links(inside: Any, box: str, tmp_path: Path) -> None:
    """Replacing a file keeps its mode and the links to it; a new file gets the default mode."""
    inside("upload-file", box, "-", "f", given="new")
    (tmp_path / "old").write_text("old")
    (tmp_path / "old").chmod(0o640)
    (tmp_path / "link").symlink_to("old")
    inside("download-file", box, "f", "link")
    inside("download-file", box, "f", "fresh")
    assert ((tmp_path / "old").read_text(), stat.S_IMODE((tmp_path / "old").stat().st_mode)) == ("new", 0o640)
    assert (tmp_path / "link").is_symlink()
    assert 0o666 & (tmp_path / "fresh").stat().st_mode == stat.S_IMODE((tmp_path / "fresh").stat().st_mode)


@pytest.mark.parametrize("target", ["there", "/nowhere/at/all", "/dev/full"])
def test_a_failure_keeps_the_old_file(inside: Any, box: str, tmp_path: Path, target: str) -> None:
    """A missing file, a missing directory and a full disk are reported, and no partial file is left."""
    inside("upload-file", box, "-", "f", given="new")
    (tmp_path / "there").write_text("old")
    assert inside("download-file", box, "f" if target != "there" else "missing", target, code=1) == ""
    assert inside.complaint.startswith("daytona-facade: ")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("there", "old")]


@pytest.mark.parametrize("local", ["missing", "."])
def test_unreadable_files_are_refused(inside: Any, box: str, local: str) -> None:
    """A missing file and a directory are refused by name."""
    assert inside("upload-file", box, local, "x", code=1) == ""
    assert inside.complaint.startswith(f"daytona-facade: {local}: ")


def test_a_bar_on_a_terminal(shell: Any, box: str) -> None:
    """A terminal shows the progress of a transfer."""
    shell("upload-file", box, "-", "f", given=b"x" * 300_000)
    assert "300.0/300.0 kB" in shell.terminal("download-file", box, "f", "f")


@pytest.fixture
def half() -> Iterator[Callable[[bool], str]]:
    """Serve half of a file, then stay silent or close the connection; yields a function that returns the URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()
    behaviour: list[bool] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 500)
                if behaviour[0]:
                    ended.wait(30)

    thread = threading.Thread(target=serve)
    thread.start()

    def url(silent: bool) -> str:
        behaviour.append(silent)
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield url
    ended.set()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def test_an_incomplete_download_leaves_no_file(shell: Any, tmp_path: Path, half: Callable[[bool], str]) -> None:
    """An incomplete download fails after the retries; into a pipe it fails at once, because output cannot be undone."""
    shell.environment["DAYTONA_TOOLBOX_URL"] = half(False)
    assert shell("download-file", "box", "f", code=1) == ""
    assert list(tmp_path.iterdir()) == []
    ran = shell.run("download-file", "box", "f", "-")
    assert (ran.returncode, ran.stdout) == (1, b"x" * 500)
    assert b"the 500 bytes that are written cannot be taken back" in ran.stderr


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_download_leaves_no_file(
    shell: Any, tmp_path: Path, half: Callable[[bool], str], sent: signal.Signals, code: int
) -> None:
    """SIGINT and SIGTERM end a download at once with the shell's exit codes and leave no file."""
    shell.environment["DAYTONA_TOOLBOX_URL"] = half(True)
    process = shell.start("download-file", "box", "f")
    end = time.monotonic() + 20
    while not list(tmp_path.iterdir()) and time.monotonic() < end:
        time.sleep(0.02)
    process.send_signal(sent)
    printed, said = process.communicate(timeout=20)
    assert (process.returncode, printed) == (code, b"")
    assert b"Traceback" not in said
    assert list(tmp_path.iterdir()) == []
