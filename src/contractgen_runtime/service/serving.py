"""Running the HTTP server: its socket and its processes."""

import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import uvicorn
from uvicorn.supervisors import ChangeReload

from .settings import ServiceSettings, SettingsError
from .supervisor import replace_process
from .wire.limits import UNSENT_BYTES, Limits
from .wire.server import configuration, serve
from .wire.workers import Workers


def listen(host: str, port: int) -> socket.socket:
    """The listening socket of all server processes; OSError when the port is taken or the host unknown."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=2048)
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):  # connections inherit it
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
    return listener


def run_server(
    name: str,
    application: str,
    listener: socket.socket,
    *,
    workers: int,
    environment: Mapping[str, str],
    settings: ServiceSettings,
) -> bool:
    """Serve, and export metrics, until a signal; return False when the application could not start.

    `application` names the function that creates it, as in `package.main:create_app_from_environment`. The
    server processes load their settings themselves, from `environment` on top of this process's own. In
    production several of them have a supervisor, which replaces this process: it does not return. `name` is
    the program's, for an error. SettingsError as `metrics_served` raises it.
    """
    limits = settings.connection_limits
    if workers > 1 and not settings.is_development:
        with metrics_served(settings):
            pass  # the supervisor would have no settings to name
        metrics = (settings.metrics_host, settings.metrics_port) if settings.metrics_port else None
        replace_process(
            name,
            application,
            listener,
            workers=workers,
            environment=environment,
            limits=limits,
            metrics=metrics,
        )
    with metrics_served(settings) as variables:
        os.environ.update({**environment, **variables})
        if workers > 1:  # this process may hold the database of development
            return Workers(application, limits, listener, workers).run()
        return serve(application, limits, listener)


def run_reloading(
    application: str,
    listener: socket.socket,
    *,
    folders: Sequence[Path],
    environment: Mapping[str, str],
    settings: ServiceSettings,
) -> None:
    """Serve until a signal as `run_server` does, with a new process whenever code in the folders changes."""
    config = configuration(application, Limits(), reload=True, reload_dirs=list(map(str, folders)))
    listener.set_inheritable(True)
    with metrics_served(settings) as variables:
        os.environ.update({**environment, **variables})
        ChangeReload(config, target=uvicorn.Server(config).run, sockets=[listener]).run()


@contextmanager
def metrics_served(settings: ServiceSettings) -> Iterator[Mapping[str, str]]:
    """Serve the metrics where the settings say; yield variables for the environment of the server processes.

    SettingsError when the port is taken, or what it needs is not installed.
    """
    if not settings.metrics_port:
        yield {}
        return
    variable = settings.variable("metrics_port")
    with ExitStack() as stack:
        try:
            from contractgen_runtime.metrics.exporter import exporting  # noqa: PLC0415 - an optional package

            variables = stack.enter_context(exporting(settings.metrics_host, settings.metrics_port))
        except ImportError:
            raise SettingsError(f"{variable}: needs the extra metrics of contractgen-runtime") from None
        except OSError as error:
            where = f"{settings.metrics_host}:{settings.metrics_port}"
            raise SettingsError(f"{variable}: cannot listen on {where}: {error.strerror or error}") from None
        yield variables


def address_of(listener: socket.socket) -> str:
    """The URL of a listening socket, as somebody on this machine would type it."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - a comparison, not a bind
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
