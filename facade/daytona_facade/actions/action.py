"""What an action is, and the register of all of them."""

from collections.abc import Callable, Coroutine, Iterator, Mapping
from functools import cached_property, partial
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, cast

import attrs
import httpx

from .._engine.calls import Exchanges, Operation, Steps
from .._engine.perform import perform
from .._engine.settings import Session, Settings
from .._transport.drivers import amethod, arun, method, run
from ..errors import Failure
from ..outputs import Output
from . import parameters, signatures
from .secret_arguments import find_secrets

P = ParamSpec("P")
Out = TypeVar("Out", bound=Output)


class SyncClient(Protocol):
    """What an action needs of a client to run in a thread."""

    session: Session
    transport: httpx.BaseTransport | None


class AsyncClient(Protocol):
    """What an action needs of a client to run in a task."""

    session: Session
    transport: httpx.AsyncBaseTransport | None


@attrs.frozen(slots=False, eq=False, repr=False)
class Action(Generic[P, Out]):
    """One action: its parameters, its output, and how it runs, sync and async."""

    steps: Callable[P, Steps[Out]]
    output: type[Out]
    deadline_s: Callable[[Mapping[str, Any]], float]
    """Returns the default deadline in seconds for checked arguments."""
    read_only: bool = False
    """Nothing in Daytona changes."""
    destructive: bool = False
    """Something may be lost."""
    idempotent: bool = False
    """Doing it twice has the same effect as doing it once."""

    def __reduce__(self) -> str | tuple[Any, ...]:
        """Pickle by name: an action of the register is the same one wherever it is unpickled."""
        return (_registered, (self.name,)) if ACTIONS.get(self.name) is self else super().__reduce__()

    @cached_property
    def name(self) -> str:
        """Daytona's verb and noun, the same string everywhere."""
        return str(getattr(self.steps, "__name__", ""))

    @cached_property
    def title(self) -> str:
        """The name for a person to read."""
        return self.name.replace("_", " ").capitalize()

    @cached_property
    def summary(self) -> str:
        """The first sentence of the description."""
        return self.description.partition("\n")[0]

    @cached_property
    def description(self) -> str:
        """What it does, units, limits, and what a failure looks like."""
        return signatures.read_description(self.steps)

    @cached_property
    def parameters(self) -> tuple[parameters.Parameter, ...]:
        """Its parameters, in order."""
        return signatures.read_parameters(self.steps)

    @cached_property
    def input_schema(self) -> dict[str, Any]:
        """The JSON Schema of its arguments."""
        return signatures.input_schema(self.parameters)

    @cached_property
    def output_schema(self) -> dict[str, Any]:
        """The JSON Schema of its output's ``to_dict()``."""
        return self.output.json_schema()

    @cached_property
    def perform(self) -> Callable[[Session, tuple[Any, ...], Mapping[str, Any]], Exchanges[Out]]:
        """Starts it for a session and arguments; a driver carries out what it yields."""
        # Pyright does not accept a ``cached_property`` where a protocol has a property.
        return partial(perform, cast(Operation[Out], self))

    def run(self, client: SyncClient, /, *args: P.args, **kwargs: P.kwargs) -> Out:
        """Run it with a ``Daytona``."""
        return run(self.perform(client.session, args, kwargs), client.transport)

    async def arun(self, client: AsyncClient, /, *args: P.args, **kwargs: P.kwargs) -> Out:
        """Run it with an ``AsyncDaytona``."""
        return await arun(self.perform(client.session, args, kwargs), client.transport)

    def method(self) -> Callable[Concatenate[Any, P], Out]:
        """Return the method of ``Daytona``: same name, signature and docstring."""
        made = method(self.perform)
        signatures.copy_metadata(self.steps, made, self.output)
        return made

    def amethod(self) -> Callable[Concatenate[Any, P], Coroutine[Any, Any, Out]]:
        """Return the method of ``AsyncDaytona``."""
        made = amethod(self.perform)
        signatures.copy_metadata(self.steps, made, self.output)
        return made

    def bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Map arguments to parameter names without checking them."""
        names = (parameter.name for parameter in self.parameters)
        return {**dict(zip(names, args, strict=False)), **kwargs}

    @cached_property
    def validate(self) -> Callable[[tuple[Any, ...], Mapping[str, Any], Settings], dict[str, Any]]:
        """Checks arguments and adds the defaults, or raises ``invalid_input`` with the parameter's name."""
        return partial(parameters.validate, self.name, self.parameters)

    def secrets(self, arguments: Mapping[str, Any]) -> Iterator[str]:
        """Find the secrets among the arguments."""
        return find_secrets(self.parameters, arguments)

    def failed(self, failure: Failure) -> Out:
        """Return the output of a failure."""
        return self.output(success=False, error=failure.message, failure=failure)


ACTIONS: dict[str, Action[..., Output]] = {}
"""Every action by its name. Tool schemas, the command line and the MCP server are derived from it."""


def _registered(name: str) -> Action[..., Output]:
    return ACTIONS[name]


def action(
    output: type[Out],
    *,
    deadline_s: float | Callable[[Mapping[str, Any]], float],
    read_only: bool = False,
    destructive: bool = False,
    idempotent: bool = False,
    listed: bool = True,
) -> Callable[[Callable[P, Steps[Out]]], Action[P, Out]]:
    """Make an action of a generator function, and register it unless ``listed`` is false."""
    deadline = deadline_s if callable(deadline_s) else lambda _: deadline_s

    def register(steps: Callable[P, Steps[Out]]) -> Action[P, Out]:
        made = Action(steps, output, deadline, read_only, destructive, idempotent)
        if listed:
            ACTIONS[made.name] = cast(Action[..., Output], made)
        return made

    return register
