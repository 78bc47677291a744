"""How a call runs, without sockets and without asyncio: deadline, addresses, retries, failures."""
