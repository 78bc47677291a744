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


@covers("list: limit outside 1 to 200 is 400", "list: bad labels 400", "list: bad cursor 400")
@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"limit": 201}, "limit must not be greater than 200"),
        ({"limit": 0}, "limit must not be less than 1"),
        ({"limit": "x"}, "limit must be an integer number"),
        ({"labels": "{"}, "Invalid labels JSON format"),
        ({"labels": '{"a": 1}'}, "Invalid labels JSON format"),
        ({"cursor": "%%%"}, None),
        ({"cursor": "e30="}, None),
    ],
    ids=str,
)
def test_list_refuses(wire: Wire, query: dict[str, str], message: str | None) -> None:
    """A query that makes no sense is refused."""
    answer = wire.rest("GET", "/sandbox", params=query)

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(message or "Invalid cursor provided: ")
