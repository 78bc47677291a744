"""From an output to what a model is shown: text as text, pictures as pictures, nothing without an end."""

import json
import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from . import limits
from ._charts import media_type
from ._model.charts import show_charts
from ._model.lists import show_files, show_sandboxes
from ._model.shortening import clip, clip_escaped, decode_part, excerpt_of_base64, shorten_string, shortened
from .outputs import Output


@attrs.frozen
class Picture:
    """A picture for a model."""

    data: bytes = attrs.field(repr=False)
    media_type: str


@attrs.frozen
class ModelView:
    """What a model is shown of one output."""

    text: str
    pictures: tuple[Picture, ...] = ()
    is_error: bool = False
    complete: bool = True
    """Whether nothing of the output was left out; what was left out is always named in the text."""
    document: dict[str, Any] | None = None
    """The same as JSON, valid against the output's schema, where the text says no more than JSON can."""


_NO_SANDBOX = re.compile(
    r"bearer token is invalid|^HTTP 404: (not found: )?sandbox (?!container).{0,250}not found",
    re.IGNORECASE | re.DOTALL,
)
"""A toolbox's words, and the API's; most other 401 and 404 are about a key or a path."""
Render = Callable[[dict[str, Any], Mapping[str, Any], int], ModelView]


def for_model(name: str, arguments: Mapping[str, Any], output: Output | Mapping[str, Any], note: str = "") -> ModelView:
    """Return what a model is shown of an action's output: at most 30,000 characters of text, and pictures.

    A failure is its kind and its sentence; the JSON form of an output has no kind, so prefer the output itself.

    Args:
        name: The action.
        arguments: What it was called with; the text names the path, the timeout or the sandbox where that helps.
        output: The output, or its JSON form, as ``client.call()`` returns it.
        note: A sentence to put first, such as where the whole file is.
    """
    document = output.to_dict() if isinstance(output, Output) else dict(output)
    if not document.get("success"):
        text = _failure(name, arguments, document, output)
        return ModelView(text, is_error=True, document={**document, "error": text})
    head = f"{clip(note, limits.MODEL_CHARS // 2)}\n" if note else ""
    view = _RENDERERS.get(name, _as_json)(document, arguments, limits.MODEL_CHARS - len(head))
    return attrs.evolve(view, text=head + view.text)


def _failure(name: str, arguments: Mapping[str, Any], document: Mapping[str, Any], output: object) -> str:
    failure = output.failure if isinstance(output, Output) else None
    error = str(document.get("error") or "no reason was given")
    kind = f" ({failure.kind})" if failure else ""
    status = failure.status_code if failure else next(map(int, re.findall(r"HTTP (\d{3})", error)), None)
    if name in {"run_code", "execute_command"} and status == 408:
        seconds = arguments.get("timeout") or 10
        error += f" The program was killed after {seconds} s and its output is lost: give a larger timeout, or let it "
        error += "write to a file (> out.log 2>&1) and read that afterwards."
    if "sandbox_id" in arguments and _NO_SANDBOX.search(error.partition(" failed: ")[2]):
        sandbox = json.dumps(str(arguments["sandbox_id"])[: limits.QUOTED_ID_CHARS])
        none = f"there is no sandbox with the ID {sandbox} for this API key; get_sandbox turns a name into an ID"
        return clip(f"Error{kind}: {none}. {error}", limits.MODEL_CHARS)
    return clip(f"Error{kind}: {error}", limits.MODEL_CHARS)


def _program(document: dict[str, Any], _arguments: Mapping[str, Any], room: int) -> ModelView:
    """Show what a program printed as it is, and its charts."""
    charts, pictures, complete = show_charts(document.get("artifacts"), room // 2)
    head = f"exit code: {document['exit_code']}\n" if document.get("exit_code") is not None else ""
    length = len(document.get("result") or "")
    advice = f"The output has {length:,} characters; to see more, run it again with > out.txt 2>&1, and look at parts "
    advice += "of that file with grep, sed -n or tail."
    # The same has to fit into JSON, with the other fields.
    result = clip_escaped(document.get("result") or "", room - len(head) - len(charts) - 100, advice)
    return ModelView(
        f"{head}{result.text or '(nothing was printed)'}{charts}",
        tuple(Picture(data, media_type(data) or "image/png") for data in pictures),
        complete=complete and result.complete,
        document={**document, "result": result.text if document.get("result") else document.get("result")},
    )


def _download(document: dict[str, Any], arguments: Mapping[str, Any], room: int) -> ModelView:
    """Show a picture as a picture and text as text; of anything else say what it is."""
    content, size = str(document.get("content_base64") or ""), int(document.get("size") or 0)
    path = str(arguments.get("file_path") or document.get("name"))
    quoted = shlex.quote(path) if len(path) <= limits.MODEL_VALUE_CHARS else "FILE"
    kind = media_type(decode_part(content[:64]))
    name = json.dumps(shorten_string(str(document.get("name") or "file"), limits.MODEL_VALUE_CHARS), ensure_ascii=False)
    head = f"{name} ({kind or document.get('mime_type')}, {size:,} bytes)"
    if kind and len(content) <= limits.MODEL_PICTURE_CHARS:
        return ModelView(f"{head} is shown as a picture.", (Picture(decode_part(content), kind),))
    if kind:
        most = f"{limits.MODEL_PICTURE_CHARS // 2**20} MB in base64"
        advice = f"make a smaller copy with run_code and download that (the limit is {most})"
        return ModelView(f"{head} is a picture too large to be shown: {advice}.", complete=False)
    advice = f"to see more, use execute_command: sed -n '200,400p' {quoted}"
    excerpt = excerpt_of_base64(content, size, room - len(head) - 2, advice)
    if excerpt is None:
        advice = f"look at it with execute_command, for example file {quoted} or xxd {quoted} | head"
        return ModelView(f"{head} is neither text nor a picture, so it is not shown: {advice}.", complete=False)
    return ModelView(f"{head}:\n{excerpt.text}" if size else f"{head} is empty.", complete=excerpt.complete)


def _files(document: dict[str, Any], arguments: Mapping[str, Any], room: int) -> ModelView:
    excerpt = show_files(document.get("files") or [], str(arguments.get("path") or "."), room)
    return ModelView(excerpt.text, complete=excerpt.complete)


def _sandboxes(document: dict[str, Any], _arguments: Mapping[str, Any], room: int) -> ModelView:
    excerpt, structured = show_sandboxes(document, room)
    return ModelView(excerpt.text, complete=excerpt.complete, document=structured)


def _as_json(document: dict[str, Any], _arguments: Mapping[str, Any], room: int) -> ModelView:
    """Show any other output as JSON, without the fields that say nothing."""
    short = document if len(json.dumps(document, ensure_ascii=False)) <= room else shortened(document, room)
    text = json.dumps({name: _filled(value) for name, value in short.items() if value is not None}, ensure_ascii=False)
    return ModelView(text, complete=short is document, document=short)


def _filled(value: Any) -> Any:
    return {name: item for name, item in value.items() if item is not None} if isinstance(value, dict) else value


_RENDERERS: dict[str, Render] = {
    "run_code": _program,
    "execute_command": _program,
    "download_file": _download,
    "list_files": _files,
    "list_sandboxes": _sandboxes,
}


def view_description(name: str) -> str:
    """Say how a model is shown the answer of an action, with the numbers."""
    return _DESCRIPTIONS.get(name, "")


_LONG = f"Of an output over {limits.MODEL_CHARS:,} characters you see the beginning and the end."
_DESCRIPTIONS = {
    "run_code": f"{_LONG} Figures shown with plt.show() come as pictures, at most {limits.MODEL_PICTURES}, with their "
    f"type, title, axes and first {limits.MODEL_CHART_POINTS} points.",
    "execute_command": _LONG,
    "download_file": f"Text comes as text: up to {limits.MODEL_FILE_BYTES // 2**10} KB and {limits.MODEL_CHARS:,} "
    "characters whole, of more the beginning and the end. Pictures (PNG, JPEG, GIF, WebP, up to "
    f"{limits.MODEL_PICTURE_CHARS // 2**20} MB in base64) come as pictures. Of any other file you see name, type and "
    "size.",
    "list_files": f"At most {limits.MODEL_CHARS:,} characters; the number of entries left out is given.",
    "list_sandboxes": f"At most {limits.MODEL_CHARS:,} characters; of many sandboxes you see ID, name and state.",
}
