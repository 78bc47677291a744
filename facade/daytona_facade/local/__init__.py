"""Daytona on this machine: an embedded server with real sandboxes, for tests and for work without an account.

Needs the extra `local`: pip install 'daytona-facade[local]'.
"""

from __future__ import annotations

from .extra import require_extra

require_extra()

from .launch import LocalDaytona  # noqa: E402 -- the extra is checked first, so that its absence is told clearly

__all__ = ["LocalDaytona"]
