"""Sockets: the sync and async drivers, and the connection pools that they share."""
