"""Serve an application: a socket to listen on, and a server that runs until it is stopped."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 is any free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OSError(f"cannot listen on {host}:{port}: {reason}") from None


def server_of(app: ASGIApp, *, log: bool = False, level: str = "warning") -> uvicorn.Server:
    """Return a server; with `log` it prints a line for every request."""
    level = "info" if log else level
    return uvicorn.Server(uvicorn.Config(app, ws="none", access_log=log, log_level=level))


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Serve on a free port of this machine, in a thread that ends with the context; yield the address."""
    with listen("127.0.0.1", 0) as listener:
        # Requests that are not HTTP are what a fuzzer sends: no warning is printed for each.
        server = server_of(app, level="error")
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
