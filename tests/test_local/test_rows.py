"""Every row of Daytona's behaviour has a test that proves it."""

import importlib
from pathlib import Path

from test_local.rows import NOT_SERVED, every_row


def test_every_row_has_a_test() -> None:
    """The marks of the tests cover the list, row for row; no row is proven and excused at once."""
    modules = [importlib.import_module(f"test_local.{path.stem}") for path in Path(__file__).parent.glob("test_*.py")]
    marked = {row for module in modules for test in vars(module).values() for row in getattr(test, "wire_rows", ())}

    assert set(every_row()) - marked == set()
    assert set(every_row()) & set(NOT_SERVED) == set()
    assert len(every_row()) == len(set(every_row()))
