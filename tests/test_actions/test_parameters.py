"""Every parameter of every action takes any Python value without an exception, and what is refused is never sent."""

import enum
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daytona_facade import ACTIONS, AsyncDaytona, Daytona
from hostile.canaries import CALLS, KEY
from support.callers import MockServer, checked

_API = "http://api.invalid/api"


class Hostile(str):
    """A text whose methods raise."""

    __slots__ = ()

    def strip(self, *_: Any) -> Any:
        raise ZeroDivisionError

    isascii = encode = __str__ = __len__ = __repr__ = strip  # type: ignore[assignment]


class Liar(Mapping[str, str]):
    """A map that raises."""

    def __getitem__(self, key: str) -> str:
        raise ZeroDivisionError

    def __iter__(self) -> Iterator[str]:
        raise ZeroDivisionError

    def __len__(self) -> int:
        raise ZeroDivisionError


class Level(enum.IntEnum):
    LOW = 3


class Odd:
    def __eq__(self, other: object) -> bool:
        raise ZeroDivisionError

    def __bool__(self) -> bool:
        raise ZeroDivisionError

    __hash__ = None  # type: ignore[assignment]


_TEXTS = st.text() | st.sampled_from(
    [
        "",
        " ",
        ".",
        "..",
        " .. ",
        "a\0b",
        "\ud800",
        "\n",
        "%2e%2e",
        "../x",
        "x" * 70_000,
        "ü" * 30_000,
        "👻",
        "a/b?c#d",
        "\r\nX: y",
    ]
)
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(2**63), 2**32 - 1, float("inf"), float("nan"), 2.0, 1j, Level.LOW, Odd(), Liar()])
    | st.floats()
    | st.binary()
    | _TEXTS
    | _TEXTS.map(Hostile)
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(_TEXTS, inner) | st.dictionaries(st.integers(), inner),
    max_leaves=5,
)
_MAPS = st.dictionaries(_TEXTS, _TEXTS).flatmap(
    lambda made: st.sampled_from([made, OrderedDict(made), MappingProxyType(made)])
)


@pytest.fixture(scope="module")
def server() -> MockServer:
    """Answer everything with an empty object and remember it."""
    return MockServer(httpx.Response(200, content=b'{"id": "x", "exitCode": 0, "items": []}'))


@pytest.mark.slow
@pytest.mark.parametrize("action", CALLS)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_value_of_any_parameter(action: str, server: MockServer, data: st.DataObject) -> None:
    """No value raises; a rejected value is ``invalid_input``, names its parameter, and sends nothing."""
    names = [parameter.name for parameter in ACTIONS[action].parameters]
    odd = data.draw(st.dictionaries(st.sampled_from(names), _VALUES | _MAPS, min_size=1, max_size=3))
    client = Daytona(KEY, api_url=_API, toolbox_url=_API, transport=server.transport, retries=0)
    server.requests.clear()

    output = checked(action, getattr(client, action)(**{**CALLS[action], **odd}))

    if output.failure and output.failure.kind == "invalid_input":
        assert any(name in output.error for name in odd), output.error
        assert not output.failure.sent
        assert server.requests == []
    else:
        assert len(server.requests) == 1, output.error


@pytest.mark.parametrize("action", CALLS)
def test_wrong_shapes_of_a_call(action: str, server: MockServer) -> None:
    """Surplus, unknown, repeated and missing arguments are failures that name them."""
    call = getattr(Daytona(KEY, api_url=_API, toolbox_url=_API, transport=server.transport), action)
    server.requests.clear()

    many = call(*range(30))
    unknown = call(**CALLS[action], colour="red")
    first = next(iter(CALLS[action]))
    twice = call(*([None] * 9), **CALLS[action]) if len(ACTIONS[action].parameters) > 9 else call("x", **{first: "x"})

    assert [output.failure.kind for output in (many, unknown, twice)] == ["invalid_input"] * 3
    assert "colour" in unknown.error
    if ACTIONS[action].parameters[0].required:
        assert "sandbox_id" in call().error
    assert server.requests == []


async def test_async_takes_any_value_as_well(server: MockServer) -> None:
    """The async client runs the same checks: one bad value of each kind is rejected."""
    client: Any = AsyncDaytona(KEY, api_url=_API, toolbox_url=_API, transport=server.transport)
    server.requests.clear()

    outputs = [await client.get_sandbox(value) for value in (None, 7, "", "..", Hostile("x" * 9), Odd(), "\ud800")]

    assert sum(output.success for output in outputs) == 1
    assert len(server.requests) == 1


@pytest.mark.parametrize("timeout", [2**32 - 1, 2**22])
def test_the_longest_timeout_is_a_timeout(timeout: int, local_backend: Any) -> None:
    """A timeout of a century does not overflow the operating system's timers."""
    options = {"api_url": local_backend.api_url, "toolbox_url": local_backend.toolbox_url}

    output = Daytona(local_backend.api_key, **options).execute_command("no-such", "true", timeout=timeout)

    assert output.failure is not None
    assert output.failure.status_code is not None, output.error


def test_nothing_can_be_added_to_a_header(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key or organization with a line break is refused when the client is made."""
    for bad in ("a\r\nX-Evil: 1", "a b", "schlüssel", "a\0"):
        with pytest.raises(ValueError, match="key"):
            Daytona(bad)
        with pytest.raises(ValueError, match="ID"):
            Daytona(KEY, organization_id=bad.replace(" ", "\n"))
