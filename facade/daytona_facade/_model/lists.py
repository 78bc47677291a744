"""Directories and pages of sandboxes for a model: as many entries as fit, and the number of the others."""

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from .. import limits
from .shortening import Excerpt, shortened

_FIELDS: tuple[tuple[str, ...], ...] = (
    ("id", "name", "state", "labels", "error_reason"),
    ("id", "name", "state"),
)
_COLUMNS = ("mode", "owner", "size", "modified_at")


def show_files(files: Sequence[Mapping[str, Any]], path: str, room: int) -> Excerpt:
    """Write one line for each entry, without some columns or entries where the directory is large."""
    fits = len(path) <= limits.MODEL_VALUE_CHARS
    where = json.dumps(path[: limits.MODEL_VALUE_CHARS], ensure_ascii=False)
    if not files:
        return Excerpt(f"{where} is empty.", complete=True)
    space, columns = room - len(where) - 2 * limits.MODEL_VALUE_CHARS, "mode, owner, size in bytes, time of change"
    lines = _lines(files, _COLUMNS, space)
    if len(lines) < len(files):
        columns, lines = "size in bytes", _lines(files, ("size",), space)
    head, rest = f"{len(files):,} entries in {where} ({columns}, name)", len(files) - len(lines)
    if rest:
        directory = shlex.quote(path) if fits else "DIRECTORY"
        head += f"; the first {len(lines):,} are shown and {rest:,} are left out: list a directory below it, or use "
        head += f"execute_command with find {directory} -name 'PATTERN' | head"
    return Excerpt("\n".join([f"{head}:", *lines]), complete=not rest)


def show_sandboxes(document: dict[str, Any], room: int) -> tuple[Excerpt, dict[str, Any]]:
    """Write one line of JSON for each sandbox; return that, and the same as an output's JSON."""
    sandboxes: list[dict[str, Any]] = document.get("sandboxes") or []
    cursor = json.dumps(document.get("next_cursor"), ensure_ascii=False)
    room -= 600 + 2 * len(cursor)
    kept = _fitting(sandboxes, room)
    rest = len(sandboxes) - len(kept)
    head = f"{len(sandboxes):,} sandboxes on this page; next_cursor: {cursor}"
    structured = {**document, "sandboxes": kept}
    if rest:
        advice = f"{rest:,} of them are left out: call list_sandboxes with limit {len(kept)}, or with name or labels"
        head += f"; {advice}"
        # A program that reads the JSON alone has to see it as well.
        structured["sandboxes"] = [*kept, {"error_reason": f"[{advice}]"}]
    elif len(json.dumps(document, ensure_ascii=False)) <= room:
        structured = document
    elif kept and set(kept[0]) <= set(_FIELDS[0]):
        head += f"; of each only {', '.join(kept[0])} is shown: get_sandbox shows all"
    lines = [json.dumps(sandbox, ensure_ascii=False) for sandbox in kept]
    return Excerpt("\n".join([head, *lines]), complete=structured is document), structured


def _fitting(sandboxes: list[dict[str, Any]], room: int) -> list[dict[str, Any]]:
    kept = [_pick(sandbox, tuple(sandbox)) for sandbox in sandboxes]
    for fields in _FIELDS:
        if _length(kept) <= room:
            return kept
        kept = [_pick(sandbox, fields) for sandbox in sandboxes]
    number = len(kept)
    while number and _length(kept[:number]) > room:
        number = min(number - 1, number * room // _length(kept[:number]))
    return kept[:number]


def _pick(sandbox: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """Keep the fields that say something."""
    short: dict[str, Any] = shortened(
        {name: sandbox[name] for name in fields if sandbox.get(name) not in (None, {}, "")}, limits.MODEL_CHARS // 10
    )
    return short


def _length(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False))


def _lines(files: Sequence[Mapping[str, Any]], columns: tuple[str, ...], room: int) -> list[str]:
    lines = []
    for file in files:
        line = " ".join([*(str(file.get(column) if file.get(column) is not None else "-") for column in columns)])
        line += f" {_name(file)}"
        room -= len(line) + 1
        if room < 0:
            break
        lines.append(line)
    return lines


def _name(file: Mapping[str, Any]) -> str:
    name = str(file.get("name") or "?")
    shown = name if name.isprintable() else json.dumps(name)
    return f"{shown}/" if file.get("is_dir") else shown
