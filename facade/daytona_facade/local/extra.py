"""The check that the optional dependencies of the backend are installed."""

from importlib.util import find_spec

_NEEDED = ("starlette", "uvicorn", "python_multipart")


def require_extra() -> None:
    """Raise ImportError, with the command that helps, when the extra ``local`` is not installed."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise ImportError(
            f"The local backend needs {', '.join(missing)}, which is not installed. "
            "Run: pip install 'daytona-facade[local]'"
        )
