"""The reader of base64 against Python's own, over all wrappings, with both codecs."""

import base64
import random

import pytest

from daytona_facade.actions import base64_stream
from daytona_facade.actions.base64_stream import Base64Reader, decoded_size
from daytona_facade.errors import DaytonaError

CASES = 10_000
_WHITE = " \t\r\n\f\v"


@pytest.fixture(params=["pybase64", "binascii"])
def codec(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Use the codec of the extra ``fast``, then the standard library's."""
    if request.param == "pybase64":
        pytest.importorskip("pybase64", reason="the extra fast is not installed")
    else:
        monkeypatch.setattr(base64_stream, "pybase64", None)
    return str(request.param)


def _wrapped(text: str, dice: random.Random) -> str:
    """Put white space anywhere: none, a few characters, or lines of any length."""
    style = dice.randrange(4)
    if style == 0:
        return text
    if style == 1:
        width = dice.randrange(1, 90)
        lines = [text[start : start + width] for start in range(0, len(text), width)]
        return dice.choice(["\n", "\r\n", "\n "]).join(lines) + dice.choice(["", "\n"])
    characters = list(text)
    for _ in range(dice.randrange(1, 5) if style == 2 else dice.randrange(1, 40)):
        characters.insert(dice.randrange(len(characters) + 1), dice.choice(_WHITE))
    return "".join(characters)


def test_reads_what_python_reads(codec: str) -> None:
    """Whatever the wrapping and the size of the reads, the bytes are those of ``base64.b64decode``."""
    dice = random.Random(16)
    for case in range(CASES):
        content = dice.randbytes(dice.choice([0, 1, 2, 3, 4, dice.randrange(300), dice.randrange(2000)]))
        text = _wrapped(base64.b64encode(content).decode(), dice)
        size = decoded_size(text, "content")
        reader = Base64Reader(text, size)
        step = dice.choice([-1, 1, 3, 4, 57, 1000, 65_536])
        read = b"".join(iter(lambda reader=reader, step=step: reader.read(step), b""))  # type: ignore[misc]

        assert (size, read) == (len(content), base64.b64decode(text)), (codec, case, text)
        reader.seek(0)
        assert reader.read() == content


@pytest.mark.parametrize("text", ["aGVs\n", "\naGVs", "aGVs \n ", "a\nGVs", "aGk=\n", "aGk\n=", "aA\n==", "\n", "   "])
def test_few_white_characters(codec: str, text: str) -> None:
    """One to three of them are wrapping like any other."""
    assert Base64Reader(text, decoded_size(text, "content")).read() == base64.b64decode(text)


@pytest.mark.parametrize("white", ["\n", " ", "\r\n"])
def test_one_break_in_64_kb(codec: str, white: str) -> None:
    """A break inside, at or after the edge of a slice is taken out."""
    content = random.Random(1).randbytes(49_152)
    text = base64.b64encode(content).decode()
    for place in (1, 32_768, 65_535, 65_536):
        broken = text[:place] + white + text[place:]
        assert Base64Reader(broken, decoded_size(broken, "content")).read() == content


@pytest.mark.parametrize("text", ["aGV", "aGVs\n=", "=aGV", "a=GV", "aGk=aGk=", "aGVs!", "aGVé", "aGVs-_=="])
def test_what_is_not_base64_is_refused(codec: str, text: str) -> None:
    """The check comes before the first byte is read."""
    with pytest.raises(DaytonaError, match="base64"):
        decoded_size(text, "content")
