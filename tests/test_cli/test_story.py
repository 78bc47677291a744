"""All twelve actions through the command line, each as a process."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from daytona_facade import ACTIONS
from support.actions_by_place import seen_in
from support.story import run_story


def words(action: str, arguments: Mapping[str, Any]) -> list[str]:
    """Write a call as words: required parameters as arguments, the rest as options."""
    given = dict(arguments)
    required = [given.pop(parameter.name) for parameter in ACTIONS[action].parameters if parameter.required]
    options: list[str] = []
    for name, value in given.items():
        flag = f"--{name.replace('_', '-')}"
        if isinstance(value, dict):
            options += [word for key, text in value.items() for word in (flag.removesuffix("s"), f"{key}={text}")]
        else:
            options += [flag, str(value)]
    return [action.replace("_", "-"), *map(str, required), *options]


def test_every_action(shell: Any, tmp_path: Path) -> None:
    """The same twelve calls as in every place, with files from and to disk."""

    def call(action: str, arguments: dict[str, Any]) -> dict[str, Any]:
        given = dict(arguments)
        if action == "upload_file":
            (tmp_path / "here").write_bytes(base64.b64decode(given.pop("file_content_base64")))
            return shell.json("upload-file", given["sandbox_id"], "here", given["destination_path"])
        if action != "download_file":
            return shell.json(*words(action, given))
        inline = shell.json(*words(action, given))
        output = shell.json("download-file", given["sandbox_id"], given["file_path"], "there")
        assert output == {**inline, "content_base64": None}
        return {**output, "content_base64": base64.b64encode((tmp_path / "there").read_bytes()).decode()}

    run_story("cli", call)
    assert set(ACTIONS) == seen_in("cli")
