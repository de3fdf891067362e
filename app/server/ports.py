"""Addresses to listen on, taken before the long work of a start."""

import os
import socket


class PortInUse(Exception):
    """HOST and PORT cannot be listened on."""


def bound(host: str, port: int, name: str) -> socket.socket:
    """A socket on that address, which does not listen yet: until the product is up, browsers are
    refused instead of kept waiting. Raises PortInUse with a sentence that names the setting.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        return listener
    except OSError as exc:
        listener.close()
        reason = os.strerror(exc.errno) if exc.errno and exc.errno > 0 else str(exc)
        raise PortInUse(
            f"Cannot listen on {host}:{port}: {reason}. Set HOST and {name} to a free address."
        ) from exc
