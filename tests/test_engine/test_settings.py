"""What a client is configured with: arguments, and variables only for what is not given."""

import httpx
import pytest

from daytona_facade import AsyncDaytona, Daytona

VARIABLES = {
    "DAYTONA_API_KEY": "platform-key",
    "DAYTONA_API_URL": "https://platform.example/api",
    "DAYTONA_TOOLBOX_URL": "https://platform.example/toolbox",
    "DAYTONA_TARGET": "platform-region",
    "DAYTONA_ORGANIZATION_ID": "platform-organization",
}


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[httpx.Request]:
    """Set all variables to the platform's values, and return the list that a server would fill."""
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    return []


def _transport(requests: list[httpx.Request]) -> httpx.MockTransport:
    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json={"id": "a", "items": []})

    return httpx.MockTransport(answer)


@pytest.mark.parametrize("client", [Daytona, AsyncDaytona])
@pytest.mark.parametrize("key", ["", " ", "\t\n"])
def test_an_empty_key_is_an_error(requests: list[httpx.Request], client: type, key: str) -> None:
    """A tenant whose key is empty does not act with the platform's."""
    with pytest.raises(ValueError, match="the Daytona API key is empty"):
        client(key)


def test_two_tenants_share_nothing(requests: list[httpx.Request]) -> None:
    """A server sees the key of the tenant who has one, and none of the platform's settings that were switched off."""
    tenant = Daytona("tenant-key", organization_id="", target="", transport=_transport(requests))

    tenant.list_sandboxes()
    tenant.create_sandbox()

    assert [request.headers["authorization"] for request in requests] == ["Bearer tenant-key"] * 2
    assert not any("x-daytona-organization-id" in request.headers for request in requests)
    assert requests[1].content == b"{}"


def test_variables_are_read_for_what_is_none(requests: list[httpx.Request]) -> None:
    """Without arguments the variables apply, all of them."""
    Daytona(transport=_transport(requests)).create_sandbox()

    (request,) = requests
    assert str(request.url) == "https://platform.example/api/sandbox"
    assert request.headers["authorization"] == "Bearer platform-key"
    assert request.headers["x-daytona-organization-id"] == "platform-organization"
    assert request.content == b'{"target":"platform-region"}'


def test_an_empty_toolbox_url_is_none(requests: list[httpx.Request]) -> None:
    """With an empty toolbox URL the sandbox's toolbox is looked up."""
    Daytona("key", toolbox_url="", transport=_transport(requests)).execute_command("a", "true")

    assert [request.url.path for request in requests] == ["/api/sandbox/a"]


def test_an_empty_api_url_is_an_error(requests: list[httpx.Request]) -> None:
    """It does not fall back to the platform's API."""
    with pytest.raises(ValueError, match="api_url must be an http or https URL"):
        Daytona("key", api_url="")


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable of spaces counts as missing."""
    monkeypatch.setenv("DAYTONA_API_KEY", "  ")

    with pytest.raises(ValueError, match="pass api_key or set DAYTONA_API_KEY"):
        Daytona()
