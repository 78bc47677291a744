"""Daytona's operations by method and path, those that this backend does not serve included."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Generic, Literal, TypeVar
from urllib.parse import unquote

import attrs

T = TypeVar("T")
_ANY_REST = "**"


@attrs.frozen
class UnservedOperation:
    """An operation that Daytona has and the local backend has not."""

    name: str
    method: str
    path: str

    @property
    def message(self) -> str:
        """The sentence for whoever calls it."""
        where = self.path if self.method == "*" else f"{self.method} {self.path}"
        return f"{self.name} ({where}) is not served by the local backend"


@attrs.frozen
class _Entry(Generic[T]):
    method: str
    template: tuple[str, ...]
    target: T

    def match(self, method: str, segments: list[str]) -> dict[str, str] | None:
        template = self.template
        if self.method not in (method, "*"):
            return None
        if template[-1:] == (_ANY_REST,):
            template = template[:-1]
            segments = segments[: len(template)]
        if len(template) != len(segments):
            return None
        parameters = {}
        for expected, segment in zip(template, segments, strict=True):
            if expected.startswith("{") and segment:
                parameters[expected[1:-1]] = segment
            elif expected.lower() != segment.lower():
                return None
        return parameters


class OperationTable(Generic[T]):
    """Finds the operation that a request means; a literal segment wins over a parameter."""

    def __init__(self, operations: Iterable[tuple[str, str, T]]) -> None:
        entries = [_Entry(method, tuple(path.strip("/").split("/")), target) for method, path, target in operations]
        self._entries = sorted(
            entries, key=lambda entry: [segment.startswith(("{", "*")) for segment in entry.template]
        )

    def find(self, method: str, segments: list[str]) -> tuple[T, dict[str, str]] | None:
        """Return the target and the path's parameters, or ``None``."""
        for entry in self._entries:
            parameters = entry.match("GET" if method == "HEAD" else method, segments)
            if parameters is not None:
                return entry.target, parameters
        return None


def path_segments(raw_path: bytes) -> list[str]:
    """Split a path as it was sent and decode each segment, so that an encoded slash stays inside its segment."""
    path = raw_path.partition(b"?")[0].decode("latin-1").strip("/")
    return [unquote(segment, errors="replace") for segment in path.split("/")]


@cache
def unserved_operations(api: Literal["rest", "toolbox"]) -> list[UnservedOperation]:
    """Return what one of Daytona's APIs has and this backend does not serve."""
    text = Path(__file__).with_name("unserved_operations.txt").read_text(encoding="utf-8")
    rows = [line.split(" ") for line in text.splitlines() if line.startswith(f"{api} ")]
    return [UnservedOperation(name, method, path) for _, method, path, name in rows]
