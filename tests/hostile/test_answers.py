"""Every hostile answer that well-formed HTTP can carry, to all twelve actions, sync and async."""

import logging
import os
import time
from collections.abc import Iterator

import pytest

from hostile import answers
from hostile.canaries import leaks
from hostile.runs import Records, against_mock


@pytest.fixture
def records() -> Iterator[Records]:
    """Record what the library logs."""
    logger, kept = logging.getLogger("daytona_facade"), Records()
    level = logger.level
    logger.addHandler(kept)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    yield kept
    logger.propagate = True
    logger.setLevel(level)
    logger.removeHandler(kept)


_CORPORA = {
    "statuses": lambda: answers.statuses(all_of_them=os.environ.get("HOSTILE") == "all"),
    "fields": answers.fields,
    "wholes": answers.wholes,
    "echoes": answers.echoes,
}


@pytest.mark.parametrize("corpus", _CORPORA)
def test_no_answer_raises_hangs_leaks_or_lies(
    corpus: str, records: Records, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each answer yields a valid output, the same for sync and async, and no secret shows anywhere."""
    named = list(_CORPORA[corpus]())
    started = time.monotonic()

    calls, wrong = against_mock(named)

    with capsys.disabled():
        print(f"\nhostile {corpus}: {len(named)} answers, {calls} calls, {time.monotonic() - started:.1f} s")
    assert len(named) == len({answer.name for answer in named})
    assert sum(2 * len(tuple(answer.actions)) for answer in named) == calls
    assert not wrong, "\n".join(wrong[:20])
    assert leaks(*records.lines) == []
