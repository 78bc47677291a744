"""The behaviour of Daytona that the backend has to imitate, row by row; each row is proven by a test that names it."""

from collections.abc import Callable
from typing import Any

ROWS: dict[str, tuple[str, ...]] = {
    "bulk-download": (
        "200 multipart with the boundary",
        "bad body 400 with error",
        "errors are parts",
        "names in both forms",
    ),
    "clone": (
        "200 with an empty body",
        "a commit that is not there 404 after the clone",
        "a host that cannot be reached",
        "a repository of the sandbox's own",
        "an empty commit is not none",
        "branch",
        "commit",
        "credentials only when both are there",
        "credentials",
        "depth",
        "existing repository 409",
        "forbidden 403",
        "into a folder that is not empty",
        "missing branch",
        "missing repository 404",
        "no credentials 401",
        "no host",
        "single branch",
        "wrong values 400",
    ),
    "code-run": (
        "a missing interpreter 200 and 127",
        "argv joins unquoted",
        "artifacts omitted without charts",
        "charts become artifacts, their lines leave the output",
        "charts that do not parse are dropped",
        "javascript",
        "missing field 400 INVALID_REQUEST_BODY",
        "only lines that begin with the mark",
        "python, with a traceback that names <stdin>",
        "timeout 408",
        "typescript by npx ts-node",
        "unknown language 400",
    ),
    "common": (
        "REST errors have path, timestamp, statusCode, error, message",
        "bad or missing key 401",
        "malformed JSON 400 in a shape of its own",
        "unknown paths below /api 404, elsewhere 200 with a page",
    ),
    "create": (
        "200 with the state before the wait",
        "a name that is taken 409",
        "archive 0 is the maximum",
        "build info with snapshot 400",
        "environment as Docker sets it",
        "intervals default to 15, 10080, -1",
        "known snapshots and targets",
        "name defaults to the ID",
        "odd values that pass",
        "resources of 0 pass",
        "resources without build info 400",
        "the fields that SDK 0.226 requires",
        "wrong values 400",
    ),
    "delete": (
        "200 destroying, renamed",
        "ID 200 until gone",
        "by name, and stopped",
        "old name 404 at once",
        "unknown 404",
    ),
    "download": (
        "200 octet-stream with a length",
        "Range",
        "a directory 400",
        "disposition in both forms",
        "missing 404",
        "no path 400",
        "no permission 403",
        "paths are cleaned",
        "special files are empty, and whole in bulk",
    ),
    "execute": (
        "200 exitCode and result",
        "< > & arrive",
        "PWD is the folder as it was named",
        "a child that holds the pipe blocks the call",
        "a process that left the group holds the answer",
        "bad cwd 200 and -1",
        "bytes that are not UTF-8 become U+FFFD",
        "cwd is the home",
        "empty or blank command 400",
        "env names 400",
        "envs reach the command",
        "killed by a signal -1",
        "no default timeout",
        "non-zero is still 200",
        "output beyond the limit is cut",
        "output is not cut",
        "output without end 408, again and again",
        "streams merged in order",
        "the script is on standard input",
        "timeout 408, group killed",
        "unknown command 127",
        "wrong values 400",
    ),
    "files": (
        "folder 201, info, move, delete 204",
        "work-dir and user-home-dir",
    ),
    "get": (
        "by ID and by name",
        "toolbox-proxy-url",
        "unknown 404",
    ),
    "intervals": ("routes with any number",),
    "labels": ("replaced",),
    "list": (
        "% and _ are wild",
        "all labels match exactly",
        "bad cursor 400",
        "bad filters 400",
        "bad labels 400",
        "items lack env",
        "last active first",
        "limit outside 1 to 200 is 400",
        "name is a prefix in any case",
        "nextCursor null at the end",
        "odd queries that pass",
        "pages by cursor",
        "sort and order",
        "states",
    ),
    "list_files": (
        "/files and /files/, default the work dir",
        "a file 400",
        "depth",
        "empty is []",
        "every field",
        "links are followed, broken ones left out",
        "missing 404",
        "names that are not UTF-8",
        "no permission 403",
        "sorted, one level, dotfiles",
    ),
    "profiles": (
        "/files/upload is 0.190's, /files/upload-v2 is newer",
        "bulk-upload is everyone's",
        "codes of other errors",
        "depth and path of entries are newer",
        "errors of file routes are empty in 0.190",
        "kvm is 0.226's, region fields are 0.205's",
    ),
    "proxy": (
        "a call counts as activity unless its header says not to",
        "a sandbox that ends under a request 502 with an empty body",
        "absent container 404",
        "an address without a path 404",
        "bad key, unknown ID, name or destroyed sandbox 401",
        "bodies with and without a declared length",
        "booting 502 with an empty body",
        "no key 401",
        "stopped 400",
        "the key does not reach the toolbox",
        "unknown toolbox route 404 as text",
    ),
    "start": (
        "started 200",
        "waits, 200 started",
    ),
    "states": (
        "a change under way 409",
        "a sandbox whose processes all end is stopped",
        "creating, starting, stopping and destroying are seen",
    ),
    "stop": (
        "200 stopping at once",
        "a sandbox with autoDelete 0 is destroyed",
        "stopped 400",
    ),
    "unserved": (
        "501 of the daemon that names the operation",
        "501 that names the operation",
    ),
    "upload": (
        "a form that is not whole 400",
        "a trailing slash is a directory 400",
        "bulk answers the files",
        "bulk errors are a list in a 400",
        "bulk takes several files",
        "bulk, parents made, overwrites",
        "errors name the step",
        "into a named pipe",
        "path before file",
        "v2 as a form and raw",
        "what is no form 400",
    ),
}
"""Section by section. A row without a test fails ``test_rows``, a test of an unknown row cannot be imported."""

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


def every_row() -> list[str]:
    """Name all rows as tests name them."""
    return [f"{section}: {row}" for section, rows in ROWS.items() for row in rows]


def covers(*rows: str) -> Callable[[Any], Any]:
    """Name the rows that a test proves."""
    if unknown := set(rows) - set(every_row()):
        raise ValueError(f"rows.py does not list {sorted(unknown)}")

    def named(test: Any) -> Any:
        test.wire_rows = rows
        return test

    return named
