"""Daytona on this machine: an embedded server with real sandboxes, for tests and for work without an account.

Needs the extra ``local``: ``pip install 'daytona-facade[local]'``.
"""

from .extra import require_extra

require_extra()

from .isolation import IsolationError, isolation_problem  # noqa: E402 - the extra is checked first
from .isolation.limits_report import limits_in_force  # noqa: E402 - the extra is checked first
from .launch import LocalDaytona, NoIsolationWarning  # noqa: E402 - the extra is checked first

__all__ = ["IsolationError", "LocalDaytona", "NoIsolationWarning", "isolation_problem", "limits_in_force"]
