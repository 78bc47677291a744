"""Secrets that no one else has, and the twelve calls that carry them."""

import base64
import json
import traceback
from typing import Any
from urllib.parse import quote, quote_plus

from daytona_facade import DaytonaError
from daytona_facade.outputs import Output

KEY = "dtn_kanarienvogel_5f1e8c0b7a39"
PASSWORD = 'p4ss/w+rd "Zeisig" & <ümlaut>%'
TOKEN = "ghp_Stieglitz0123456789abcdef"
ENV_VALUE = "postgres://svc:Gimpel77@db/Girlitz"
URL_PASSWORD = "Bluthaenfling~42"

SECRETS = (KEY, PASSWORD, TOKEN, ENV_VALUE, URL_PASSWORD)
SANDBOX = "6b3f7d2e-0c1a-4f6e-9a55-0d4b7c1e2f30"
_ENV = {"DATABASE_URL": ENV_VALUE}

CALLS: dict[str, dict[str, Any]] = {
    "create_sandbox": {"name": "finch", "env": _ENV},
    "list_sandboxes": {"limit": 5},
    "get_sandbox": {"sandbox_id": SANDBOX},
    "start_sandbox": {"sandbox_id": SANDBOX},
    "stop_sandbox": {"sandbox_id": SANDBOX},
    "delete_sandbox": {"sandbox_id": SANDBOX},
    "run_code": {"sandbox_id": SANDBOX, "code": "print(1)", "language": "python", "env": _ENV},
    "execute_command": {"sandbox_id": SANDBOX, "command": "true", "env": _ENV},
    "upload_file": {"sandbox_id": SANDBOX, "destination_path": "a.txt", "file_content_base64": "aGVsbG8="},
    "download_file": {"sandbox_id": SANDBOX, "file_path": "a.txt"},
    "list_files": {"sandbox_id": SANDBOX},
    "git_clone": {
        "sandbox_id": SANDBOX,
        "url": f"https://someone:{URL_PASSWORD}@git.invalid/x.git",
        "path": "x",
        "username": TOKEN,
        "password": PASSWORD,
    },
}


CARRIERS = {
    KEY: tuple(CALLS),
    PASSWORD: ("git_clone",),
    TOKEN: ("git_clone",),
    ENV_VALUE: ("create_sandbox", "run_code", "execute_command"),
    URL_PASSWORD: ("git_clone",),
}
"""The actions that know of each secret: it can be hidden by those only."""


def spellings(secret: str) -> dict[str, str]:
    """Spell a secret in the ways in which servers echo one."""
    encoded = secret.encode()
    return {
        "raw": secret,
        "quoted": quote(secret, safe=""),
        "quoted in lower case": quote(secret, safe="").replace("%2F", "%2f").replace("%C3%BC", "%c3%bc"),
        "form": quote_plus(secret),
        "json": json.dumps(secret)[1:-1],
        "go json": json.dumps(secret)[1:-1].replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"),
        "utf-8 json": json.dumps(secret, ensure_ascii=False)[1:-1],
        "python bytes": repr(encoded)[2:-1],
        "latin-1": encoded.decode("latin-1"),
        "html": secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;"),
        "base64": base64.b64encode(encoded).decode(),
        "basic": base64.b64encode(b"user:" + encoded).decode(),
        "basic of another length": base64.b64encode(b"name:" + encoded + b"!").decode(),
        "url-safe basic": base64.urlsafe_b64encode(b"a:" + encoded).decode(),
    }


_BASIC = {"basic": 17, "basic of another length": 17, "url-safe basic": 13}
"""Characters of base64 that hold the user name as well as the first seven of the secret."""
# An end of a secret that a cut leaves visible counts as much as the whole.
_NEEDLES = tuple(
    {
        part
        for secret in SECRETS
        for kind, spelled in spellings(secret).items()
        for part in (spelled, spelled[: _BASIC.get(kind, 10)])
    }
    - {spelling[:10] for spelling in ("postgres://", "postgres%3A%2F%2F", "postgres%3a%2f%2f")}
)


def leaks(*texts: str) -> list[str]:
    """Name what of a secret stands in the texts."""
    return sorted({needle for text in texts for needle in _NEEDLES if needle in text})


def shown(output: Output) -> list[str]:
    """Collect every form in which a person or a log may see an output."""
    texts = [repr(output), json.dumps(output.to_dict(), ensure_ascii=False), repr(output.failure)]
    try:
        output.raise_for_failure()
    except DaytonaError as exc:
        texts += ["".join(traceback.format_exception(exc)), repr(exc), str(exc.failure)]
    return texts
