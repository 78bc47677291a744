"""Clones."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from .configuration import Configuration
from .daemon_errors import FailedError
from .git_remote import Category, GitError, look, parse_remote
from .git_repository import Repository
from .go_text import clean_path
from .profiles import Profile
from .request_fields import json_object, text, whole_number

DEPTH_LIMIT = 2**31
# For each kind of failure the status of the oldest daemon, that of newer ones, and their code.
ANSWERS: dict[Category, tuple[int, int, str]] = {
    "auth": (401, 401, "GIT_AUTH_FAILED"),
    "forbidden": (403, 403, "FORBIDDEN"),
    "no repository": (404, 404, "GIT_REPO_NOT_FOUND"),
    "missing": (404, 404, "NOT_FOUND"),
    "no branch": (500, 404, "GIT_BRANCH_NOT_FOUND"),
    "transport": (500, 502, "GIT_TRANSPORT_FAILED"),
    "exists": (409, 409, "CONFLICT"),
    "other": (500, 500, "INTERNAL_SERVER_ERROR"),
}


async def clone(request: Request) -> Response:
    """Serve POST /git/clone: one branch, then the commit if one is asked for."""
    try:
        await clone_into(request.app.state.configuration, request.app.state.profile, await json_object(request))
    except GitError as exc:
        old, new, code = ANSWERS[exc.category]
        status = new if request.app.state.profile.daemon_codes else old
        raise FailedError(status, str(exc), code) from None
    return Response()


async def clone_into(configuration: Configuration, profile: Profile, body: Mapping[str, object]) -> None:
    """Clone as a request asks for; raises GitError."""
    fields = dict(body)
    url, path = text(fields, "url", required=True), configuration.located(text(fields, "path", required=True))
    branch, commit = text(fields, "branch"), text(fields, "commit_id")
    depth = whole_number(fields, "depth", DEPTH_LIMIT) if profile.depth else 0
    names = text(fields, "username"), text(fields, "password")
    given = fields.get("username") is not None and fields.get("password") is not None
    verify = fields.get("insecure_skip_tls") is not True
    repository = Repository(path)
    repository.create()
    try:
        remote = parse_remote(url, names if given else None)
        if remote.is_local:
            remote = remote._replace(address=clean_path(configuration.located(remote.address)))
        repository.environment = git_environment(configuration, remote.authorization, verify=verify)
        has = await look(remote, repository.environment, verify=verify)
        await repository.fill(remote, url, has, branch, depth)
    except BaseException:
        repository.remove()
        raise
    if fields.get("commit_id") is not None:
        await repository.check_out(commit)


def git_environment(configuration: Configuration, authorization: str, *, verify: bool) -> dict[str, str]:
    """Make git's environment; credentials stay in it, away from argument lists and files."""
    settings = [("credential.helper", ""), ("gc.auto", "0")]
    if authorization:
        settings.append(("http.extraHeader", f"Authorization: {authorization}"))
    if not verify:
        settings.append(("http.sslVerify", "false"))
    environment = {
        **configuration.env,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_COUNT": str(len(settings)),
    }
    for index, (key, value) in enumerate(settings):
        environment |= {f"GIT_CONFIG_KEY_{index}": key, f"GIT_CONFIG_VALUE_{index}": value}
    return environment
