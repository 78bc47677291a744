"""What a tool answers: content that every host shows its model, and JSON where that says the same."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mcp_types import CallToolResult, ContentBlock, ImageContent, ResourceLink, TextContent

from .. import limits
from ..actions import ACTIONS
from ..errors import Failure
from ..outputs import Output
from ..tools import ModelView, content_blocks, for_model
from . import resources

CONTENT_ONLY = frozenset({"run_code", "download_file", "list_files"})
"""Their answers hold more than their JSON, and many hosts show a model the JSON alone where there is any."""

_LINKS_SINCE = "2025-06-18"
"""Clients of an older protocol cannot read a result with a link in it."""


class Answers:
    """Makes results of outputs, as the server was told to."""

    def __init__(self, downloads: Path | None, structured_content: bool) -> None:
        self._downloads = downloads
        self._structured_content = structured_content

    async def make(self, name: str, arguments: Mapping[str, Any], output: Output, protocol: str) -> CallToolResult:
        """Make the result of a call."""
        if self._structured_content:
            output = _bounded(name, output)
        view = for_model(name, arguments, output)
        links: list[ResourceLink] = []
        if name == resources.DOWNLOAD and not view.is_error and not view.complete:
            try:
                view, links = await self._link(name, arguments, output)
            except OSError as exc:
                output = resources.unsaved(exc)
                view = for_model(name, arguments, output)
        return CallToolResult(
            content=[*_content(view), *(links if protocol >= _LINKS_SINCE else [])],
            structured_content=self._structured(name, output, view),
            is_error=view.is_error,
        )

    async def _link(
        self, name: str, arguments: Mapping[str, Any], output: Output
    ) -> tuple[ModelView, list[ResourceLink]]:
        """Link to a file that is not shown whole; not every host shows a link, so the text names it first."""
        document = output.to_dict()
        if self._downloads is not None:
            link = await resources.saved(self._downloads, arguments, document)
            note = f"The whole file was saved on the server's machine as {link.uri}"
        elif document["size"] <= limits.MCP_MESSAGE_BYTES:
            link = resources.resource_link(arguments, document)
            note = f"The whole file can be read as the resource {link.uri}"
        else:
            return for_model(name, arguments, output), []
        return for_model(name, arguments, output, note), [link]

    def _structured(self, name: str, output: Output, view: ModelView) -> dict[str, Any] | None:
        if self._structured_content:
            return output.to_dict()
        return None if name in CONTENT_ONLY else view.document


def _content(view: ModelView) -> list[ContentBlock]:
    text, *pictures = content_blocks("mcp", view)
    return [TextContent.model_validate(text), *map(ImageContent.model_validate, pictures)]


def _bounded(name: str, output: Output) -> Output:
    """Replace an output that no message can carry whole by a failure that says so."""
    document = output.to_dict()
    texts = sum(len(value) for value in document.values() if isinstance(value, str))
    most = limits.MCP_MESSAGE_BYTES * 4 // 3 + 10_000
    if texts <= most and len(json.dumps(document)) <= most:
        return output
    message = (
        f"{name} worked, but its output is larger than one message may be ({limits.MCP_MESSAGE_BYTES:,} bytes): "
        "look at parts of it with execute_command."
    )
    failed: Output = ACTIONS[name].failed(Failure("too_large", message, sent=True))
    return failed
