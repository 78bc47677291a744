"""Programs in Python, JavaScript and TypeScript, piped into their interpreters."""

import base64
import secrets
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from .artifacts import without_charts
from .daemon_errors import FailedError
from .matplotlib_wrapper import MATPLOTLIB, wrapped
from .output import respond
from .request_fields import environment, json_object, seconds, text, texts
from .shell import run_script

# Takes the name of the script out of the arguments; its line makes the line numbers in messages one higher.
ARGUMENTS_LINE = "process.argv.splice(1, 1);\n"
MODULES = '{"module":"CommonJS"}'
# A sandbox has no ts-node unless the machine has; with the newest compiler it does not work.
HAS_TS_NODE = "[ -x node_modules/.bin/ts-node ] || command -v ts-node >/dev/null"
TS_NODE = "-p ts-node@10 -p typescript@5"


async def code_run(request: Request) -> Response:
    """Serve POST /process/code-run."""
    body = await json_object(request)
    code = text(body, "code", required=True)
    language = text(body, "language", required=True)
    argv = " ".join(texts(body, "argv"))
    script = script_for(language, code, argv)
    env = environment(body)
    outcome = await run_script(request.app.state.configuration, script, env=env, seconds_left=seconds(body))
    charts: list[dict[str, Any]] = []
    return respond(outcome.exit_code, outcome.output, charts, partial(without_charts, charts=charts))


def script_for(language: str, code: str, argv: str) -> str:
    """Write the shell script that runs a program; the arguments join it unquoted, as in the daemon."""
    if language == "python":
        return f"{printed(wrapped(code) if MATPLOTLIB.search(code) else code)} | python3 -u - {argv}"
    if language == "javascript":
        return f"{printed(ARGUMENTS_LINE + code)} | node - {argv}"
    if language == "typescript":
        path = f"/tmp/dtn_{secrets.randbelow(10**18)}.ts"  # noqa: S108 - the sandbox's own, with an unguessable name
        arguments = f"-T --ignore-diagnostics 5107 -O '{MODULES}' {path} {argv}"
        run = f"if {HAS_TS_NODE}; then npx ts-node {arguments}; else npx -y {TS_NODE} ts-node {arguments}; fi"
        return f"{printed(ARGUMENTS_LINE + code)} > {path}; {run}; _code=$?; rm -f {path}; exit $_code"
    raise FailedError(400, f"unsupported language: {language}")


def printed(code: str) -> str:
    """Write a shell command that prints a program, whatever characters are in it."""
    return f"printf '%s' '{base64.b64encode(code.encode()).decode()}' | base64 -d"
