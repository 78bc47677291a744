"""Replays the inputs that were recorded from Daytona's own daemon, and compares what the local one answers.

Compared is what a daemon decides: the status and the words of each refusal, as they came over the wire, and every
field of each success. How the library words a refusal is for its own tests.
"""

import base64
import hashlib
import io
import json
import re
import shutil
import tarfile
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any

import httpx

from daytona_facade import Daytona
from daytona_facade.local import LocalDaytona

TESTS = Path(__file__).resolve().parents[1]
CASES: dict[str, dict[str, Any]] = json.loads((TESTS / "recorded" / "toolbox-0.190.json").read_text())
TS_NODE = TESTS.parent / ".venv" / "ts-node" / "node_modules"
DEADLINE = 75
KEPT_BYTES = 16 * 1024**2
QUOTED_CHARS = 500
LONG_CHARS = 3000
# In the JSON text of an answer: what differs from run to run, or with the versions of this machine's programs.
MOVING = (
    (r"/tmp/dtn_\d+\.ts", "/tmp/dtn_N.ts"),
    (r"127\.0\.0\.1:\d{4,5}", "HOST"),
    (r"(line \d+:|\\n) +\d+ +(?=Done|Killed|Segmentation|\|)", r"\1 PID "),
    (r"\"png\": \"[A-Za-z0-9+/=]{200,}\"", '"png": "PNG"'),
    (r"(?:\\n +at [^\\]*node:[^\\]*)+", ""),
    (r"node:internal/[\w/]+:\d+", "node:internal"),
    (r"Node\.js v[\d.]+", "Node.js"),
    (r"on [\d.:]+:53: no such host", "no such host"),
)

# What was there before the first input of a group, as far as its inputs tell.
PREPARATIONS = {
    "exec": "mkdir -p cw 'c w' cno; chmod 0 cno; touch cfile; ln -s cw clink",
    "up": "mkdir -p u; head -c 1000 /dev/zero > u/big.bin",
    "down": r"""mkdir -p d; cd d; for name in f.txt 'a b.txt' "q\"u'o.txt" 100%25.txt 'a#b?c&d=e+f;g.txt' -dash 'sp ' \
x.html secret; do echo hello > "./$name"; done; chmod 0 secret; touch empty 'back\slash'; truncate -s 120M sparse
ln -s f.txt ln; ln -s nowhere dang; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("sock")'""",
    "list": r"""mkdir -p l/empty l/bad lno; chmod 0 lno; cd l; ln -s empty sd; ln -s nowhere dang; mkfifo p
touch bad/xa bad/xé bad/$(printf 'x\xe2\x82z') bad/$(printf 'x\xffy')
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("sock")'""",
    "git": "mkdir -p d",
}


class _Rest(httpx.SyncByteStream):
    """The body of a large answer, of which a beginning was read."""

    def __init__(self, stream: Any, parts: list[bytes], rest: Iterator[bytes]) -> None:
        self._stream, self._chunks = stream, chain(parts, rest)

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks

    def close(self) -> None:
        self._stream.close()


class Tap(httpx.BaseTransport):
    """Passes requests on and keeps the first answer since the last look."""

    def __init__(self) -> None:
        self.inner = httpx.HTTPTransport()
        self.answer: httpx.Response | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; an answer of a moderate size is read at once."""
        answer = self.inner.handle_request(request)
        parts, size, rest = list[bytes](), 0, answer.iter_raw()
        for part in rest:
            parts.append(part)
            size += len(part)
            if size > KEPT_BYTES:
                # A device never ends: the rest is the client's to read, up to its own limits.
                answer.stream = _Rest(answer.stream, parts, rest)
                kept = httpx.Response(answer.status_code)
                break
        else:
            kept = answer = httpx.Response(answer.status_code, headers=answer.headers, content=b"".join(parts))
        self.answer = kept if self.answer is None else self.answer
        return answer

    def take(self) -> httpx.Response | None:
        """Return the first answer and forget it."""
        answer, self.answer = self.answer, None
        return answer

    def close(self) -> None:
        """Close the connections."""
        self.inner.close()


class Replay:
    """One sandbox of the recorded daemon's profile, in which the inputs of one group run one after another."""

    def __init__(self, backend: LocalDaytona, names: dict[str, str]) -> None:
        self.tap = Tap()
        self.names = names
        self.client = Daytona(
            **backend.client_options(),
            transport=self.tap,
            deadline_s=DEADLINE,
        )
        created: Any = self.client.create_sandbox()
        assert created.success, created.error
        self.box: str = created.sandbox.id
        self.client.wait_until(self.box)

    def close(self) -> None:
        """Delete the sandbox."""
        self.client.delete_sandbox(self.box)
        self.tap.close()

    def prepare(self, group: str, repositories: Path) -> None:
        """Make what the inputs of a group need."""
        if group in PREPARATIONS:
            self.shell(PREPARATIONS[group])
        if group == "git":
            self.unpack(repositories, "repos")
        if group == "ts":
            self.unpack(TS_NODE, "node_modules")

    def unpack(self, folder: Path, name: str) -> None:
        """Copy a folder of this machine into the sandbox's home."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as archive:
            archive.add(folder, name)
        content = base64.b64encode(packed.getvalue()).decode()
        assert self.client.upload_file(self.box, f"{name}.tgz", content).success
        assert self.shell(f"tar xzf {name}.tgz && rm {name}.tgz") == "rc=0 "

    def shell(self, script: str) -> str:
        """Run a script and return its exit code and output."""
        done = self.client.execute_command(self.box, script, timeout=60)
        return f"rc={done.exit_code} {done.result}"

    def answer(self, case: dict[str, Any]) -> dict[str, Any]:
        """Run one input and return what the daemon decided."""
        if "before" in case:
            self.shell(self.named(case["before"]))
        arguments = json.loads(self.named(json.dumps(case["arguments"])))
        client = self.client.with_options(deadline_s=case.get("deadline", DEADLINE))
        self.tap.take()
        output = client.call(case["action"], {"sandbox_id": self.box, **arguments})
        found = from_wire(output, self.tap.take(), case["action"])
        if "after" in case:
            found["post"] = self.shell(self.named(case["after"]))
        return steady(found, self.box)

    def named(self, text: str) -> str:
        """Fill in the addresses and commits that an input names."""
        for name, value in self.names.items():
            text = text.replace(name, value)
        return text


def recorded(case: dict[str, Any]) -> dict[str, Any]:
    """Return what the recorded daemon decided, in the shape of ``Replay.answer``."""
    answer = {name: value for name, value in case["answer"].items() if name not in {"sent", "kind", "content_base64"}}
    post = {"post": answer.pop("post")} if "post" in answer else {}
    error, status = answer.pop("error"), answer.pop("status")
    if answer["success"]:
        return steady({**answer, **post}, "SID")
    said = re.search(r"failed: HTTP \d+(?:: | with no explanation)(.*)", error, re.DOTALL)
    return steady({**refusal(status, said[1] if said else None), **post}, "SID")


def from_wire(output: dict[str, Any], answer: httpx.Response | None, action: str) -> dict[str, Any]:
    """Read a decision from the daemon's own answer, or from the output of a success."""
    if answer is None or answer.status_code >= 400 or not output["success"]:
        return refusal(
            answer.status_code if answer else None, said(answer) if answer and answer.is_stream_consumed else None
        )
    found = {name: value for name, value in output.items() if name not in {"error", "failure"}}
    if action == "download_file":
        del found["content_base64"]
        content = answer.content
        found |= {"size": len(content), "content": f"{len(content)} bytes sha {digest(content)}"}
    return found


def refusal(status: int | None, words: str | None) -> dict[str, Any]:
    """Describe a refusal by its status and its words; the advice that the library adds in brackets is left out."""
    plain = re.sub(r"\s+", " ", (words or "").replace("\0", "\ufffd"))
    return {"success": False, "status": status, "said": re.sub(r" ?\([^()]*\)$", "", plain).strip(" .")[:QUOTED_CHARS]}


def said(answer: httpx.Response) -> str:
    """Read the reason out of an answer of the daemon."""
    try:
        body = answer.json()
    except ValueError:
        return answer.text
    return "; ".join(body["errors"]) if "errors" in body else str(body.get("message", ""))


def steady(found: dict[str, Any], box: str) -> dict[str, Any]:
    """Take out of an answer what differs from run to run."""
    found = {name: shorter(value) for name, value in found.items()}
    for file in found.get("files") or ():
        if file["modified_at"][:4] != "2024":
            file["modified_at"] = "NOW"
        if file["is_dir"]:
            file["size"] = None
    text = json.dumps(found).replace(box, "SID")
    for pattern, word in MOVING:
        text = re.sub(pattern, word, text)
    return dict(json.loads(text))


def shorter(value: Any) -> Any:
    """Reduce a long text to its digest, as the recording does."""
    if isinstance(value, str):
        known = re.match(r"<?\d+ (?:chars|bytes) sha \w+", value)
        if known:
            return known[0].strip("<")
        if len(value) > LONG_CHARS:
            return f"{len(value)} chars sha {digest(value.encode())}"
    return value


def digest(content: bytes) -> str:
    """Return the first digits of a hash."""
    return hashlib.sha256(content).hexdigest()[:12]


def parts(expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Name the fields in which two answers differ."""
    return sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))


def missing(case_id: str) -> str:
    """Say what this machine lacks for an input, if it lacks anything."""
    group = case_id.split("/", maxsplit=1)[0]
    if group in {"js", "ts"} and shutil.which("node") is None:
        return "node is not on this machine"
    if group == "ts" and not TS_NODE.is_dir():
        return "ts-node is not installed (make .venv/ts-node.stamp)"
    if "matplotlib" in json.dumps(CASES[case_id]["arguments"]) and find_spec("matplotlib") is None:
        return "matplotlib is not installed"
    return ""
