"""Outputs are values: compared, hashed, copied and written by their fields."""

import copy
import pickle
from typing import Any

import pytest

from daytona_facade.outputs import (
    DownloadFileOutput,
    GetSandboxOutput,
    GitCloneOutput,
    SandboxSummary,
    StartSandboxOutput,
)


def found(**facts: Any) -> GetSandboxOutput:
    """Make an output that holds a sandbox."""
    return GetSandboxOutput(success=True, sandbox=SandboxSummary(**facts))


def test_equal_by_fields() -> None:
    """Outputs are equal when their class and all fields are equal, nested ones included."""
    assert found(id="a", state="started") == found(id="a", state="started")
    assert found(id="a", state="started") != found(id="a", state="stopped")
    assert found(id="a") != StartSandboxOutput(success=True, sandbox=SandboxSummary(id="a"))
    assert found(id="a") != {"success": True}


def test_hashed_by_fields() -> None:
    """Equal outputs have equal hashes; an output that holds a dict cannot be hashed."""
    assert len({GitCloneOutput(True, repo_url=url) for url in ("https://a", "https://a", "https://b")}) == 2
    with pytest.raises(TypeError, match="unhashable"):
        hash(found(id="a"))


def test_copies_are_equal() -> None:
    """A pickled or copied output is equal to the first."""
    output = found(id="a", name="finch")

    assert output == pickle.loads(pickle.dumps(output)) == copy.deepcopy(output)


def test_frozen() -> None:
    """No field of an output can be set again."""
    with pytest.raises(AttributeError):
        found(id="a").success = False  # type: ignore[misc]


def test_written_without_content() -> None:
    """The repr names the class and the fields, and leaves out a file's content."""
    output = DownloadFileOutput(True, name="a.txt", size=3, content_base64="QUJD")

    assert (
        repr(output)
        == "DownloadFileOutput(success=True, error=None, failure=None, name='a.txt', mime_type=None, size=3)"
    )
