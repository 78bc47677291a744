"""Probe: 100 MB down or up, as base64 text. ``python probe_files.py PORT SUBJECT download|upload|decode fast|plain``.

Peaks are the operating system's high-water mark less what was resident before; what came or went is checked by digest.
"""

import base64
import binascii
import hashlib
import sys
from typing import Any

from meter import memory_mb, metered, tell, without_pybase64
from serving import ask
from subjects import SANDBOX, facade_client, official_client

_BLOCK = 3 * 2**18
SIZE = 100 * 2**20
_SLICE = 64 * 2**10


def encode(data: bytes) -> str:
    """Write bytes as base64 text, with the faster encoder where it is installed."""
    if sys.modules.get("pybase64"):
        return sys.modules["pybase64"].b64encode_as_string(data)
    return base64.b64encode(data).decode()


def decode(text: str) -> bytes:
    """Read base64 text strictly, as a caller of the official SDK has to."""
    if sys.modules.get("pybase64"):
        return sys.modules["pybase64"].b64decode(text, validate=True)
    return base64.b64decode(text, validate=True)


def text_of_size() -> tuple[str, str]:
    """Make the text to send, without ever holding more than it, and the digest of what it says."""
    block = bytes(range(256)) * (_BLOCK // 256)
    digest, text = hashlib.sha256(), ""
    for left in range(SIZE, 0, -len(block)):
        piece = block[:left]
        digest.update(piece)
        text += base64.b64encode(piece).decode()
    return text, digest.hexdigest()


def digest_of(text: str) -> str:
    """Digest what a base64 text says, a block at a time."""
    digest = hashlib.sha256()
    for start in range(0, len(text), 4 * 2**18):
        digest.update(base64.b64decode(text[start : start + 4 * 2**18]))
    return digest.hexdigest()


def download(subject: str, port: int) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    if subject == "facade":
        client = facade_client(port)
        client.get_sandbox(SANDBOX)
        before = memory_mb("VmRSS")
        with metered(figures):
            text = client.download_file(SANDBOX, "/data/big").content_base64
    else:
        handle = official_client(port).get(SANDBOX)
        before = memory_mb("VmRSS")
        with metered(figures):
            text = encode(handle.fs.download_file("/data/big"))
    figures |= {"extra_mb": memory_mb("VmHWM") - before, "text_mb": len(text) / 2**20}
    return figures | {"verified": digest_of(text) == ask(port, "/counts")["big_sha256"]}


def upload(subject: str, port: int) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    client = facade_client(port) if subject == "facade" else official_client(port).get(SANDBOX)
    if subject == "facade":
        client.upload_file(SANDBOX, "/data/first", "QUJD").raise_for_failure()
    else:
        client.fs.upload_file(b"ABC", "/data/first")
    text, digest = text_of_size()
    before = memory_mb("VmHWM")
    figures["slack_mb"] = before - memory_mb("VmRSS")
    with metered(figures):
        if subject == "facade":
            client.upload_file(SANDBOX, "/data/big", text).raise_for_failure()
        else:
            client.fs.upload_file(decode(text), "/data/big")
    figures["extra_mb"] = memory_mb("VmHWM") - before
    return figures | {"verified": ask(port, "/counts")["uploaded_sha256"] == digest}


def decode_alone(subject: str, port: int) -> dict[str, Any]:
    """Decode what an upload sends, and do nothing else."""
    figures: dict[str, Any] = {}
    text, digest = text_of_size()
    decoded = hashlib.sha256(base64.b64decode(text)).hexdigest()
    with metered(figures):
        for start in range(0, len(text), _SLICE):
            binascii.a2b_base64(text[start : start + _SLICE])
    return figures | {"extra_mb": 0, "verified": decoded == digest}


if __name__ == "__main__":
    if sys.argv[4] == "plain":
        without_pybase64()
    else:
        import pybase64  # noqa: F401 - the encoder is the fast one from here on
    ways = {"download": download, "upload": upload, "decode": decode_alone}
    tell(ways[sys.argv[3]](sys.argv[2], int(sys.argv[1])))
