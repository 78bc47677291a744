"""The answers to lists of sandboxes, row by row."""

import json

import pytest

from test_local.rows import covers
from test_local.wire import Wire


@covers("list: pages by cursor", "list: nextCursor null at the end", "list: last active first", "list: items lack env")
def test_list_pages(wire: Wire) -> None:
    """The pages hold each sandbox once, the last active first."""
    made = [wire.made(labels={"set": "pages"}) for _ in range(3)]
    labels = json.dumps({"set": "pages"})
    query = {"labels": labels, "limit": 2}
    first = wire.rest("GET", "/sandbox", params=query).json()
    second = wire.rest("GET", "/sandbox", params={**query, "cursor": first["nextCursor"]}).json()
    found = first["items"] + second["items"]

    assert (len(first["items"]), len(second["items"]), second["nextCursor"]) == (2, 1, None)
    assert made[::-1] == [item["id"] for item in found]
    assert not any("env" in item for item in found)
    assert all("networkBlockAll" in item for item in found)


@covers("list: sort and order")
def test_list_sorts(wire: Wire) -> None:
    """Another order can be asked for."""
    for name in ("sort-b", "sort-a"):
        wire.create(name=name)
    found = wire.rest("GET", "/sandbox", params={"name": "sort-", "sort": "name", "order": "asc"}).json()["items"]

    assert [item["name"] for item in found] == ["sort-a", "sort-b"]


@covers("list: name is a prefix in any case", "list: % and _ are wild")
def test_list_filters_by_name(wire: Wire) -> None:
    """A name is matched as SQL's LIKE does."""
    for name in ("pre-x", "pre-y"):
        wire.create(name=name)
    for prefix, count in [("PRE", 2), ("pre-x", 1), ("re", 0), ("pre%y", 1), ("p_e", 2), ("pre.", 0)]:
        assert count == len(wire.rest("GET", "/sandbox", params={"name": prefix}).json()["items"]), prefix


@covers("list: all labels match exactly", "list: states")
def test_list_filters(wire: Wire) -> None:
    """Every label of the filter has to be there, with its value."""
    box = wire.made(labels={"one": "1", "two": "2"})

    def found(**query: str) -> list[str]:
        return [item["id"] for item in wire.rest("GET", "/sandbox", params=query).json()["items"]]

    assert [box] == found(labels='{"one": "1", "two": "2"}')
    assert found(labels='{"one": "1", "three": "3"}') == []
    assert found(labels='{"one": "10"}') == []
    assert [box] == found(labels='{"one": "1"}', states="started")
    assert found(labels='{"one": "1"}', states="stopped") == []


@covers("list: limit outside 1 to 200 is 400", "list: bad labels 400", "list: bad cursor 400", "list: bad filters 400")
@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("limit=201", 400, "limit must not be greater than 200"),
        ("limit=0", 400, "limit must not be less than 1"),
        ("limit=-1.5", 400, "limit must be an integer number, limit must not be less than 1"),
        (
            "limit=x",
            400,
            "limit must be an integer number, limit must not be less than 1, limit must not be greater than 200",
        ),
        ("limit=Infinity", 400, "limit must be an integer number, limit must not be greater than 200"),
        ("labels={", 400, "Invalid labels JSON format"),
        ("labels=NaN", 400, "Invalid labels JSON format"),
        ('labels="x"', 500, "An unexpected error occurred."),
        ("cursor=%25%25%25", 400, "Invalid cursor provided: %%%"),
        ("cursor=e30=", 400, "Invalid cursor provided: e30="),
        ("name=a&name=b", 400, "name must be a string"),
        ("sort=", 400, "sort must be one of the following values: name, cpu, memoryGib, diskGib, "),
        ("sort=x&order=", 400, "sort must be one of the following values: "),
        ("states=started&states=", 400, "each value must be one of the following values: creating, restoring, "),
        ("states=started,stopped", 400, "each value must be one of the following values: creating, restoring, "),
        ("minCpu=0", 400, "minCpu must not be less than 1"),
        ("createdAtAfter=soon", 400, "createdAtAfter must be a Date instance"),
        ("id=%00", 500, "An unexpected error occurred."),
    ],
)
def test_list_refuses(wire: Wire, query: str, status: int, message: str) -> None:
    """A query that the API's rules forbid is refused in its words."""
    answer = wire.rest("GET", f"/sandbox?{query}")

    assert (answer.status_code, answer.json()["message"][: len(message)]) == (status, message)


@covers("list: odd queries that pass")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("limit=+5+", True),
        ("limit=1e1", True),
        ("limit=0x5", True),
        ("labels=&name=&cursor=&states=&page=x", True),
        ("states=started&states=stopped", True),
        ("labels=5", False),
        ('labels={"odd":1}', False),
        ("snapshots=other", False),
        ("snapshots=other&snapshots=daytonaio/sandbox:local", True),
        ("minCpu=2", False),
        ("maxCpu=2&regionIds=local", True),
        ("createdAtBefore=2000-01-01T00:00:00Z", False),
        ("createdAtAfter=2000-01-01T00:00:00Z", True),
    ],
)
def test_list_odd_queries(shared: Wire, query: str, found: bool) -> None:
    """What the API's rules allow is answered with the sandboxes that match."""
    answer = shared.rest("GET", f"/sandbox?{query}")

    assert answer.status_code == 200
    assert bool(answer.json()["items"]) == found
