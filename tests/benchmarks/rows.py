"""The rows of the table: what is measured, against whom, and what is to be reached."""

from row import Row, against
from running import alternated, environment, installed, median, probed, run, worst

EVERYTHING, ALONE, OFFICIAL, CLI = environment(""), environment("alone"), environment("official"), environment("cli")


def starting(port: int, rounds: int) -> list[Row]:
    """Measure import and readiness, each in the environment that an install of it alone makes."""
    probe = "probe_start.py"
    probes: dict[str, tuple[object, ...]] = {
        "bare": (ALONE, probe, "bare"),
        "lazy": (ALONE, probe, "lazy"),
        "httpx_attrs": (ALONE, probe, "httpx_attrs"),
        "facade": (ALONE, probe, "facade"),
        "facade_call": (ALONE, probe, "facade_call", port),
        "httpx_call": (ALONE, probe, "httpx_call", port),
        "official": (OFFICIAL, probe, "official"),
        "official_call": (OFFICIAL, probe, "official_call", port),
        "e2b": (EVERYTHING, probe, "e2b"),
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
        "facade": (EVERYTHING, probe, port, "facade", 999),
        "official": (EVERYTHING, probe, port, "official", 20),
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
        name: (EVERYTHING, "probe_calls.py", port, name) for name in ("facade", "httpx", "official")
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
    told = probed(EVERYTHING, "probe_limits.py", port)
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


def bursting(port: int, rounds: int) -> list[Row]:
    """Execute concurrently on a server that takes 50 ms."""
    probe = "probe_bursts.py"
    names = ("facade_fast", "facade", "httpx", "official")
    told = alternated({name: (EVERYTHING, probe, port, name, 1000, 2) for name in names}, rounds)
    wall = {name: median(said, "wall_ms") for name, said in told.items()}
    peak = {name: worst(said, "peak_mb") for name, said in told.items()}
    queued = {name: probed(EVERYTHING, probe, port, name, 10_000, 1) for name in ("facade", "facade_fast")}
    what = "1000 concurrent executes"
    rows = [
        against(f"{what}, fast: wall", wall["facade_fast"], 1, "official async", wall["official"], "ms"),
        against(f"{what}: wall", wall["facade"], 1, "httpx.AsyncClient", wall["httpx"], "ms"),
    ]
    for name, way in (("facade_fast", ", fast"), ("facade", "")):
        rows.append(against(f"{what}{way}: peak RSS", peak[name], 1, "official async", peak["official"], "MB"))
        rows.append(
            Row(
                f"{what}{way}: errors",
                worst(told[name], "errors"),
                0,
                "",
                "official async",
                worst(told["official"], "errors"),
            )
        )
        rows.append(
            Row(
                f"10,000 queued{way}: errors",
                queued[name]["errors"],
                0,
                "",
                note=f"{queued[name]['wall_ms'] / 1000:.1f} s, {queued[name]['said'] or 'no error'}",
            )
        )
        rows.append(Row(f"10,000 queued{way}: peak RSS", queued[name]["peak_mb"], None, "MB"))
    return rows


def transferring(port: int, rounds: int) -> list[Row]:
    """Move 100 MB in base64 text, each way."""
    probe = "probe_files.py"
    probes: dict[str, tuple[object, ...]] = {
        f"{who} {way} {base}": (EVERYTHING, probe, port, who, way, base)
        for way in ("download", "upload")
        for who, base in (("facade", "plain"), ("facade", "fast"), ("official", "plain"))
    }
    probes["floor"] = (EVERYTHING, probe, port, "floor", "decode", "plain")
    told = alternated(probes, rounds)
    cpu = {name: median(said, "cpu_ms") for name, said in told.items()}
    extra = {name: worst(said, "extra_mb") for name, said in told.items()}
    checked = "digests equal" if all(f["verified"] for said in told.values() for f in said) else "DIGESTS DIFFER"
    down, up = cpu["official download plain"], cpu["official upload plain"]
    return [
        Row(
            "download 100 MB: extra peak",
            max(extra["facade download plain"], extra["facade download fast"]),
            1.05 * 400 / 3,
            "MB",
            "official + base64",
            extra["official download plain"],
            checked,
        ),
        against("download 100 MB, CPU", cpu["facade download plain"], 0.65, "official + base64", down, "ms"),
        against(
            "download 100 MB with pybase64, CPU", cpu["facade download fast"], 0.35, "official + base64", down, "ms"
        ),
        Row(
            "upload 100 MB: extra peak",
            max(extra["facade upload plain"], extra["facade upload fast"]),
            4,
            "MB",
            "official + base64",
            extra["official upload plain"],
            checked,
        ),
        against("upload 100 MB, CPU", cpu["facade upload plain"], 0.65, "official + base64", up, "ms"),
        Row("its floor: binascii.a2b_base64 alone, CPU", cpu["floor"], None, "ms", "official + base64", up),
        Row("upload 100 MB with pybase64, CPU", cpu["facade upload fast"], None, "ms", "official + base64", up),
    ]


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
    told = alternated({kind: (EVERYTHING, "probe_scaling.py", port, kind) for kind in kinds}, min(rounds, 3))
    rows = []
    for kind, words in kinds.items():
        levels = list(told[kind][0]["cpu_ms"])
        costs = [median([dict(figures["cpu_ms"]) for figures in told[kind]], level) for level in levels]
        shown = " ".join(f"{int(level):,}: {cost:.2f}" for level, cost in zip(levels, costs, strict=True))
        rows.append(
            Row(f"execute after 10,000 {words}, CPU", costs[-1], 1.2 * max(costs[:2]), "ms", "after 1", costs[0], shown)
        )
    return rows
