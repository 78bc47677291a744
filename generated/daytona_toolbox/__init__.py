# Written by `make generate` from openapi/toolbox.yaml. Do not edit.

"""A client library for accessing Daytona toolbox"""

from .client import AuthenticatedClient, Client

__all__ = (
    "AuthenticatedClient",
    "Client",
)
