"""Report what full upstream specs mean for the actions.

Two comparisons: our trimmed specs have to be a subset of upstream, save the DEVIATIONS, and upstream is held
against the lock, which remembers the operations that we use as they were last seen. A spec that is not given
is taken from the lock. Error responses do not count: the library reads those by their status.

Findings: BREAK, an action would fail or lie; NEWS, something to know of; SAME. The exit status is 1 on any
BREAK, and 2 when a spec cannot be read.
"""

import argparse
import json
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml
from findings import Deviations, Entry, Finding, Seen, Used, compare
from flatten import Json, flatten, operations

HERE = Path(__file__).resolve().parent
OURS = (HERE / "rest.yaml", HERE / "toolbox.yaml")
LOCK = HERE / "upstream.lock.json"
TIMEOUT_S = 60

UNDESCRIBED = "upstream describes neither the parts of this upload nor its answer"
DEVIATIONS: Deviations = {
    "POST /process/execute": {"200.code": "daemons of long ago call the exit code so"},
    "POST /files/bulk-upload": {
        "request.files[0].path": UNDESCRIBED,
        "request.files[0].file": UNDESCRIBED,
        "200": UNDESCRIBED,
        "200.errors": UNDESCRIBED,
        "200.errors[]": UNDESCRIBED,
        "200.files": UNDESCRIBED,
        "200.files[]": UNDESCRIBED,
        "200.files[].bytes": UNDESCRIBED,
        "200.files[].path": UNDESCRIBED,
    },
}


def ours(spec: Json) -> Used:
    """Collect the operations of one of our specs; ValueError when one does not name its action."""
    used: Used = {}
    for name, operation in operations(spec).items():
        if "x-action" not in operation:
            raise ValueError(f"{name} has no x-action in our specs")
        used[name] = Entry(action=operation["x-action"], facts=flatten(spec, operation))
    return used


def seen(used: Used, upstream: Json | None, lock: Used) -> Seen:
    """Collect what upstream, or the lock in its stead, says of each operation; None for one that is gone."""
    if upstream is None:
        return {name: lock[name]["facts"] for name in used if name in lock}
    there = operations(upstream)
    return {
        name: flatten(upstream, there[name], within=entry["facts"]) if name in there else None
        for name, entry in used.items()
    }


def load(source: str) -> Json:
    """Read a spec, JSON or YAML, from a path or an http(s) URL; OSError or ValueError when that fails."""
    if source.startswith(("http://", "https://")):
        with urllib.request.urlopen(source, timeout=TIMEOUT_S) as answer:  # noqa: S310 - the scheme was checked
            text = answer.read().decode()
    else:
        text = Path(source).read_text(encoding="utf-8")
    try:
        document = json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
    except yaml.YAMLError as problem:
        raise ValueError(f"{source} is neither JSON nor YAML: {problem}") from problem
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        raise ValueError(f"{source} is not an OpenAPI document: it has no paths")  # noqa: TRY004 - as promised above
    return document


def written(lock: Used) -> str:
    """Render a lock with one fact a line, so that its history can be read."""
    blocks = []
    for name, entry in sorted(lock.items()):
        facts = [f"{json.dumps(at)}: {json.dumps(fact, sort_keys=True)}" for at, fact in sorted(entry["facts"].items())]
        head = f' {json.dumps(name)}: {{\n  "action": {json.dumps(entry["action"])},\n  "facts": {{\n   '
        blocks.append(head + ",\n   ".join(facts) + "\n  }\n }")
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def told(findings: Sequence[Finding]) -> Iterator[str]:
    """Word the findings, the worst first, one line for what several actions share."""
    shared: dict[tuple[str, str], list[str]] = {}
    for finding in sorted(findings, key=lambda finding: ("BREAK", "NEWS", "SAME").index(finding.level)):
        shared.setdefault((finding.level, finding.text), []).append(finding.action)
    for (level, text), actions in shared.items():
        yield f"{level:<5}  {', '.join(actions)}: {text}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rest", help="full upstream REST spec: a path or an http(s) URL")
    parser.add_argument("--toolbox", help="full upstream toolbox spec: a path or an http(s) URL")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.add_argument("--update", action="store_true", help="rewrite the lock after the report")
    chosen = parser.parse_args(arguments)
    try:
        lock: Used = json.loads(LOCK.read_text(encoding="utf-8")) if LOCK.exists() else {}
        used, now = _read((chosen.rest, chosen.toolbox), lock)
    except (OSError, ValueError, KeyError) as problem:
        print(f"drift: {type(problem).__name__}: {problem}", file=sys.stderr)
        return 2
    findings = compare(used, now, lock, DEVIATIONS)
    broken = any(finding.level == "BREAK" for finding in findings)
    if chosen.json:
        print(json.dumps({"break": broken, "findings": [finding._asdict() for finding in findings]}, indent=1))
    else:
        print("\n".join(told(findings)))
    if chosen.update:
        fresh = {name: Entry(action=used[name]["action"], facts=facts) for name, facts in now.items() if facts}
        LOCK.write_text(written(fresh), encoding="utf-8")
    return 1 if broken else 0


def _read(sources: Sequence[str | None], lock: Used) -> tuple[Used, Seen]:
    used: Used = {}
    now: Seen = {}
    for path, source in zip(OURS, sources, strict=True):
        mine = ours(load(str(path)))
        used |= mine
        now |= seen(mine, load(source) if source else None, lock)
    return used, now


if __name__ == "__main__":
    sys.exit(main())
