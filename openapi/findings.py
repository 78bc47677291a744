"""Compare the facts of our operations with upstream's, and upstream's with those of the last time."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias, TypedDict

from flatten import Fact, Facts

# The client adds these to a request by itself, whatever the specs say.
SENT_ALWAYS = ("header:x-daytona-organization-id",)


class Entry(TypedDict):
    """An operation that an action uses."""

    action: str
    facts: Facts


Used: TypeAlias = dict[str, Entry]
Seen: TypeAlias = dict[str, Facts | None]
Deviations: TypeAlias = dict[str, dict[str, str]]


class Finding(NamedTuple):
    """One thing to tell."""

    level: str
    action: str
    operation: str
    text: str


def compare(used: Used, now: Seen, lock: Used, deviations: Deviations) -> list[Finding]:
    """Hold our operations against upstream, save the deviations, and upstream against the lock."""
    found = list(_orphans(used, lock))
    for name, entry in used.items():
        if name not in lock:
            found.append(Finding("NEWS", entry["action"], name, f"{name} is not in the lock yet; --update adds it"))
        facts = now.get(name)
        if facts is not None:
            before = lock[name]["facts"] if name in lock else facts
            for level, at, text in _drift(entry["facts"], before, facts, deviations.get(name, {})):
                found.append(Finding(level, entry["action"], name, f"{_label(at)} {text}"))
        elif name in now:
            found.append(Finding("BREAK", entry["action"], name, f"{name} is gone"))
    touched = {finding.action for finding in found}
    untouched = {name: entry["action"] for name, entry in used.items() if entry["action"] not in touched}
    return found + [Finding("SAME", action, name, name) for name, action in untouched.items()]


def _drift(mine: Facts, before: Facts, now: Facts, allowed: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    broken = dict(_misfits(mine, now, allowed))
    for at, text in broken.items():
        yield "BREAK", at, text
    for level, at, text in _changes(mine, before, now):
        if at not in broken:
            yield level, at, text


def _orphans(used: Used, lock: Used) -> Iterator[Finding]:
    served = {entry["action"] for entry in used.values()}
    for name, entry in lock.items():
        if entry["action"] not in served:
            text = f"no operation is left for this action in our specs; it was {name}"
            yield Finding("BREAK", entry["action"], name, text)


def _misfits(mine: Facts, theirs: Facts, allowed: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Find what we send in vain, what we fail to send, and what we read that is not there."""
    gone: list[str] = []
    for at, fact in mine.items():
        if at not in allowed and not any(_inside(at, parent) for parent in gone):
            now = theirs.get(at)
            if now is None:
                gone.append(at)
                yield at, "is gone"
            elif text := _misfit(at, fact, now):
                yield at, text
    for at, now in theirs.items():
        if at not in mine and _is_sent(at) and now.get("required"):
            yield at, "is required now, and we do not send it"


def _misfit(at: str, fact: Fact, now: Fact) -> str | None:
    given, taken = (fact, now) if _is_sent(at) else (now, fact)
    if not _takes(taken.get("types", []), given.get("types", [])):
        return f"changed its type: {_named(now.get('types', []))}, for us {_named(fact.get('types', []))}"
    if _is_sent(at) and now.get("required") and not fact.get("required"):
        return "is required now, and we may leave it out"
    media = fact.get("media", []), now.get("media", [])
    if all(media) and not set(media[0]) & set(media[1]):
        return f"changed its media type: {_named(media[1])}, for us {_named(media[0])}"
    return None


def _takes(taken: list[str], given: list[str]) -> bool:
    """Tell whether whoever takes those types can be given these; no type at all is any type."""
    wide = {*taken, "integer"} if "number" in taken else set(taken)
    return not taken or (bool(given) and wide.issuperset(given))


def _changes(mine: Facts, before: Facts, now: Facts) -> Iterator[tuple[str, str, str]]:
    for at, fact in now.items():
        if at in before:
            if at in mine:
                for level, text in _change(_is_sent(at), before[at], fact):
                    yield level, at, text
        elif not any(_inside(at, parent) for parent in now if parent not in before):
            yield "NEWS", at, f"is new: {_named(fact.get('types', []))}"
    for at in SENT_ALWAYS:
        if at in before and at not in now:
            yield "BREAK", at, "is gone"


def _change(sent: bool, before: Fact, now: Fact) -> Iterator[tuple[str, str]]:
    if before.get("types") != now.get("types"):
        yield (
            "NEWS",
            f"changed its type: {_named(now.get('types', []))}, before {_named(before.get('types', []))}",
        )
    if now.get("deprecated") and not before.get("deprecated"):
        yield "NEWS", "is deprecated now"
    if before.get("required") and not now.get("required"):
        yield "NEWS", "is optional now"
    if not sent and now.get("nullable") and not before.get("nullable"):
        yield "NEWS", "can be null now"
    yield from _enum_change(sent, before.get("enum"), now.get("enum"))
    if sent and before.get("bounds") != now.get("bounds"):
        level = "BREAK" if _tighter(before.get("bounds", {}), now.get("bounds", {})) else "NEWS"
        yield level, f"changed its bounds: {now.get('bounds', 'none')}, before {before.get('bounds', 'none')}"


def _enum_change(sent: bool, before: list[Any] | None, now: list[Any] | None) -> Iterator[tuple[str, str]]:
    if before is None and now is not None:
        yield "NEWS", f"has only these values now: {_named(now)}"
    elif before is not None and now is None:
        yield "NEWS", "can have any value now"
    elif before is not None and now is not None:
        for value in now:
            if value not in before:
                yield "NEWS", f"has a new value: {value}"
        for value in before:
            if value not in now:
                yield "BREAK" if sent else "NEWS", f"has lost a value: {value}"


def _tighter(before: dict[str, Any], now: dict[str, Any]) -> bool:
    for word, value in now.items():
        if word not in before or (word == "pattern" and value != before[word]):
            return True
        if word != "pattern" and (value < before[word] if word.startswith("max") else value > before[word]):
            return True
    return False


def _is_sent(at: str) -> bool:
    return at.startswith(("request", "query:", "path:", "header:", "cookie:"))


def _inside(at: str, parent: str) -> bool:
    return at.startswith(parent) and at[len(parent) :][:1] in (".", "[", "{")


def _named(values: Sequence[Any]) -> str:
    return " or ".join(str(value) for value in values) or "anything"


def _label(at: str) -> str:
    if at == "operation":
        return "the operation"
    place, _, name = at.partition(":")
    if name:
        return f"{place} parameter {name}"
    place, dot, name = at.partition(".")
    side = "request" if place.startswith("request") else f"answer {place}"
    return f"{side} field {name}" if dot else side
