"""The charts of a program: pictures and data, found in the artifacts of ``run_code``."""

import base64
import binascii
import html
import os
from collections.abc import Iterator
from typing import Any

import attrs

_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}


@attrs.frozen
class Chart:
    """One chart that a program showed."""

    title: str | None
    type: str | None
    """Daytona's word for it: ``line``, ``scatter``, ``bar``, ``pie``, ..."""
    png: bytes = attrs.field(repr=False)
    """The picture; empty if the server sent none."""

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture to a file of this machine; raises ``OSError``."""
        with open(path, "wb") as file:
            file.write(self.png)

    def _repr_png_(self) -> bytes | None:
        """Return what a notebook shows."""
        return self.png or None


def charts_of(artifacts: Any) -> list[Chart]:
    """Find the charts among the artifacts of a run."""
    return [
        Chart(_string(chart.get("title")), _string(chart.get("type")), picture(chart.get("png")))
        for chart in chart_objects(artifacts)
    ]


def chart_objects(artifacts: Any) -> Iterator[dict[str, Any]]:
    """Yield the charts as the server gives them."""
    charts = artifacts.get("charts") if isinstance(artifacts, dict) else None
    for chart in charts if isinstance(charts, list) else []:
        if isinstance(chart, dict):
            yield chart


def notebook_bundle(head: str, printed: str, charts: list[Chart]) -> dict[str, Any]:
    """Return a run by MIME type; a value has one picture at most, so more than one make a page."""
    pictures = [base64.b64encode(chart.png).decode() for chart in charts if chart.png]
    bundle: dict[str, Any] = {"text/plain": f"{head}\n{printed}".rstrip()}
    if len(pictures) == 1:
        bundle["image/png"] = pictures[0]
    elif pictures:
        images = "".join(f'<img src="data:image/png;base64,{data}">' for data in pictures)
        bundle["text/html"] = f"<pre>{html.escape(bundle['text/plain'])}</pre>{images}"
    return bundle


def picture(text: Any) -> bytes:
    """Decode a picture in base64; anything else is none."""
    try:
        content = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        return b""
    return content if media_type(content) else b""


def media_type(content: bytes) -> str | None:
    """Tell the type of a picture that models take by its first bytes."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for signature, kind in _SIGNATURES.items() if content.startswith(signature)), None)


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None
