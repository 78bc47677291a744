"""Where sync and async differ: the two drivers, which carry out the exchanges of an action."""

import sys
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any, TypeVar, cast

import httpx

from .. import limits
from .._engine.calls import Exchange, Exchanges, Pause
from .._engine.signals import raise_what_a_handler_raised

Out = TypeVar("Out")


def method(start: Callable[..., Exchanges[Out]]) -> Callable[..., Out]:
    """Make a method of ``Daytona`` from what starts an action for a session and arguments."""

    def method(client: Any, /, *args: Any, **kwargs: Any) -> Out:
        return run(start(client.session, args, kwargs), client.transport)

    return method


def amethod(start: Callable[..., Exchanges[Out]]) -> Callable[..., Coroutine[Any, Any, Out]]:
    """Make a method of ``AsyncDaytona`` from what starts an action for a session and arguments."""

    async def method(client: Any, /, *args: Any, **kwargs: Any) -> Out:
        return await arun(start(client.session, args, kwargs), client.transport)

    return method


def run(exchanges: Exchanges[Out], transport: httpx.BaseTransport | None) -> Out:
    """Run an action in this thread, over the process's shared pool unless a transport is given."""
    handled = sys.exception()
    try:
        step = next(exchanges)
        while True:
            try:
                answer: Any = None
                if isinstance(step, Pause):
                    time.sleep(step.seconds)
                else:
                    answer = _exchange(step, transport)
            except Exception as exc:  # noqa: BLE001 - every failure goes back to the action; cancellation passes
                raise_what_a_handler_raised(exc, handled)
                step = exchanges.throw(exc)
            else:
                step = exchanges.send(answer)
    except StopIteration as done:
        return cast(Out, done.value)
    finally:
        exchanges.close()


async def arun(exchanges: Exchanges[Out], transport: httpx.AsyncBaseTransport | None) -> Out:
    """Run an action in this task, over the loop's shared pool unless a transport is given."""
    # Imported here, because a program that calls from threads alone never needs it.
    import asyncio

    handled = sys.exception()
    try:
        step = next(exchanges)
        while True:
            try:
                answer: Any = None
                if isinstance(step, Pause):
                    await asyncio.sleep(step.seconds)
                else:
                    answer = await _aexchange(step, transport)
            except Exception as exc:  # noqa: BLE001 - every failure goes back to the action; cancellation passes
                raise_what_a_handler_raised(exc, handled)
                step = exchanges.throw(exc)
            else:
                step = exchanges.send(answer)
    except StopIteration as done:
        return cast(Out, done.value)
    finally:
        exchanges.close()


def _exchange(exchange: Exchange, transport: httpx.BaseTransport | None) -> Any:
    # Imported by the first call: a client that is made and not used costs no pool.
    from . import sync_pool

    transport = transport or sync_pool.shared_transport()
    response = transport.handle_request(exchange.request)
    try:
        body = exchange.begin(response)
        for chunk in cast(httpx.SyncByteStream, response.stream):
            body.feed(chunk)
            if body.complete:
                break
            if body.received != body.declared:
                exchange.deadline.left()
        return body.end()
    finally:
        response.close()


async def _aexchange(exchange: Exchange, transport: httpx.AsyncBaseTransport | None) -> Any:
    import asyncio

    from . import async_pool

    transport = transport or async_pool.shared_transport()
    async with asyncio.timeout(exchange.deadline.left() + limits.RETURN_GRACE_S):
        return await _send(exchange, transport)


async def _send(exchange: Exchange, transport: httpx.AsyncBaseTransport) -> Any:
    response = await transport.handle_async_request(exchange.request)
    try:
        body = exchange.begin(response)
        stream = aiter(cast(httpx.AsyncByteStream, response.stream))
        try:
            async for chunk in stream:
                body.feed(chunk)
                if body.complete:
                    break
        finally:
            if isinstance(stream, AsyncGenerator):
                await stream.aclose()
        return body.end()
    finally:
        await response.aclose()
