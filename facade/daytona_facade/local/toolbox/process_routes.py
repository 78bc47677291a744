"""Commands."""

from starlette.requests import Request
from starlette.responses import Response

from .configuration import Configuration
from .daemon_errors import FailedError
from .output import respond
from .request_fields import environment, json_object, seconds, text
from .shell import run_script


async def execute(request: Request) -> Response:
    """Serve POST /process/execute."""
    configuration: Configuration = request.app.state.configuration
    body = await json_object(request)
    command = text(body, "command", required=True)
    if not command.strip():
        raise FailedError(400, "command cannot be empty")
    outcome = await run_script(
        configuration,
        command,
        cwd=configuration.located(text(body, "cwd")),
        env=environment(body),
        seconds_left=seconds(body),
    )
    return respond(outcome.exit_code, outcome.output, [], lambda texts: texts)
