"""The rows of behaviour that the backend has to show, each proven by a test that names it."""

from collections.abc import Callable
from typing import Any

# What Daytona does and one machine without regions, organisations or runners cannot.
NOT_SERVED = {
    "create: no default region 400": "there is always one",
    "create: suspended organisation 403, quota 400": "there are no organisations or quotas",
    "create: inactive snapshot 400": "every snapshot is the same machine, and ready",
    "create: no available runners 400": "there are no runners",
    "start: archived, restoring and paused sandboxes": "nothing is archived or paused",
    "delete: active fork children 400": "nothing is forked",
    "list: eventually consistent": "a list is always current here",
    "proxy: cached refusals of keys": "an ID cannot be known before its sandbox",
    "execute: daemons without envs, or with `code`": "older than the oldest profile",
    "clone: git command line mode by environment": "the backend always uses git's command line",
}


def covers(*rows: str) -> Callable[[Any], Any]:
    """Name the rows that a test proves."""

    def named(test: Any) -> Any:
        test.wire_rows = rows
        return test

    return named
