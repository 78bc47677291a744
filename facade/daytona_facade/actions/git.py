"""Repositories in a sandbox: clone."""

from urllib.parse import unquote, urlsplit, urlunsplit

from .. import limits
from .._engine.calls import Call, Steps
from .._responses import generated
from .._responses.decoding import Answer, decode_json
from ..errors import invalid_input, protocol_error
from ..outputs import GitCloneOutput
from .action import action
from .parameters import OptionalText, Password, SandboxId, Text, drop_none

_ANY_USER = "git"
"""What goes with a token alone: hosts look at the token, and Daytona ignores one without a user name."""


@action(GitCloneOutput, deadline_s=limits.CLONE_S)
def git_clone(
    sandbox_id: SandboxId,
    url: Text,
    path: Text,
    branch: OptionalText = None,
    commit_id: OptionalText = None,
    username: OptionalText = None,
    password: Password = None,
) -> Steps[GitCloneOutput]:
    """Clone a Git repository into a sandbox.

    It fetches one branch with all its history and tags. The commit is not reported: ask ``git log -1`` with
    execute_command. Credentials are not kept on the sandbox's disk, so a later pull or push needs them again. A path
    that holds a repository already is a failure of kind ``conflict``.
    Operation: POST /git/clone of the toolbox.

    Args:
        sandbox_id: ID of the sandbox, not its name.
        url: The repository's https or http URL; ssh is not supported.
        path: Directory to clone into; relative paths start at the working directory.
        branch: Branch to clone, not a tag; the repository's default when left out.
        commit_id: Commit to check out, all 40 digits of it, on that branch.
        username: User name for a private repository.
        password: Password or access token for a private repository; a token needs no username.
    """
    clean, url_user, url_password = _without_credentials(url.strip())
    user = username or url_user
    secret = password or url_password
    fields = {
        "url": clean,
        "path": path,
        "branch": branch or None,
        "commit_id": commit_id or None,
        "username": user or (_ANY_USER if secret else None),
        # A URL's user without a password is a token on some hosts; Git sends it with an empty password.
        "password": "" if secret is None and url_user and not username else secret,
    }
    body = generated.toolbox_models.CloneRepository.from_dict(drop_none(fields))
    request = generated.toolbox.clone_repository_request(body=body)
    yield from Call(generated.toolbox.clone_repository_path, request, _done, sandbox_id)
    return GitCloneOutput(success=True, repo_url=clean, clone_path=path)


def _done(answer: Answer) -> None:
    """Take an empty answer or JSON; a page comes from somewhere that cloned nothing."""
    if answer.body.strip():
        said = decode_json(answer)
        if isinstance(said, dict) and said.get("error"):
            raise protocol_error(f"the repository was not cloned: {said['error']}")


def _without_credentials(url: str) -> tuple[str, str | None, str | None]:
    try:
        parts = urlsplit(url)
        user, password, _ = parts.username, parts.password, parts.port
    except ValueError:
        raise invalid_input(
            "url", "is not a valid URL (in a password, @ : / ? and # must be percent-encoded)"
        ) from None
    _, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, None, None
    if parts.scheme.lower() not in {"http", "https"}:
        # An ssh user is part of the address.
        netloc = f"{user}@{host}" if user else host
        return urlunsplit(parts._replace(netloc=netloc)), None, None
    clean = urlunsplit(parts._replace(netloc=host))
    return clean, unquote(user) if user else None, unquote(password) if password else None
