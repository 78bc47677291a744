"""Hold every output of every action in the whole run to its schema, whoever calls it."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from daytona_facade.outputs import Output
from daytona_facade.registry import Action

CHECKED: dict[bool, int] = {True: 0, False: 0}
"""How many outputs were held to their schema, successes and failures."""
_VALIDATORS: dict[type[Output], Any] = {}


def hold(output: Output) -> Output:
    """Return a valid output; raise for any other."""
    cls = type(output)
    if cls not in _VALIDATORS:
        _VALIDATORS[cls] = jsonschema_rs.Draft202012Validator(cls.json_schema())
    _VALIDATORS[cls].validate(output.to_dict())
    assert output.success == (output.error is None) == (output.failure is None)
    CHECKED[output.success] += 1
    return output


@pytest.fixture(autouse=True, scope="session")
def every_output_meets_its_schema() -> Iterator[None]:
    """Look at what every action returns, between the action and its caller."""
    run, arun = Action.run, Action.arun

    def checked_run(self: Any, client: Any, /, *args: Any, **kwargs: Any) -> Any:
        return hold(run(self, client, *args, **kwargs))

    async def checked_arun(self: Any, client: Any, /, *args: Any, **kwargs: Any) -> Any:
        return hold(await arun(self, client, *args, **kwargs))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Action, "run", checked_run)
        patch.setattr(Action, "arun", checked_arun)
        yield


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print how many outputs were looked at."""
    terminalreporter.write_line(
        f"{CHECKED[True]:,} successes and {CHECKED[False]:,} failures of actions met their schemas in this process"
    )
