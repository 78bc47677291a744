# Written by `make generate` from openapi/rest.yaml. Do not edit.
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_body import ErrorBody
from ...models.sandbox import Sandbox
from ...types import Response


def _get_kwargs(
    sandbox_id_or_name: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/sandbox/{sandbox_id_or_name}/stop".format(
            sandbox_id_or_name=quote(str(sandbox_id_or_name), safe=""),
        ),
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorBody | Sandbox | None:
    if response.status_code == 200:
        response_200 = Sandbox.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = ErrorBody.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = ErrorBody.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = ErrorBody.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = ErrorBody.from_dict(response.json())

        return response_404

    if response.status_code == 409:
        response_409 = ErrorBody.from_dict(response.json())

        return response_409

    if response.status_code == 429:
        response_429 = ErrorBody.from_dict(response.json())

        return response_429

    if response.status_code == 500:
        response_500 = ErrorBody.from_dict(response.json())

        return response_500

    if response.status_code == 503:
        response_503 = ErrorBody.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[ErrorBody | Sandbox]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    sandbox_id_or_name: str,
    *,
    client: AuthenticatedClient | Client,
) -> Response[ErrorBody | Sandbox]:
    """Stop a running sandbox.

     The answer comes at once, while the sandbox is still stopping.

    Args:
        sandbox_id_or_name (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorBody | Sandbox]
    """

    kwargs = _get_kwargs(
        sandbox_id_or_name=sandbox_id_or_name,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    sandbox_id_or_name: str,
    *,
    client: AuthenticatedClient | Client,
) -> ErrorBody | Sandbox | None:
    """Stop a running sandbox.

     The answer comes at once, while the sandbox is still stopping.

    Args:
        sandbox_id_or_name (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorBody | Sandbox
    """

    return sync_detailed(
        sandbox_id_or_name=sandbox_id_or_name,
        client=client,
    ).parsed


async def asyncio_detailed(
    sandbox_id_or_name: str,
    *,
    client: AuthenticatedClient | Client,
) -> Response[ErrorBody | Sandbox]:
    """Stop a running sandbox.

     The answer comes at once, while the sandbox is still stopping.

    Args:
        sandbox_id_or_name (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorBody | Sandbox]
    """

    kwargs = _get_kwargs(
        sandbox_id_or_name=sandbox_id_or_name,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    sandbox_id_or_name: str,
    *,
    client: AuthenticatedClient | Client,
) -> ErrorBody | Sandbox | None:
    """Stop a running sandbox.

     The answer comes at once, while the sandbox is still stopping.

    Args:
        sandbox_id_or_name (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorBody | Sandbox
    """

    return (
        await asyncio_detailed(
            sandbox_id_or_name=sandbox_id_or_name,
            client=client,
        )
    ).parsed
