"""What a model is shown of an output, for platforms with a loop of their own."""

import base64
import json
from typing import Any

import jsonschema
import pydantic
import pytest
from mcp_types import ImageContent, TextContent
from openai.types.responses import ResponseInputImageParam, ResponseInputTextParam

from daytona_facade import ACTIONS, Failure, limits
from daytona_facade.outputs import (
    DownloadFileOutput,
    ExecuteCommandOutput,
    FileInfo,
    GetSandboxOutput,
    ListFilesOutput,
    ListSandboxesOutput,
    RunCodeOutput,
    SandboxSummary,
)
from daytona_facade.tools import ModelView, content_blocks, for_model
from support.nine_answers import BOX, CASES, Case, check, png

GIF = b"GIF89a" + bytes(20)
WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(8)


def _file(content: bytes, **arguments: Any) -> ModelView:
    output = DownloadFileOutput(True, None, "f", "text/plain", len(content), base64.b64encode(content).decode())
    return for_model("download_file", {"sandbox_id": BOX, "file_path": "dir/f", **arguments}, output)


def _chart(**fields: Any) -> dict[str, Any]:
    return {"type": "line", "title": "T", "png": base64.b64encode(png()).decode(), **fields}


def _run(**fields: Any) -> ModelView:
    return for_model("run_code", {"sandbox_id": BOX}, RunCodeOutput(True, exit_code=0, **fields))


@pytest.mark.parametrize("as_json", [False, True], ids=["output", "JSON form"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_nine_answers(case: Case, as_json: bool) -> None:
    """Each is short text and pictures, whether the output or its JSON form is given."""
    client: Any = case.clients()["sync"]
    output = client.call(case.action, case.arguments) if as_json else client.run_action(case.action, case.arguments)

    view = for_model(case.action, case.arguments, output)

    check(case, view.text, [picture.data for picture in view.pictures])
    assert not view.is_error


def test_content_blocks() -> None:
    """Each vendor gets the blocks that its own types describe."""
    view = _run(result="plotted", artifacts={"charts": [_chart()]})
    data = base64.b64encode(png()).decode()
    url = f"data:image/png;base64,{data}"

    text, image = content_blocks("anthropic", view)
    assert text == {"type": "text", "text": view.text}
    assert image == {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}
    text, image = content_blocks("openai-responses", view)
    assert text == pydantic.TypeAdapter(ResponseInputTextParam).validate_python(text)
    assert image == pydantic.TypeAdapter(ResponseInputImageParam).validate_python(image)
    assert image["image_url"] == url
    assert content_blocks("openai", view)[1] == {"type": "image_url", "image_url": {"url": url}}
    assert content_blocks("gemini", view)[1] == {"inlineData": {"mimeType": "image/png", "data": data}}
    text, image = content_blocks("mcp", view)
    assert text == TextContent.model_validate(text).model_dump(by_alias=True, exclude_none=True)
    assert image == ImageContent.model_validate(image).model_dump(by_alias=True, exclude_none=True)
    with pytest.raises(ValueError, match="vendor must be one of"):
        content_blocks("cohere", view)  # type: ignore[arg-type]


@pytest.mark.parametrize(("content", "kind"), [(png(), "png"), (GIF, "gif"), (WEBP, "webp"), (b"\xff\xd8\xff", "jpeg")])
def test_pictures_are_known_by_their_bytes(content: bytes, kind: str) -> None:
    """A picture is one whatever its name, up to the size that vendors take."""
    view = _file(content)
    fits = 5 * 2**20 // 4 * 3

    assert [picture.media_type for picture in view.pictures] == [f"image/{kind}"]
    assert len(_file(content + bytes(fits - len(content))).pictures) == 1
    larger = _file(content + bytes(fits - len(content) + 1))
    assert (larger.pictures, larger.complete) == ((), False)
    assert "too large" in larger.text


@pytest.mark.parametrize(
    "content", ["", "a", "ä" * 16_384, "\ufeffBOM\r\n\t", "漢字" * 5000], ids=["empty", "one", "32 KB", "BOM", "wide"]
)
def test_text_is_shown_whole(content: str) -> None:
    """Text up to the limits comes as it is."""
    view = _file(content.encode())

    assert view.complete
    assert view.text.endswith(content or "is empty.")


@pytest.mark.parametrize("content", ["a" * 32_769, "漢" * 11_000, "é😀" * 300_000, "x" * 29_999 + "é" * 300_000])
def test_longer_text_is_its_beginning_and_end(content: str) -> None:
    """Of longer text the beginning and the end are shown, cut between characters, with how to see the rest."""
    view = _file(content.encode())

    shown = view.text.split("\n", 1)[1]
    begin, _, rest = shown.partition("\n[The middle is left out here. ")
    note, _, end = rest.rpartition("]\n")
    assert content.startswith(begin)
    assert content.endswith(end)
    assert min(len(begin), len(end)) > 4000
    assert f"{len(content.encode()):,} bytes" in note
    assert "sed -n '200,400p' dir/f" in note
    assert len(view.text) <= limits.MODEL_CHARS
    assert not view.complete


@pytest.mark.parametrize(
    "content", [b"a\0b", b"\xff\xfe", b"\xc3", bytes(10**6), b"text" * 10**5 + b"\xff", "é".encode() * 10**6 + b"\xc3"]
)
def test_anything_else_is_named(content: bytes) -> None:
    """What is neither text nor a picture is named with its size, and with what to do next."""
    view = _file(content)

    assert f"{len(content):,} bytes" in view.text
    assert "execute_command" in view.text
    assert len(view.text) < 500


def test_odd_paths_are_quoted() -> None:
    """A command that the text suggests means the file, whatever its name is."""
    assert "sed -n '200,400p' 'a'\"'\"'b; rm -rf /'" in _file(b"x" * 40_000, file_path="a'b; rm -rf /").text
    assert len(_file(b"x" * 40_000, file_path="p" * 20_000).text) <= limits.MODEL_CHARS


def test_charts() -> None:
    """Charts are pictures; of their data and of any other artifact the model sees the beginning."""
    points = [[number, number] for number in range(101)]
    series = [{"label": "a", "points": points[:60]}, {"label": "b", "points": points}]
    long = {"stdout": "A" * 100_000, "charts": [_chart(elements=series), _chart(elements=points[:100])]}

    view = _run(result="", artifacts=long)

    assert len(view.pictures) == 2
    assert "(nothing was printed)" in view.text
    assert "the first 100 of 161 points are listed" in view.text
    assert "[39, 39]" in view.text
    assert len(view.text) < 8000
    assert "Other artifacts" in view.text


def test_many_charts() -> None:
    """A hundred charts are still one short answer, which names those that are not shown."""
    points = [[number * 1.1, number] for number in range(5000)]
    view = _run(result="x" * 50_000, artifacts={"charts": [_chart(elements=points) for _ in range(100)]})

    assert len(view.pictures) == limits.MODEL_PICTURES
    assert len(view.text) <= limits.MODEL_CHARS
    assert "Its picture is not shown" in view.text


@pytest.mark.parametrize(
    "artifacts",
    [
        {"charts": None}, {"charts": {"png": "x"}}, {"charts": [None, 1, {"png": 5}, {"png": "no base64"}]}, {},
        {"charts": [{"png": base64.b64encode(b"<svg>").decode(), "elements": "no list"}]},
        {"charts": [_chart(elements=[[[[[[[[[[[[1]]]]]]]]]]]])]},
        {"a": {str(number): "B" * 9000 for number in range(999)}},
        {"charts": [{**_chart(), "elements": [_chart(elements=[{"label": "x", "value": "1"}] * 500)]}]},
    ],
    ids=range(8),
)  # fmt: skip
def test_odd_artifacts(artifacts: dict[str, Any]) -> None:
    """Whatever the server gives as artifacts, the text stays short and without base64."""
    view = _run(result="done", artifacts=artifacts)

    case = Case("run_code", {}, lambda: None, picture=view.pictures[0].data if view.pictures else None)  # type: ignore[arg-type, return-value]
    check(case, view.text, [picture.data for picture in view.pictures])
    assert "done" in view.text


def test_files() -> None:
    """A directory is one line for each entry; a name with a line break stays in one."""
    files = [
        FileInfo("src", True, 4096, "drwxr-xr-x", "0755", "0", "0", "2026-11-25T10:00:00Z"),
        FileInfo("a\nb", False, 3),
    ]
    view = for_model("list_files", {"path": "dir"}, ListFilesOutput(True, files=files))

    assert view.text.splitlines()[1:] == ["drwxr-xr-x 0 4096 2026-11-25T10:00:00Z src/", '- - 3 - "a\\nb"']
    assert for_model("list_files", {}, ListFilesOutput(True)).text == '"." is empty.'


def test_sandboxes_that_do_not_fit() -> None:
    """As many as fit are shown, the number of the others is given, and the JSON alone says so too."""
    boxes = [SandboxSummary(f"{number:036}", "n" * 400, "started") for number in range(200)]
    view = for_model("list_sandboxes", {}, ListSandboxesOutput(True, sandboxes=boxes))

    assert view.document is not None
    shown = view.document["sandboxes"]
    jsonschema.validate(view.document, ACTIONS["list_sandboxes"].output_schema)
    assert f"{200 - len(shown) + 1} of them are left out" in view.text
    assert f"{200 - len(shown) + 1} of them are left out" in shown[-1]["error_reason"]
    assert len(json.dumps(view.document)) <= limits.MODEL_CHARS


def test_small_outputs_lose_nothing() -> None:
    """A sandbox is JSON without the fields that say nothing; its structured form is the output to the letter."""
    output = GetSandboxOutput(True, sandbox=SandboxSummary("a", "b", "started", labels={"k": "v"}))
    view = for_model("get_sandbox", {"sandbox_id": "a"}, output)

    assert json.loads(view.text)["sandbox"] == {"id": "a", "name": "b", "state": "started", "labels": {"k": "v"}}
    assert view.document == output.to_dict()
    assert view.complete


def test_huge_labels() -> None:
    """Labels of 100 KB are shortened, and the structured form keeps to its schema."""
    labels = {f"label-{number}": "v" * 1000 for number in range(100)}
    view = for_model("get_sandbox", {}, GetSandboxOutput(True, sandbox=SandboxSummary("a", labels=labels)))

    jsonschema.validate(view.document, ACTIONS["get_sandbox"].output_schema)
    assert max(len(view.text), len(json.dumps(view.document))) <= limits.MODEL_CHARS
    assert not view.complete


@pytest.mark.parametrize("result", ["\n" * 10**6, "\x01" * 10**6, 'é"\\' * 10**5, "x" * 30_000])
def test_results_fit_into_json_too(result: str) -> None:
    """A result is short as text and as JSON, where some characters are written as several."""
    view = for_model("execute_command", {}, ExecuteCommandOutput(True, exit_code=0, result=result))

    assert len(view.text) <= limits.MODEL_CHARS
    assert len(json.dumps(view.document, ensure_ascii=False)) <= limits.MODEL_CHARS
    assert view.document is not None
    assert view.document["result"] in view.text


def _failed(action: str, failure: Failure, **arguments: Any) -> str:
    view = for_model(action, {"sandbox_id": "box", **arguments}, ACTIONS[action].failed(failure))
    assert view.is_error
    assert view.document is not None
    assert (view.document["success"], view.document["error"]) == (False, view.text)
    return view.text


_INVALID = "HTTP 401: unauthorized: authentication failed: Bearer token is invalid"
_NOT_FOUND = "HTTP 404: Sandbox with ID or name box not found."


@pytest.mark.parametrize(
    ("action", "kind", "said"),
    [
        ("download_file", "not_found", "HTTP 404: file not found"),
        ("download_file", "not_found", "HTTP 404: not found: stat /sandbox/x: no such file or directory"),
        ("run_code", "not_running", "HTTP 404: not found: sandbox container not found: No such container: box"),
        ("run_code", "rate_limited", "HTTP 401: unauthorized: Bearer token validation error: Too Many Requests"),
        ("get_sandbox", "authentication", "HTTP 401: Invalid credentials"),
        ("git_clone", "authentication", "HTTP 401: unauthorized: authentication required"),
    ],
)
def test_other_refusals_do_not_deny_the_sandbox(action: str, kind: Any, said: str) -> None:
    """A refusal that is about a path, a key or a limit says nothing of the sandbox."""
    text = _failed(action, Failure(kind, f"{action} on sandbox 'box' failed: {said}", int(said[5:8])))

    assert "no sandbox" not in text


def test_failures() -> None:
    """A failure is its kind and its sentence, and says what helps."""
    plain = _failed("get_sandbox", Failure("server", "get_sandbox failed: HTTP 500: down.", 500))
    timeout = _failed("execute_command", Failure("timeout", "execute_command failed: HTTP 408: ...", 408), timeout=30)
    deadline = _failed("execute_command", Failure("timeout", "no complete answer within the deadline"))
    no_box = _failed("run_code", Failure("authentication", f"run_code on sandbox 'box' failed: {_INVALID}", 401))
    no_name = _failed("get_sandbox", Failure("not_found", f"get_sandbox on sandbox 'box' failed: {_NOT_FOUND}", 404))

    assert plain == "Error (server): get_sandbox failed: HTTP 500: down."
    assert "killed after 30 s and its output is lost" in timeout
    assert "larger timeout" in timeout
    assert "out.log" in timeout
    assert "killed" not in deadline
    assert no_box.startswith('Error (authentication): there is no sandbox with the ID "box" for this API key')
    assert no_box.index("get_sandbox turns a name into an ID") < no_box.index("HTTP 401")
    assert no_name.startswith('Error (not_found): there is no sandbox with the ID "box"')


def test_failure_from_json() -> None:
    """The JSON form of a failed output has no kind, and is worded all the same."""
    output = {"success": False, "error": "run_code failed: HTTP 408: request timeout."}
    view = for_model("run_code", {"timeout": 5}, output)

    assert view.text.startswith("Error: run_code failed")
    assert "killed after 5 s" in view.text


def test_note_comes_first() -> None:
    """A note, such as where the whole file is, comes first and counts."""
    output = ExecuteCommandOutput(True, exit_code=0, result="x" * 100_000)
    view = for_model("execute_command", {}, output, note="n" * 50_000)

    assert view.text.startswith("nnn")
    assert len(view.text) <= limits.MODEL_CHARS
