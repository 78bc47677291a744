"""Clones, made with the git of the machine and answered in the daemon's words."""

import asyncio
import os
import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from .configuration import Configuration
from .daemon_errors import FailedError
from .profiles import Profile
from .request_fields import json_object, text, whole_number
from .shell import kill_group

COMMIT = re.compile(r"[0-9a-f]{40}\Z")
DEPTH_LIMIT = 2**31
HELPER = '!f() { printf "username=%s\\npassword=%s\\n" "$DAYTONA_GIT_USERNAME" "$DAYTONA_GIT_PASSWORD"; }; f'
# What git says, the status that the oldest daemon answers, the one of newer daemons, and their code.
SAYINGS = (
    (
        r"could not read Username|terminal prompts disabled|Authentication failed|HTTP Basic",
        401,
        401,
        "GIT_AUTH_FAILED",
    ),
    (r"returned error: 403|access denied", 403, 403, "FORBIDDEN"),
    (r"Remote branch .* not found|Could not find remote branch", 500, 404, "GIT_BRANCH_NOT_FOUND"),
    (
        r"repository .* not found|does not exist|not appear to be a git|not valid: is this a git|returned error: 404",
        404,
        404,
        "GIT_REPO_NOT_FOUND",
    ),
    (r"unable to access|Could not resolve|FailedError to connect|SSL|early EOF", 500, 502, "GIT_TRANSPORT_FAILED"),
)
WORDS = {
    "GIT_AUTH_FAILED": "authentication required",
    "FORBIDDEN": "authorization failed",
    "GIT_REPO_NOT_FOUND": "repository not found",
}


async def clone(request: Request) -> Response:
    """Serve POST /git/clone: one branch, then the commit if one is asked for."""
    configuration: Configuration = request.app.state.configuration
    profile: Profile = request.app.state.profile
    body = await json_object(request)
    url, path = (
        configuration.located(text(body, "url", required=True)),
        configuration.located(text(body, "path", required=True)),
    )
    branch, commit = text(body, "branch"), body.get("commit_id")
    depth = whole_number(body, "depth", DEPTH_LIMIT) if profile.depth else 0
    environment = git_environment(configuration, body)
    if "\0" in url + path + branch:
        raise FailedError(400, "invalid argument")
    if is_repository(path):
        raise FailedError(409, "repository already exists", "CONFLICT")
    arguments = ["clone", "--quiet", "--single-branch"]
    arguments += [f"--branch={branch}"] if branch else []
    arguments += [f"--depth={depth}"] if depth else []
    code, said = await run_git([*arguments, "--", url, path], environment)
    if code:
        raise refusal(profile, said, branch)
    if commit is not None:
        await check_out(environment, path, text(body, "commit_id"))
    return Response()


def is_repository(path: str) -> bool:
    """Tell whether a clone would meet one that is there already."""
    return os.path.exists(os.path.join(path, ".git"))


async def check_out(environment: Mapping[str, str], path: str, commit: str) -> None:
    """Move a fresh clone to a commit; one that is not there leaves the clone and answers 404."""
    if COMMIT.match(commit):
        code, _ = await run_git(["-C", path, "checkout", "--quiet", "--detach", commit], environment)
        if code == 0:
            return
    raise FailedError(404, "object not found", "NOT_FOUND")


def git_environment(configuration: Configuration, body: Mapping[str, object]) -> dict[str, str]:
    """Make git's environment; credentials stay in it, away from argument lists and files."""
    config: list[tuple[str, str]] = [("credential.helper", "")]
    username, password = body.get("username"), body.get("password")
    environment = {
        **configuration.env,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "LC_ALL": "C.UTF-8",
    }
    if isinstance(username, str) and isinstance(password, str):
        if "\0" in username + password:
            raise FailedError(400, "invalid argument")
        environment |= {"DAYTONA_GIT_USERNAME": username, "DAYTONA_GIT_PASSWORD": password}
        config.append(("credential.helper", HELPER))
    if body.get("insecure_skip_tls") is True:
        config.append(("http.sslVerify", "false"))
    environment["GIT_CONFIG_COUNT"] = str(len(config))
    for index, (key, value) in enumerate(config):
        environment |= {f"GIT_CONFIG_KEY_{index}": key, f"GIT_CONFIG_VALUE_{index}": value}
    return environment


async def run_git(arguments: list[str], environment: Mapping[str, str]) -> tuple[int, str]:
    """Run git and return its exit code and what it said."""
    try:
        process = await asyncio.create_subprocess_exec(
            "git",
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=environment,
            process_group=0,
        )
    except OSError as exc:
        return 127, f"git: {exc.strerror}"
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            kill_group(process.pid)
    return process.returncode or 0, output.decode(errors="replace")


def refusal(profile: Profile, said: str, branch: str) -> FailedError:
    """Translate what git said into the daemon's error."""
    for pattern, old, new, code in SAYINGS:
        if re.search(pattern, said, re.IGNORECASE):
            message = WORDS.get(code) or said.strip()
            if code == "GIT_BRANCH_NOT_FOUND":
                message = f'couldn\'t find remote ref "refs/heads/{branch}"'
            return FailedError(new if profile.daemon_codes else old, message, code)
    return FailedError(500, said.strip(), "INTERNAL_SERVER_ERROR")
