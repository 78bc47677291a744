"""Where sync and async differ: the two drivers, which carry out an action's orders."""

import time
from collections.abc import AsyncGenerator
from typing import Any, TypeVar, cast

import httpx

from .orders import Exchange, Order, Orders, Wait

Out = TypeVar("Out")

_GRACE_S = 0.25
"""A transport's own timeouts know whether anything was sent: they have the first word, and this long."""


def run(orders: Orders[Out], transport: httpx.BaseTransport | None) -> Out:
    """Carry out an action's orders in this thread, over the process's shared pool unless a transport is given."""
    try:
        order = next(orders)
        while True:
            try:
                answer = _carried_out(order, transport)
            except Exception as exc:  # noqa: BLE001 - every failure goes back to the action; cancellation passes
                order = orders.throw(exc)
            else:
                order = orders.send(answer)
    except StopIteration as done:
        return cast(Out, done.value)
    finally:
        orders.close()


async def arun(orders: Orders[Out], transport: httpx.AsyncBaseTransport | None) -> Out:
    """Carry out an action's orders in this task, over the loop's shared pool unless a transport is given."""
    try:
        order = next(orders)
        while True:
            try:
                answer = await _acarried_out(order, transport)
            except Exception as exc:  # noqa: BLE001 - every failure goes back to the action; cancellation passes
                order = orders.throw(exc)
            else:
                order = orders.send(answer)
    except StopIteration as done:
        return cast(Out, done.value)
    finally:
        orders.close()


def _carried_out(order: Order, transport: httpx.BaseTransport | None) -> Any:
    if isinstance(order, Wait):
        return time.sleep(order.seconds)
    # Imported by the first call: a client that is made and not used costs no pool.
    from . import sync_pool

    transport = transport or sync_pool.sync_transport(order.request.url)
    with sync_pool.deadline_of_this_thread(order.deadline):
        response = transport.handle_request(order.request)
        try:
            body = order.begin(response)
            for chunk in cast(httpx.SyncByteStream, response.stream):
                body.feed(chunk)
                if body.complete:
                    break
                order.deadline.left()
            return body.end()
        finally:
            response.close()


async def _acarried_out(order: Order, transport: httpx.AsyncBaseTransport | None) -> Any:
    # Who calls from threads alone never loads it.
    import asyncio

    if isinstance(order, Wait):
        return await asyncio.sleep(order.seconds)
    if transport is not None:
        async with asyncio.timeout(order.deadline.left() + _GRACE_S):
            return await _asent(order, transport)
    from .async_pool import async_pool

    pool = await async_pool(order.request.url)
    try:
        async with asyncio.timeout(order.deadline.left(sent=False)):
            await pool.places.acquire()
    except TimeoutError:
        raise httpx.PoolTimeout("no connection became free") from None
    try:
        async with asyncio.timeout(order.deadline.left() + _GRACE_S):
            return await _asent(order, pool.transport)
    finally:
        pool.places.release()


async def _asent(exchange: Exchange, transport: httpx.AsyncBaseTransport) -> Any:
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
