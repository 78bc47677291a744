"""The twelve outputs: frozen values whose JSON form is fixed by each class's ``json_schema()``."""

from typing import Any, Self

import attrs

from ._charts import Chart, charts_of, notebook_bundle
from ._json_schema import output_schema, to_json
from .errors import DaytonaError, Failure


class _Value:
    """Compared, hashed and written by its fields: attrs would compile the same for each class at import."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return _values(self) == _values(other) if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(_values(self))

    def __repr__(self) -> str:
        cls: Any = type(self)
        shown = [field.name for field in attrs.fields(cls) if field.repr]
        return f"{cls.__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"


def _values(value: Any) -> tuple[Any, ...]:
    return tuple(getattr(value, field.name) for field in attrs.fields(type(value)))


@attrs.frozen(eq=False, repr=False)
class SandboxSummary(_Value):
    """The facts about one sandbox that every lifecycle action reports."""

    id: str | None = None
    name: str | None = None
    state: str | None = None
    """Daytona's word for it (``started``, ``stopped``, ...); an open set, new words pass through."""
    snapshot: str | None = None
    target: str | None = None
    cpu: int | None = None
    """Cores."""
    gpu: int | None = None
    memory: int | None = None
    """GB."""
    disk: int | None = None
    """GB."""
    labels: dict[str, Any] = attrs.field(factory=dict)
    public: bool | None = None
    error_reason: str | None = None
    auto_stop_interval: int | None = None
    """Minutes; 0 never stops."""
    created_at: str | None = None
    """ISO 8601, UTC."""
    updated_at: str | None = None
    """ISO 8601, UTC."""


@attrs.frozen(eq=False, repr=False)
class FileInfo(_Value):
    """One entry of a directory, as ``list_files`` reports it."""

    name: str | None = None
    is_dir: bool | None = None
    size: int | None = None
    """Bytes."""
    mode: str | None = None
    """As Go writes it: ``-rw-r--r--``."""
    permissions: str | None = None
    """Octal digits: ``0644``."""
    owner: str | None = None
    group: str | None = None
    modified_at: str | None = None
    """ISO 8601, UTC."""


@attrs.frozen(eq=False, repr=False)
class Output(_Value):
    """What every action returns: whether it worked, and if not, why."""

    success: bool
    error: str | None = None
    failure: Failure | None = attrs.field(default=None, kw_only=True, metadata={"json": False})
    """The error for a program to act on; not part of the JSON form."""

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form, valid against ``json_schema()``."""
        document: dict[str, Any] = to_json(self)
        return document

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return the JSON Schema of ``to_dict()``."""
        return output_schema(cls)

    def raise_for_failure(self) -> Self:
        """Return the output itself when it is a success; raise ``DaytonaError`` otherwise."""
        if self.failure is not None:
            raise DaytonaError(self.failure)
        return self


@attrs.frozen(eq=False, repr=False)
class SandboxOutput(Output):
    """What an action on one sandbox returns."""

    sandbox: SandboxSummary | None = None


class CreateSandboxOutput(SandboxOutput):
    __slots__ = ()


@attrs.frozen(eq=False, repr=False)
class RunCodeOutput(Output):
    exit_code: int | None = None
    """The program's own; anything but 0 is still ``success=True``: the action worked."""
    result: str | None = attrs.field(default=None, repr=False)
    """Standard output and error, interleaved."""
    artifacts: dict[str, Any] | None = attrs.field(default=None, repr=False)
    """Charts that the program drew, as the server gives them."""

    @property
    def charts(self) -> list[Chart]:
        """The charts that the program showed, each with its picture as bytes."""
        return charts_of(self.artifacts)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return what a notebook shows: the repr, what the program printed, and its charts."""
        return notebook_bundle(repr(self), self.result or "", self.charts)


@attrs.frozen(eq=False, repr=False)
class ExecuteCommandOutput(Output):
    exit_code: int | None = None
    """The command's own; anything but 0 is still ``success=True``: the action worked."""
    result: str | None = attrs.field(default=None, repr=False)
    """Standard output and error, interleaved."""


@attrs.frozen(eq=False, repr=False)
class UploadFileOutput(Output):
    uploaded_path: str | None = None
    name: str | None = None
    size: int | None = None
    """Bytes."""


@attrs.frozen(eq=False, repr=False)
class DownloadFileOutput(Output):
    name: str | None = None
    mime_type: str | None = None
    """Guessed from the name; ``application/octet-stream`` when unknown."""
    size: int | None = None
    """Bytes."""
    content_base64: str | None = attrs.field(default=None, repr=False)


@attrs.frozen(eq=False, repr=False)
class ListFilesOutput(Output):
    files: list[FileInfo] = attrs.field(factory=list)


@attrs.frozen(eq=False, repr=False)
class GitCloneOutput(Output):
    repo_url: str | None = None
    """The repository's URL, without credentials."""
    clone_path: str | None = None


@attrs.frozen(eq=False, repr=False)
class ListSandboxesOutput(Output):
    sandboxes: list[SandboxSummary] = attrs.field(factory=list)
    next_cursor: str | None = None
    """Give it as ``cursor`` for the next page; none on the last."""


class GetSandboxOutput(SandboxOutput):
    __slots__ = ()


class StartSandboxOutput(SandboxOutput):
    __slots__ = ()


class StopSandboxOutput(SandboxOutput):
    __slots__ = ()


class DeleteSandboxOutput(SandboxOutput):
    __slots__ = ()
