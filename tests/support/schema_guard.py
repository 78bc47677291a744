"""A pytest plugin that holds every output made in this process to its schema, whoever makes it."""

from collections.abc import Generator
from typing import Any

import jsonschema_rs
import pytest

from daytona_facade.outputs import Output

CHECKED = {True: 0, False: 0}
"""How many successes and failures were checked."""
_FAULTS: list[str] = []
"""Kept, not raised: the code under test could catch an exception and hide the fault."""
_GUARDED: set[type[Output]] = set()


def pytest_configure() -> None:
    """Guard outputs from now on; Python cannot restore a class's own ``__new__``, so this stays."""
    Output.__new__ = _new  # type: ignore[method-assign, assignment]


def _new(cls: type[Output], *_args: Any, **_kwargs: Any) -> Output:
    # Each class has an __init__ of its own, and Python looks it up after this.
    for owner in cls.__mro__:
        if "__init__" in vars(owner) and issubclass(owner, Output) and owner not in _GUARDED:
            _guard(owner)
    return object.__new__(cls)


def _guard(owner: type[Output]) -> None:
    make: Any = owner.__init__

    def checked_init(self: Output, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        _check(self)

    owner.__init__ = checked_init  # type: ignore[method-assign]
    _GUARDED.add(owner)


_VALIDATORS: dict[type[Output], Any] = {}


def _check(output: Output) -> None:
    cls = type(output)
    try:
        if cls not in _VALIDATORS:
            _VALIDATORS[cls] = jsonschema_rs.Draft202012Validator(cls.json_schema())
        _VALIDATORS[cls].validate(output.to_dict())
        assert output.success == (output.error is None) == (output.failure is None), "success, error and failure differ"
    except Exception as exc:
        _FAULTS.append(f"{cls.__name__}: {exc!r}"[:500])
    else:
        CHECKED[output.success] += 1


def _take_faults() -> str:
    faults = "\n".join(_FAULTS[:20])
    _FAULTS.clear()
    return faults and f"outputs that do not meet their schemas:\n{faults}"


@pytest.hookimpl(wrapper=True)
def _fail_on_faults() -> Generator[None, Any, Any]:
    """Fail what made a bad output, even where nobody looked at it."""
    try:
        result = yield
    except BaseException as exc:
        if faults := _take_faults():
            exc.add_note(faults)
        raise
    if faults := _take_faults():
        pytest.fail(faults, pytrace=False)
    return result


pytest_runtest_setup = pytest_runtest_call = pytest_runtest_teardown = _fail_on_faults


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many outputs were checked."""
    terminalreporter.write_line(
        f"{CHECKED[True]:,} successes and {CHECKED[False]:,} failures of actions met their schemas in this process"
    )
