"""What an action is, and the register of all of them."""

import inspect
from collections.abc import Callable, Coroutine, Iterator, Mapping
from functools import cached_property
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, get_args

import attrs
import httpx

from . import confidential, inputs
from .drivers import arun, run
from .exchange import Session, perform
from .failures import Failure, invalid
from .orders import Orders
from .outputs import Output
from .settings import Settings
from .steps import Steps

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
    """One action: what it takes, what it returns, and how it runs, sync and async."""

    steps: Callable[P, Steps[Out]]
    output: type[Out]
    deadline_s: Callable[[Mapping[str, Any]], float]
    """The default deadline in seconds, from the accepted arguments."""
    read_only: bool = False
    """Nothing in Daytona is changed."""
    destructive: bool = False
    """Something may be lost."""
    idempotent: bool = False
    """Doing it twice is doing it once."""

    @cached_property
    def name(self) -> str:
        """Daytona's verb and noun: the same string in every place."""
        return str(getattr(self.steps, "__name__", ""))

    @cached_property
    def title(self) -> str:
        """The name for a person to read."""
        return self.name.replace("_", " ").capitalize()

    @cached_property
    def summary(self) -> str:
        """One sentence."""
        return self.description.partition("\n")[0]

    @cached_property
    def description(self) -> str:
        """The summary, then units, limits, and what a failure looks like."""
        return inputs.prose((inspect.getdoc(self.steps) or "").partition("\nArgs:\n")[0])

    @cached_property
    def parameters(self) -> tuple[inputs.Parameter, ...]:
        """What it takes, in order."""
        return inputs.parameters(self.steps)

    @cached_property
    def input_schema(self) -> dict[str, Any]:
        """The JSON Schema of its arguments."""
        return inputs.schema(self.parameters)

    @cached_property
    def output_schema(self) -> dict[str, Any]:
        """The JSON Schema of its output's ``to_dict()``."""
        return self.output.json_schema()

    def run(self, client: SyncClient, /, *args: P.args, **kwargs: P.kwargs) -> Out:
        """Run it with a ``Daytona``."""
        return run(perform(self, client.session, args, kwargs), client.transport)

    async def arun(self, client: AsyncClient, /, *args: P.args, **kwargs: P.kwargs) -> Out:
        """Run it with an ``AsyncDaytona``."""
        return await arun(perform(self, client.session, args, kwargs), client.transport)

    def method(self) -> Callable[Concatenate[Any, P], Out]:
        """Make the method of ``Daytona``: same name, signature and docstring."""

        def method(client: Any, /, *args: P.args, **kwargs: P.kwargs) -> Out:
            return self.run(client, *args, **kwargs)

        self._dress(method)
        return method

    def amethod(self) -> Callable[Concatenate[Any, P], Coroutine[Any, Any, Out]]:
        """Make the method of ``AsyncDaytona``."""

        async def method(client: Any, /, *args: P.args, **kwargs: P.kwargs) -> Out:
            return await self.arun(client, *args, **kwargs)

        self._dress(method)
        return method

    def named(self, args: tuple[Any, ...], given: Mapping[str, Any]) -> dict[str, Any]:
        """Give every argument its name, right or wrong as it may be."""
        return {**dict(zip((parameter.name for parameter in self.parameters), args, strict=False)), **given}

    def accepted(self, args: tuple[Any, ...], given: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
        """Check the arguments and fill in the defaults, or raise ``invalid_input`` with the parameter's name."""
        names = [parameter.name for parameter in self.parameters]
        if len(args) > len(names):
            raise invalid(self.name, f"takes {len(names)} arguments, not {len(args)}")
        for name in given:
            if name not in names:
                raise invalid(str(name), f"is no parameter of {self.name}; it takes {', '.join(names)}")
            if name in names[: len(args)]:
                raise invalid(name, "is given twice")
        arguments = self.named(args, given)
        accepted = {}
        for parameter in self.parameters:
            if parameter.required and parameter.name not in arguments:
                raise invalid(parameter.name, "is missing")
            value = parameter.accept(arguments.get(parameter.name))
            if parameter.rule.setting:
                value = value or getattr(settings, parameter.name)
            accepted[parameter.name] = value
        return accepted

    def secrets(self, arguments: Mapping[str, Any]) -> Iterator[str]:
        """Find what must never be seen again in the arguments."""
        return confidential.secrets(self.parameters, arguments)

    def failed(self, failure: Failure) -> Out:
        """Make the output of a failure."""
        return self.output(success=False, error=failure.message, failure=failure)

    @cached_property
    def _signature(self) -> inspect.Signature:
        signature = inspect.signature(self.steps)
        client = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
        plain = [p.replace(annotation=get_args(p.annotation)[0]) for p in signature.parameters.values()]
        return signature.replace(parameters=[client, *plain], return_annotation=self.output)

    def _dress(self, method: Any) -> None:
        method.__name__ = self.name
        method.__qualname__ = self.name
        method.__doc__ = self.steps.__doc__
        method.__signature__ = self._signature


ACTIONS: dict[str, Action[..., Any]] = {}
"""Every action by its name. Tool schemas, the command line and the MCP server are read from here."""


def by_name(session: Session, name: str, arguments: Mapping[str, Any] | None) -> Orders[Output]:
    """Run the action of a name on plain JSON arguments; what is no action, or no object, is a failure as any other."""
    if not isinstance(name, str) or name not in ACTIONS:
        known = f"there is no action {str(name)[:80]!r}; the actions are {', '.join(ACTIONS)}."
        return Output(success=False, error=known, failure=Failure("invalid_input", known))
    action = ACTIONS[name]
    if not isinstance(arguments, Mapping | None):
        return action.failed(Failure("invalid_input", f"{name} failed: the arguments are no JSON object."))
    output: Output = yield from perform(action, session, (), arguments or {})
    return output


def action(
    output: type[Out],
    *,
    deadline_s: float | Callable[[Mapping[str, Any]], float],
    read_only: bool = False,
    destructive: bool = False,
    idempotent: bool = False,
    listed: bool = True,
) -> Callable[[Callable[P, Steps[Out]]], Action[P, Out]]:
    """Make an action of a generator function, and register it unless it is not to be listed."""
    deadline = deadline_s if callable(deadline_s) else lambda _: deadline_s

    def register(steps: Callable[P, Steps[Out]]) -> Action[P, Out]:
        made = Action(steps, output, deadline, read_only, destructive, idempotent)
        if listed:
            ACTIONS[made.name] = made
        return made

    return register
