"""`pressroom serve`: answer HTTP requests."""

import argparse
import os
import socket
from collections.abc import Mapping

from contractgen_runtime.service import serving
from contractgen_runtime.service.settings import DEVELOPMENT_URL
from pressroom.commands import arguments as types
from pressroom.commands import development
from pressroom.commands.banner import banner
from pressroom.commands.database import run as run_work
from pressroom.commands.database import with_database, with_database_at_head
from pressroom.commands.errors import REFUSED, USAGE, CommandError
from pressroom.settings import Settings

APPLICATION = "pressroom.main:create_app_from_environment"


def run(settings: Settings, arguments: argparse.Namespace) -> None:
    if arguments.reload and arguments.workers > 1:
        raise CommandError("--reload goes with one server process", USAGE)
    if arguments.reload:
        development.require(settings, "--reload")
    port = arguments.port if arguments.port is not None else _port_from_environment()
    try:
        listener = serving.listen(arguments.host, port)
    except (OSError, OverflowError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise CommandError(f"cannot listen on {arguments.host}:{port}: {reason}", REFUSED) from None
    with listener:
        environment: dict[str, str] = {}
        if settings.is_development:
            settings = with_database(settings)
            address = serving.address_of(listener)
            if settings.public_url == DEVELOPMENT_URL:
                environment["PRESSROOM_PUBLIC_URL"] = address
            run_work(development.prepare(settings))
            print(banner(settings, address), flush=True)
        else:
            settings = with_database_at_head(settings)
        environment["DATABASE_URL"] = settings.database_url
        if arguments.no_mail_worker:
            environment["PRESSROOM_MAIL_WORKER"] = "false"
        _serve(listener, arguments, settings, environment)


def _serve(
    listener: socket.socket, arguments: argparse.Namespace, settings: Settings, environment: Mapping[str, str]
) -> None:
    if arguments.reload:
        serving.run_reloading(
            APPLICATION,
            listener,
            folders=development.code_folders(),
            environment=environment,
            settings=settings,
        )
    elif not serving.run_server(
        "pressroom",
        APPLICATION,
        listener,
        workers=arguments.workers,
        environment=environment,
        settings=settings,
    ):
        raise CommandError("the application did not start; the log says why", REFUSED)


def _port_from_environment() -> int:
    try:
        return types.port(os.environ.get("PORT") or "8000")
    except argparse.ArgumentTypeError as error:
        raise CommandError(f"PORT: {error}", USAGE) from None
