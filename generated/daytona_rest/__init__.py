# Written by `make generate` from openapi/rest.yaml. Do not edit.

"""A client library for accessing Daytona sandboxes"""

from .client import AuthenticatedClient, Client

__all__ = (
    "AuthenticatedClient",
    "Client",
)
