"""The rows of the table: what is measured, against whom, and what is to be reached."""

from collections.abc import Iterator

from row import Row, against
from running import alternated, environment, installed, median, probed, run, worst

ALONE, FAST, CLI = environment("alone"), environment("fast"), environment("cli")
OFFICIAL, HTTPX, E2B = environment("official"), environment("httpx"), environment("e2b")
HOMES = {"facade": ALONE, "facade_fast": FAST, "official": OFFICIAL, "httpx": HTTPX}
"""The environment of each subject: what an install of it alone makes."""


def starting(port: int, rounds: int) -> list[Row]:
    """Measure import and readiness, each in the environment that an install of it alone makes."""
    probe = "probe_start.py"
    probes: dict[str, tuple[object, ...]] = {
        "bare": (ALONE, probe, "bare"),
        "lazy": (ALONE, probe, "lazy"),
        "httpx_attrs": (ALONE, probe, "httpx_attrs"),
        "facade": (ALONE, probe, "facade"),
        "facade_call": (ALONE, probe, "facade_call", port),
        "httpx_call": (HTTPX, probe, "httpx_call", port),
        "official": (OFFICIAL, probe, "official"),
        "official_call": (OFFICIAL, probe, "official_call", port),
        "e2b": (E2B, probe, "e2b"),
    }
    told = alternated(probes, max(rounds, 5))
    cpu = {name: median(said, "process_cpu_ms") for name, said in told.items()}
    memory = {name: median(said, "rss_mb") for name, said in told.items()}
    untouched = "httpx not loaded" if not worst(told["lazy"], "httpx") else "HTTPX LOADED"
    return [
        Row("import daytona_facade, CPU", cpu["lazy"], cpu["bare"] + 10, "ms", "bare Python", cpu["bare"], untouched),
        against("ready to call, CPU", cpu["facade"], 1 / 8, "official", cpu["official"], "ms"),
        against("ready to call, CPU", cpu["facade"], 1.2, "import httpx, attrs", cpu["httpx_attrs"], "ms"),
        Row("ready to call, CPU", cpu["facade"], None, "ms", "import e2b.Sandbox", cpu["e2b"]),
        Row("first call answered, CPU", cpu["facade_call"], None, "ms", "official", cpu["official_call"]),
        Row("first call answered, CPU", cpu["facade_call"], None, "ms", "httpx.Client", cpu["httpx_call"]),
        against("resident memory, ready to call", memory["facade"], 1 / 3, "official", memory["official"], "MB"),
    ]


def installing() -> list[Row]:
    """Weigh what an install brings."""
    ours, theirs = installed("alone"), installed("official")
    itself = installed("alone", "daytona_*")[1]
    shares = f"{itself:.2f} itself, {ours[1] - itself:.2f} what it needs"
    return [
        Row("installed size", ours[1], 6, "MB", "official", theirs[1], shares),
        Row("installed distributions", ours[0], 11, "", "official", theirs[0]),
    ]


def many_clients(port: int, rounds: int) -> list[Row]:
    """Make a thousand clients, each with a key of its own."""
    probe = "probe_clients.py"
    probes: dict[str, tuple[object, ...]] = {
        "facade": (ALONE, probe, port, "facade", 999),
        "official": (OFFICIAL, probe, port, "official", 20),
    }
    told = alternated(probes, rounds)
    ours, theirs = told["facade"], told["official"]
    contexts, opened = worst(ours, "tls_contexts"), worst(ours, "connections")
    return [
        Row(
            "making the 2nd..1000th client, CPU",
            median(ours, "cpu_ms"),
            0.2,
            "ms",
            "official",
            median(theirs, "cpu_ms"),
        ),
        Row("TLS contexts of 1000 clients", contexts, 1, "", "official, 21", worst(theirs, "tls_contexts")),
        Row("connections that 20 of them open", opened, 0, "", "official, 20", worst(theirs, "connections")),
    ]


def calling(port: int, rounds: int) -> list[Row]:
    """Call again and again on a kept connection."""
    probes: dict[str, tuple[object, ...]] = {
        name: (HOMES[name], "probe_calls.py", port, name) for name in ("facade", "httpx", "official")
    }
    told = alternated(probes, rounds)
    cost = {(who, what): median(told[who], f"{what}_cpu_ms") for who in told for what in ("execute", "get", "list")}
    listed = cost["facade", "list"]
    return [
        against("execute, CPU", cost["facade", "execute"], 1.15, "httpx.Client", cost["httpx", "execute"], "ms"),
        against("get, CPU", cost["facade", "get"], 1.15, "httpx.Client", cost["httpx", "get"], "ms"),
        Row("execute, CPU", cost["facade", "execute"], None, "ms", "official", cost["official", "execute"]),
        against("get, CPU", cost["facade", "get"], 1, "official", cost["official", "get"], "ms"),
        against("list page of 200, CPU", listed, 1 / 8, "official", cost["official", "list"], "ms"),
        Row("list page of 200, CPU (stretch: 2 ms)", listed, None, "ms", "httpx + json", cost["httpx", "list"]),
    ]


def limits(port: int) -> list[Row]:
    """Count requests from cold, and bytes read of a body over the cap."""
    told = probed(ALONE, "probe_limits.py", port)
    rows = [
        Row(
            "requests of each action from cold, by ID",
            max(told["requests"].values()),
            1,
            "",
            "official execute",
            told["official_execute"],
            f"{len(told['requests'])} actions",
        ),
    ]
    cap = 100 * 2**20
    for in_task, counts in enumerate(told["over"]):
        way = "async" if in_task else "sync"
        rows.append(Row(f"bytes read, 101 MB declared, {way}", counts["read"], 0, "B", note=str(counts["kind"])))
    for in_task, counts in enumerate(told["endless"]):
        way, beyond = "async" if in_task else "sync", counts["read"] - cap
        rows.append(
            Row(f"bytes over the cap, 5 GB chunked, {way}", beyond, counts["largest"], "B", note=str(counts["kind"]))
        )
    return rows


def bursting(port: int, rounds: int) -> Iterator[Row]:
    """Execute concurrently on a server that takes 50 ms."""
    for count in (100, 1000, 5000):
        yield from _burst(port, count, rounds if count < 5000 else min(rounds, 3))
    for name, way in (("facade_fast", ", fast"), ("facade", "")):
        queued = probed(HOMES[name], "probe_bursts.py", port, name, 10_000, 1)
        note = f"{queued['wall_ms'] / 1000:.1f} s, {queued['said'] or 'no error'}"
        yield Row(f"10,000 queued{way}: errors", queued["errors"], 0, "", note=note)
        yield Row(f"10,000 queued{way}: peak RSS", queued["peak_mb"], None, "MB")


def _burst(port: int, count: int, rounds: int) -> Iterator[Row]:
    probes: dict[str, tuple[object, ...]] = {
        name: (home, "probe_bursts.py", port, name, count, 2) for name, home in HOMES.items()
    }
    told = alternated(probes, rounds)
    wall = {name: median(said, "wall_ms") for name, said in told.items()}
    peak = {name: worst(said, "peak_mb") for name, said in told.items()}
    what = f"{count:,} async executes at once"
    errors = {name: worst(told[name], "errors") for name in told}
    for name, way in (("facade", ""), ("facade_fast", ", fast")):
        yield against(f"{what}{way}: wall", wall[name], 1, "official async", wall["official"], "ms")
        yield against(f"{what}{way}: wall", wall[name], 1, "httpx.AsyncClient", wall["httpx"], "ms")
        yield against(f"{what}{way}: peak RSS", peak[name], 1, "official async", peak["official"], "MB")
        yield Row(f"{what}{way}: errors", errors[name], 0, "", "official async", errors["official"])


def threading(port: int, rounds: int) -> Iterator[Row]:
    """Execute from threads on a server that takes 50 ms, ten calls each."""
    names = ("facade", "httpx", "official")
    for count in (16, 100):
        told = alternated(
            {name: (HOMES[name], "probe_threads.py", port, name, count) for name in names}, min(rounds, 3)
        )
        wall = {name: median(said, "wall_ms") for name, said in told.items()}
        what = f"{count} threads, 10 executes each"
        yield against(f"{what}: wall", wall["facade"], 1.15, "httpx.Client", wall["httpx"], "ms")
        yield against(f"{what}: wall", wall["facade"], 1, "official", wall["official"], "ms")
        errors = {name: worst(told[name], "errors") for name in names}
        yield Row(f"{what}: errors", errors["facade"], 0, "", "official", errors["official"])


def transferring(port: int, rounds: int) -> Iterator[Row]:
    """Move 100 MB in base64 text, each way."""
    for way, extra_mb, share in (("download", 1.05 * 400 / 3, 0.35), ("upload", 4, None)):
        probes: dict[str, tuple[object, ...]] = {
            "facade": (ALONE, "probe_files.py", port, "facade", way, "plain"),
            "fast": (FAST, "probe_files.py", port, "facade", way, "fast"),
            "official": (OFFICIAL, "probe_files.py", port, "official", way, "plain"),
        }
        if way == "upload":
            probes["floor"] = (ALONE, "probe_files.py", port, "floor", "decode", "plain")
        told = alternated(probes, rounds)
        cpu = {name: median(said, "cpu_ms") for name, said in told.items()}
        extra = {name: worst(said, "extra_mb") for name, said in told.items()}
        checked = "digests equal" if all(f["verified"] for said in told.values() for f in said) else "DIGESTS DIFFER"
        peer, what = "official + base64", f"{way} 100 MB"
        mine = max(extra["facade"], extra["fast"])
        yield Row(f"{what}: extra peak", mine, extra_mb, "MB", peer, extra["official"], checked)
        yield against(f"{what}, CPU", cpu["facade"], 0.65, peer, cpu["official"], "ms")
        goal = None if share is None else share * cpu["official"]
        yield Row(f"{what} with pybase64, CPU", cpu["fast"], goal, "ms", peer, cpu["official"])
        if way == "upload":
            yield Row("its floor: binascii.a2b_base64 alone, CPU", cpu["floor"], None, "ms", peer, cpu["official"])


def helping(rounds: int) -> list[Row]:
    """Ask the command line for help, where it is there."""
    try:
        times = sorted(run(CLI, "-m", "daytona_facade.cli", "--help")[1] for _ in range(max(rounds, 5)))
    except RuntimeError as exc:
        return [Row("daytona-facade --help, CPU", None, 150, "ms", note=str(exc).splitlines()[-1][:80])]
    return [Row("daytona-facade --help, CPU", times[len(times) // 2], 150, "ms")]


def scaling(port: int, rounds: int) -> list[Row]:
    """Make the same call after ever more of everything: the last level may cost no more than the first two did."""
    kinds = {"sandboxes": "sandboxes seen", "clients": "clients made", "calls": "calls done"}
    told = alternated({kind: (ALONE, "probe_scaling.py", port, kind) for kind in kinds}, min(rounds, 3))
    rows = []
    for kind, words in kinds.items():
        levels = list(told[kind][0]["cpu_ms"])
        costs = [median([dict(figures["cpu_ms"]) for figures in told[kind]], level) for level in levels]
        shown = " ".join(f"{int(level):,}: {cost:.2f}" for level, cost in zip(levels, costs, strict=True))
        rows.append(
            Row(f"execute after 10,000 {words}, CPU", costs[-1], 1.2 * max(costs[:2]), "ms", "after 1", costs[0], shown)
        )
    return rows
