"""What Daytona's own SDK asks of a server, asked of the local backend."""

import secrets
import subprocess
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from daytona import (
    CodeRunParams,
    CreateSandboxFromImageParams,
    CreateSandboxFromSnapshotParams,
    DaytonaAuthenticationError,
    DaytonaConflictError,
    DaytonaError,
    DaytonaFileNotFoundError,
    DaytonaGitBranchNotFoundError,
    DaytonaGitRepoNotFoundError,
    DaytonaNotFoundError,
    DaytonaProcessExecutionTimeoutError,
    FileDownloadRequest,
    Image,
    ListSandboxesQuery,
)

from conformance.git_server import git_server
from conformance.official import Official

# The SDK warns about its own deprecated configuration, and leaves pools to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def box(official: Official, shared_id: str) -> Any:
    """Get a started sandbox, which other tests use too."""
    return official.do(official.client.get(shared_id))


@pytest.fixture
def place() -> str:
    """Name a folder that no other test uses."""
    return f"clone-{secrets.token_hex(4)}"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Serve a bare repository over HTTP; gives its URL and its first commit."""
    folder = tmp_path_factory.mktemp("git")
    git = ["git", "-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "init.defaultBranch=main"]
    run = partial(subprocess.run, check=True, capture_output=True, text=True)
    run([*git, "init", "work"], cwd=folder)
    for step in ("first", "second"):
        (folder / "work" / "file").write_text(step)
        run([*git, "add", "."], cwd=folder / "work")
        run([*git, "commit", "-m", step], cwd=folder / "work")
    run([*git, "branch", "other", "HEAD~1"], cwd=folder / "work")
    run([*git, "clone", "--bare", "work", "bare.git"], cwd=folder)
    first = run([*git, "rev-parse", "HEAD~1"], cwd=folder / "work").stdout.strip()

    with git_server(folder) as url:
        yield f"{url}/bare.git", first


def test_create_waits_until_started(official: Official) -> None:
    """Create answers with a started sandbox that has what was asked for."""
    params = CreateSandboxFromSnapshotParams(
        name=f"n-{secrets.token_hex(4)}", labels={"team": "a"}, env_vars={"A": "1"}, auto_stop_interval=7
    )
    made = official.create(params)

    assert made.state.value == "started"
    assert params.name == made.name
    assert made.labels["team"] == "a"
    assert made.env == {"A": "1"}
    assert made.auto_stop_interval == 7


def test_create_in_default_mode(official: Official) -> None:
    """The SDK's event subscription, which the backend does not have, does not keep it from working."""
    made = official.create()

    assert made.state.value == "started"


def test_create_twice_is_a_conflict(official: Official) -> None:
    """A name that is taken raises the SDK's conflict error."""
    params = CreateSandboxFromSnapshotParams(name=f"n-{secrets.token_hex(4)}")
    official.create(params)

    with pytest.raises(DaytonaConflictError, match="already exists"):
        official.create(params)


def test_get_by_id_and_by_name(official: Official, box: Any) -> None:
    """Both find the sandbox."""
    assert box.id == official.do(official.client.get(box.id)).id
    assert box.id == official.do(official.client.get(box.name)).id


def test_list_filters_by_labels_over_pages(official: Official) -> None:
    """A list with a page size of one walks the cursor to the end, and sees only what has the label."""
    mark = secrets.token_hex(4)
    made = {official.create(CreateSandboxFromSnapshotParams(labels={"mark": mark})).id for _ in range(3)}
    official.create()

    found = official.each(official.client.list(ListSandboxesQuery(labels={"mark": mark}, limit=1)))

    assert len(found) == 3
    assert made == {item.id for item in found}


def test_exec_merges_streams_and_keeps_the_exit_code(official: Official, box: Any) -> None:
    """A command's output holds both streams in order, and its exit code is the shell's."""
    answer = official.do(box.process.exec("echo out; echo err >&2; exit 3"))

    assert (answer.exit_code, answer.result) == (3, "out\nerr\n")


def test_exec_takes_cwd_and_env(official: Official, box: Any) -> None:
    """The command runs where and with what the call says."""
    answer = official.do(box.process.exec('echo "$(pwd) $COLOUR"', cwd="/tmp", env={"COLOUR": "blue"}))

    assert answer.result == "/tmp blue\n"


def test_exec_timeout(official: Official, box: Any) -> None:
    """A command that takes too long raises the SDK's timeout error."""
    with pytest.raises(DaytonaProcessExecutionTimeoutError):
        official.do(box.process.exec("sleep 30", timeout=1))


@pytest.mark.parametrize(
    ("code", "exit_code", "said"),
    [
        ("print('hello')", 0, "hello\n"),
        ("total = 0\nfor n in range(4):\n    total += n\nprint(total)", 0, "6\n"),
        ("import sys\nprint('bad', file=sys.stderr)", 0, "bad\n"),
    ],
    ids=["print", "lines", "stderr"],
)
def test_code_run(official: Official, box: Any, code: str, exit_code: int, said: str) -> None:
    """A program's output comes back."""
    answer = official.do(box.process.code_run(code))

    assert (exit_code, said) == (answer.exit_code, answer.result)


def test_code_run_syntax_error(official: Official, box: Any) -> None:
    """A program that does not parse ends with 1 and a traceback that names standard input."""
    answer = official.do(box.process.code_run("print("))

    assert answer.exit_code == 1
    assert 'File "<stdin>"' in answer.result
    assert "SyntaxError" in answer.result


def test_code_run_takes_arguments_and_env(official: Official, box: Any) -> None:
    """Arguments and environment reach the program."""
    code = "import os, sys\nprint(sys.argv[1:], os.environ['COLOUR'])"
    answer = official.do(box.process.code_run(code, CodeRunParams(argv=["x"], env={"COLOUR": "red"})))

    assert answer.result == "['x'] red\n"


@pytest.mark.parametrize("size", [0, 5, 20 * 1024 * 1024], ids=["empty", "small", "20MB"])
def test_files_go_in_and_come_out(official: Official, box: Any, size: int) -> None:
    """Any bytes come back as they went in, and the folders on the way are made."""
    content = secrets.token_bytes(size)
    official.do(box.fs.upload_file(content, "deep/er/data.bin"))

    assert content == official.do(box.fs.download_file("deep/er/data.bin"))


def test_a_missing_file_raises_not_found(official: Official, box: Any) -> None:
    """Download of nothing raises the SDK's error for it."""
    with pytest.raises(DaytonaFileNotFoundError):
        official.do(box.fs.download_file("nothing.txt"))


def test_list_files(official: Official, box: Any) -> None:
    """A listing tells names, sizes and kinds, sorted."""
    official.do(box.fs.upload_file(b"12345", "listed/b.txt"))
    official.do(box.fs.create_folder("listed/a", "755"))

    found = official.do(box.fs.list_files("listed"))

    assert [(item.name, item.is_dir) for item in found] == [("a", True), ("b.txt", False)]
    assert (found[1].size, found[1].mode, found[1].permissions, found[1].owner) == (5, "-rw-r--r--", "0644", "1000")


def test_info_move_and_delete_of_files(official: Official, box: Any) -> None:
    """The file calls around the twelve actions work too."""
    official.do(box.fs.upload_file(b"1", "one.txt"))
    official.do(box.fs.move_files("one.txt", "two.txt"))

    assert official.do(box.fs.get_file_info("two.txt")).size == 1

    official.do(box.fs.delete_file("two.txt"))

    with pytest.raises(DaytonaNotFoundError):
        official.do(box.fs.get_file_info("two.txt"))


def test_home_and_work_dir(official: Official, box: Any) -> None:
    """Both are the home of the sandbox's user."""
    assert official.do(box.get_user_home_dir()) == "/home/daytona"
    assert official.do(box.get_work_dir()) == "/home/daytona"


def test_clone(official: Official, box: Any, repository: tuple[str, str], place: str) -> None:
    """A clone has the newest commit of the main branch."""
    official.do(box.git.clone(repository[0], place))

    assert official.do(box.fs.download_file(f"{place}/file")) == b"second"


def test_clone_of_a_branch(official: Official, box: Any, repository: tuple[str, str], place: str) -> None:
    """A clone of a branch has that branch's commit."""
    official.do(box.git.clone(repository[0], place, branch="other"))

    assert official.do(box.fs.download_file(f"{place}/file")) == b"first"


def test_clone_of_a_commit(official: Official, box: Any, repository: tuple[str, str], place: str) -> None:
    """A clone of a commit has that commit."""
    official.do(box.git.clone(repository[0], place, commit_id=repository[1]))

    assert official.do(box.fs.download_file(f"{place}/file")) == b"first"


def test_clone_of_what_is_missing(official: Official, box: Any, repository: tuple[str, str], place: str) -> None:
    """A missing repository and a missing branch raise the SDK's errors for them."""
    with pytest.raises(DaytonaGitRepoNotFoundError):
        official.do(box.git.clone(repository[0].replace("bare", "nothing"), place))
    with pytest.raises(DaytonaGitBranchNotFoundError):
        official.do(box.git.clone(repository[0], place, branch="nothing"))


def test_stop_and_start(official: Official) -> None:
    """A sandbox stops and starts again with its files."""
    box = official.create()
    official.do(box.fs.upload_file(b"kept", "kept.txt"))
    official.do(box.stop())

    assert box.state.value == "stopped"

    official.do(box.start())

    assert box.state.value == "started"
    assert official.do(box.fs.download_file("kept.txt")) == b"kept"


def test_labels_and_intervals_change(official: Official) -> None:
    """What can be changed on a sandbox stays changed."""
    box = official.create()
    official.do(box.set_labels({"a": "b"}))
    official.do(box.set_autostop_interval(3))
    again = official.do(official.client.get(box.id))

    assert (again.labels, again.auto_stop_interval) == ({"a": "b"}, 3)


@pytest.mark.parametrize("name", ["é.bin", "日本.txt", "a b.txt", 'quo"te', "plain.txt"])
def test_files_of_any_name(official: Official, box: Any, name: str) -> None:
    """A file whose name is not plain ASCII comes back by the SDK's bulk download."""
    official.do(box.fs.upload_file(b"content", f"names/{name}"))

    assert official.do(box.fs.download_file(f"names/{name}")) == b"content"


def test_several_files_of_any_name(official: Official, box: Any) -> None:
    """A bulk download of several names gives each its own content."""
    names = ["many/é", "many/ß ✓", "many/plain"]
    for name in names:
        official.do(box.fs.upload_file(name.encode(), name))

    found = official.do(box.fs.download_files([FileDownloadRequest(source=name) for name in names]))

    assert {item.source: item.result for item in found} == {name: name.encode() for name in names}


def test_auto_delete_can_be_turned_off(official: Official) -> None:
    """A negative interval is no interval."""
    box = official.create()
    official.do(box.set_auto_delete_interval(5))
    official.do(box.set_auto_delete_interval(-1))

    assert official.do(official.client.get(box.id)).auto_delete_interval == -1


def test_an_unknown_snapshot_is_refused(official: Official) -> None:
    """A snapshot that nobody has made raises an error that names it."""
    with pytest.raises(DaytonaError, match=r"Snapshot no-such not found\. Did you add it"):
        official.create(CreateSandboxFromSnapshotParams(snapshot="no-such"))


def test_an_image_is_refused(official: Official) -> None:
    """An image is not built: it is refused, not replaced by another machine."""
    image = Image.debian_slim("3.12").pip_install("numpy")
    for params in (CreateSandboxFromImageParams(image=image), CreateSandboxFromImageParams(image="debian:12")):
        with pytest.raises(DaytonaError, match=r"image or a Dockerfile.* is not served by the local backend"):
            official.create(params)


def test_an_unserved_operation_is_named(official: Official, box: Any) -> None:
    """What is not served says so, and is not taken for a sandbox that is gone."""
    for call, name in [
        (lambda: box.get_preview_link(3000), "getPortPreviewUrl"),
        (lambda: box.process.create_session("s"), "CreateSession"),
        (lambda: box.fs.find_files(".", "x"), "FindInFiles"),
        (lambda: box.git.status("."), "GetStatus"),
        (official.client.volume.list, "listVolumes"),
    ]:
        with pytest.raises(DaytonaError, match=f"{name} .*is not served by the local backend") as caught:
            official.do(call())
        assert not isinstance(caught.value, DaytonaNotFoundError)


def test_get_after_delete_is_not_found(official: Official) -> None:
    """A deleted sandbox is gone under its ID and under its name."""
    box = official.create()
    official.do(official.client.delete(box, wait=True))

    for identity in (box.id, box.name):
        with pytest.raises(DaytonaNotFoundError):
            official.do(official.client.get(identity))


def test_a_wrong_key_is_an_authentication_error(official: Official, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is not the server's raises the SDK's authentication error."""
    monkeypatch.setenv("DAYTONA_API_KEY", "wrong")
    with Official(official.kind) as stranger, pytest.raises(DaytonaAuthenticationError):
        stranger.do(stranger.client.get("anything"))
