"""The one HTTP request of a clone that is not git's own, with errors in the words of Go."""

import http.client
import re
import socket
import ssl
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from .go_text import reason

BODY_BYTES = 64 * 1024**2


class ConnectError(Exception):
    """A request that got no answer; the text says why."""


class Answer(NamedTuple):
    """An answer, and the path that was asked for in the end."""

    status: int
    path: str
    body: bytes


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects; the credentials do not go to another host."""

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """Make the next request."""
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following is not None and urlsplit(following.full_url).netloc != urlsplit(req.full_url).netloc:
            following.remove_header("Authorization")
        return following


def get(url: str, authorization: str, *, seconds: float, verify: bool) -> Answer:
    """Get a URL, redirects followed; raises ConnectError."""
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    request = urllib.request.Request(url, headers={"User-Agent": "git/1.0"})  # noqa: S310 - http and https alone come here
    if authorization:
        request.add_header("Authorization", authorization)
    opener = urllib.request.build_opener(_Redirects, urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(request, timeout=seconds) as answer:
            return Answer(answer.status, path_of(answer.url), answer.read(BODY_BYTES))
    except urllib.error.HTTPError as exc:
        with exc:
            return Answer(exc.code, path_of(exc.url), exc.read(BODY_BYTES))
    except urllib.error.URLError as exc:
        raise ConnectError(explain(exc.reason, urlsplit(url).hostname or "", address(url))) from None
    except (OSError, http.client.HTTPException, ValueError) as exc:
        raise ConnectError(explain(exc, urlsplit(url).hostname or "", address(url))) from None


def path_of(url: str) -> str:
    """Return the path of a URL as Go has it: decoded."""
    return unquote(urlsplit(url).path)


def address(url: str) -> str:
    """Name the host and the port of a URL."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def explain(exc: object, host: str, place: str) -> str:
    """Say why there is no answer."""
    if isinstance(exc, ssl.SSLCertVerificationError):
        return f"tls: failed to verify certificate: x509: {exc.verify_message}"
    if isinstance(exc, ssl.SSLError):
        return "tls: first record does not look like a TLS handshake"
    if isinstance(exc, socket.gaierror):
        return f"dial tcp: lookup {host}{nameserver()}: no such host"
    if isinstance(exc, http.client.RemoteDisconnected | ConnectionResetError):
        return "EOF"
    if isinstance(exc, OSError):
        return f"dial tcp {place}: " + ("i/o timeout" if isinstance(exc, TimeoutError) else f"connect: {reason(exc)}")
    return str(exc)


def nameserver() -> str:
    """Name the server that looks up names, as Go does in the error of a lookup."""
    try:
        found = re.search(r"^nameserver\s+(\S+)", Path("/etc/resolv.conf").read_text(), re.MULTILINE)
    except OSError:
        return ""
    return f" on {found[1]}:53" if found else ""
