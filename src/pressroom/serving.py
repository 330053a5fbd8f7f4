"""Running the HTTP server: its socket, its processes, and what development prepares before."""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from pressroom.admin import DEVELOPMENT_EMAIL
from pressroom.settings import Settings
from pressroom.web.log import LOGGING
from pressroom.web.protocol import ProblemProtocol

APPLICATION = "pressroom.main:create_app_from_environment"


def listen(host: str, port: int) -> socket.socket:
    """The listening socket of all server processes; OSError when the port is taken or the host unknown."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


def run_server(listener: socket.socket, *, workers: int, environment: Mapping[str, str]) -> bool:
    """Serve until a signal; False when the application could not start.

    The server processes load their settings themselves, from `environment` on top of this process's own.
    """
    os.environ.update(environment)
    config = uvicorn.Config(
        APPLICATION,
        factory=True,
        workers=workers,
        loop="uvloop",
        http=ProblemProtocol,
        ws="none",
        lifespan="on",
        log_config=LOGGING,
        access_log=False,  # the edge writes it
        server_header=False,
        proxy_headers=False,  # nothing here reads the client's address or scheme
        timeout_keep_alive=15,
        timeout_graceful_shutdown=8,
    )
    if workers > 1:
        listener.set_inheritable(True)
        supervisor = Multiprocess(config, sockets=[listener])
        supervisor.run()
        return all(process.exitcode != STARTUP_FAILURE for process in supervisor.processes)
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listener])
    return server.started


def banner(settings: Settings, address: str) -> str:
    """What a developer needs first: where it is, where mail goes, how to log in."""
    password = settings.development_admin_password.get_secret_value()
    credentials = f'{{"email": "{DEVELOPMENT_EMAIL}", "password": "{password}"}}'
    return f"""
Pressroom (development)
  service   {address}
  docs      {address}/docs
  mailbox   {settings.mailbox_dir}
  log in    curl -s {address}/api/v1/auth/login -H 'Content-Type: application/json' -d '{credentials}'
"""


def address_of(listener: socket.socket) -> str:
    """The URL of a listening socket, as somebody on this machine would type it."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - a comparison, not a bind
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
