"""How sandboxes are kept apart from this machine and from each other."""

from .choose import Isolation, IsolationError, choose_isolation, isolation_problem

__all__ = ["Isolation", "IsolationError", "choose_isolation", "isolation_problem"]
