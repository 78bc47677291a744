"""The actions as an MCP server, on stdio or streamable HTTP. Needs the extra ``mcp``.

Run it with ``daytona-facade mcp``, or with ``python -m daytona_facade.mcp``.
"""

try:
    from mcp.server import Server
except ImportError as exc:
    raise ImportError("the MCP server needs an extra: pip install 'daytona-facade[mcp]'") from exc

from .server import build_server
from .serving import serve

__all__ = ["Server", "build_server", "serve"]
