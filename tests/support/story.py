"""The demo's story, in which all twelve actions are called, run through whatever place takes plain JSON."""

import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias
from uuid import uuid4

import jsonschema

from daytona_facade import ACTIONS
from daytona_facade.demo import Step, story
from support.actions_by_place import record

Output: TypeAlias = dict[str, Any]


class StoryRun:
    """Gives the calls of the story one by one, as a scripted model needs them, and checks each output."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._steps = story(f"{place}-{uuid4().hex[:6]}")
        self._step: Step | None = None

    def after(self, output: Output | None) -> tuple[str, dict[str, Any]] | None:
        """Return the call that follows an output, the first after none; nothing at the end."""
        try:
            step = next(self._steps) if output is None else self._steps.send(self._checked(output))
            while not isinstance(step, Step):
                time.sleep(step / 5)
                step = next(self._steps)
        except StopIteration:
            return None
        self._step = step
        return step.action, step.arguments

    def _checked(self, output: Output) -> Output:
        assert self._step is not None
        action = self._step.action
        jsonschema.Draft202012Validator(ACTIONS[action].output_schema).validate(output)
        assert output["success"], output["error"]
        assert self._step.holds(output), (action, output)
        record(action, self._place)
        return output


def run_story(place: str, call: Callable[[str, dict[str, Any]], Output]) -> None:
    """Run the story through a call that blocks."""
    run = StoryRun(place)
    output = None
    while step := run.after(output):
        output = call(*step)


async def arun_story(place: str, call: Callable[[str, dict[str, Any]], Awaitable[Output]]) -> None:
    """Run the story through a call that is awaited."""
    run = StoryRun(place)
    output = None
    while step := run.after(output):
        output = await call(*step)
