"""Text and JSON without their middle or their end, and a note that says so."""

import base64
import codecs
import json
from typing import Any

import attrs

from .. import limits


@attrs.frozen
class Excerpt:
    """A text, or its beginning and its end."""

    text: str
    complete: bool


def clip(text: str, room: int, advice: str = "") -> str:
    """Return a text, or its beginning and end with a note between them that says how to get the rest."""
    if len(text) <= room:
        return text
    note = f"\n[The middle is left out here. {advice}]\n" if advice else "\n[The middle is left out here.]\n"
    half = max(room - len(note), 0) // 2
    return (text[:half] + note + text[len(text) - half :])[: max(room, 0)]


def clip_escaped(text: str, room: int, advice: str) -> Excerpt:
    """Do the same for a text that has to fit into JSON as well, where some characters are written as several."""
    space = room
    kept = clip(text, space, advice)
    while space > 0 and (length := len(json.dumps(kept, ensure_ascii=False))) > room:
        space = min(space - 1, space * room // length)
        kept = clip(text, space, advice)
    return Excerpt(kept, complete=kept == text)


def excerpt_of_base64(content: str, size: int, room: int, advice: str) -> Excerpt | None:
    """Read a file in base64 as UTF-8, or its beginning and end; nothing if that is no text."""
    advice = f"The file has {size:,} bytes; {advice}"
    if len(content) <= 16 * room:
        text = _decode(decode_part(content))
        if text is None:
            return None
        room = min(room, limits.MODEL_FILE_BYTES * len(text) // size) if size > limits.MODEL_FILE_BYTES else room
        return Excerpt(clip(text, room, advice), complete=len(text) <= room)
    # Only what is shown is decoded; a character has four bytes at most.
    part = room * 4 // 3 * 4
    begin, end = _decode(decode_part(content[:part]), cut=True), _decode(decode_part(content[-part:]), begun=True)
    if begin is None or end is None:
        return None
    room = min(room, limits.MODEL_FILE_BYTES * len(begin) // len(begin.encode()))
    return Excerpt(clip(begin + end, room, advice), complete=False)


def decode_part(content: str) -> bytes:
    """Decode base64, or a part of it that begins and ends between two groups of four."""
    return base64.b64decode(content[: len(content) // 4 * 4])


def shortened(value: Any, room: int) -> Any:
    """Return JSON that fits, with ever shorter strings, lists and objects, and notes of what was left out."""
    for chars, items in ((limits.MODEL_VALUE_CHARS, 100), (200, 30), (100, 10), (60, 3)):
        short = _shortened(value, chars, items, depth=8)
        if len(json.dumps(short, ensure_ascii=False)) <= room:
            return short
    return {"note": f"[{len(json.dumps(value)):,} characters of JSON are left out]"}


def shorten_string(text: str, chars: int) -> str:
    """Return a string, or its beginning and its length."""
    return text if len(text) <= chars else f"{text[:chars]} [{len(text):,} characters in all]"


def _shortened(value: Any, chars: int, items: int, depth: int) -> Any:
    if isinstance(value, str):
        return shorten_string(value, chars)
    if not depth:
        return "[more levels]" if isinstance(value, dict | list) else value
    if isinstance(value, list):
        kept = [_shortened(item, chars, items, depth - 1) for item in value[:items]]
        return kept if len(value) <= items else [*kept, f"[{len(value):,} in all]"]
    if isinstance(value, dict):
        pairs = list(value.items())[:items]
        kept_pairs = {shorten_string(key, chars): _shortened(item, chars, items, depth - 1) for key, item in pairs}
        return kept_pairs if len(value) <= items else {**kept_pairs, "...": f"[{len(value):,} in all]"}
    return value


def _decode(content: bytes, *, cut: bool = False, begun: bool = False) -> str | None:
    """Decode UTF-8 without NUL; a part may begin or end inside of a character."""
    if begun:
        content = content[next((index for index, byte in enumerate(content[:4]) if byte & 0xC0 != 0x80), 0) :]
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(content, final=not cut)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
