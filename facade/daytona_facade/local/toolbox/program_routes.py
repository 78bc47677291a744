"""Programs in Python, JavaScript and TypeScript, piped into their interpreters."""

import base64
import re
import secrets

from starlette.requests import Request
from starlette.responses import JSONResponse

from .charts import MATPLOTLIB, split_charts, wrapped
from .daemon_errors import FailedError
from .process_routes import run_script
from .request_fields import environment, json_object, seconds, text, texts

MODULES = '{"module":"CommonJS"}'
# A sandbox has no ts-node unless the machine has; with the newest compiler it does not work.
HAS_TS_NODE = "[ -x node_modules/.bin/ts-node ] || command -v ts-node >/dev/null"
TS_NODE = "-p ts-node@10 -p typescript@5"


async def code_run(request: Request) -> JSONResponse:
    """Serve POST /process/code-run."""
    body = await json_object(request)
    code = text(body, "code", required=True)
    language = text(body, "language", required=True)
    argv = " ".join(texts(body, "argv"))
    script = script_for(language, code, argv)
    outcome = await run_script(request.app.state.settings, script, env=environment(body), seconds_left=seconds(body))
    result, charts = split_charts(outcome.output)
    answer: dict[str, object] = {"exitCode": outcome.exit_code, "result": result}
    if charts:
        answer["artifacts"] = {"charts": charts}
    return JSONResponse(answer)


def script_for(language: str, code: str, argv: str) -> str:
    """Word the shell script that runs a program; the arguments join it unquoted, as in the daemon."""
    if language == "python":
        return piped(wrapped(code) if MATPLOTLIB.search(code) else code, f"python3 -u - {argv}")
    if language == "javascript":
        return piped(f"process.argv.splice(1, 1);{code}", f"node - {argv}")
    if language == "typescript":
        path = f"/tmp/dtn_{secrets.token_hex(8)}.ts"  # noqa: S108 - the sandbox's own, with an unguessable name
        arguments = f"-T --ignore-diagnostics 5107 -O '{MODULES}' {path} {argv}"
        run = f"if {HAS_TS_NODE}; then npx ts-node {arguments}; else npx -y {TS_NODE} ts-node {arguments}; fi"
        return f"{decoded(code)} > {path}; {run}; status=$?; rm -f {path}; exit $status"
    raise FailedError(400, f"unsupported language: {language}")


def piped(code: str, command: str) -> str:
    """Feed a program to a command without touching a disk or an argument list."""
    return f"{decoded(code)} | {command}"


def decoded(code: str) -> str:
    """Word a shell command that prints `code`."""
    encoded = base64.b64encode(re.sub(r"\r\n?", "\n", code).encode()).decode()
    return f"printf %s {encoded} | base64 -d"
