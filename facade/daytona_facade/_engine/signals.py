"""What a signal handler raises is its program's, not a failure of the call that it interrupts.

A handler may raise anything at any moment of a sync call: a worker's soft time limit is often an ``Exception``, even a
``TimeoutError``, and code on the way may have wrapped it by the time it is caught.
"""

from collections.abc import Iterator
from types import FrameType


def raise_what_a_handler_raised(exc: BaseException, handled: BaseException | None = None) -> None:
    """Raise the exception of a signal handler that ``exc`` is or stems from; else return.

    Args:
        exc: What was caught.
        handled: What the caller of the call was handling already; it and its causes are none of the call's.
    """
    for link in _chain(exc, handled):
        if comes_from_handler(link):
            raise link


def comes_from_handler(exc: BaseException) -> bool:
    """Tell whether an exception was raised in a signal handler."""
    trace = exc.__traceback__
    while trace is not None:
        if _is_handler(trace.tb_frame):
            return True
        trace = trace.tb_next
    return False


def _chain(exc: BaseException | None, handled: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while exc is not None and exc is not handled and id(exc) not in seen:
        seen.add(id(exc))
        yield exc
        exc = exc.__cause__ or exc.__context__


def _is_handler(frame: FrameType) -> bool:
    # Python passes a handler the frame that it interrupts, which is also the frame that the handler returns to.
    code, caller = frame.f_code, frame.f_back
    if caller is None:
        return False
    count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 0x04)
    values = [frame.f_locals.get(name) for name in code.co_varnames[:count]]
    # By identity: an argument of the program may define an ``==`` that raises.
    return any(
        value is caller or (isinstance(value, tuple) and any(item is caller for item in value)) for value in values
    )
