"""The command line: answers go to standard output; logs and one-line errors to standard error."""

import argparse
import asyncio
import json
import logging.config
import os
import secrets
import signal
import sys
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar
from uuid import UUID

from contractgen_runtime.postgres import embedded
from contractgen_runtime.postgres.reasons import DATABASE_ERRORS, reason_of
from contractgen_runtime.service import serving
from contractgen_runtime.service.log import LOGGING, configure_log
from contractgen_runtime.service.settings import DEVELOPMENT_URL, SettingsError
from pressroom import __version__, admin, dead_letters, development, seed, worker
from pressroom.banner import banner
from pressroom.migrations import MIGRATIONS
from pressroom.settings import Settings, load_settings

T = TypeVar("T")

APPLICATION = "pressroom.main:create_app_from_environment"
REFUSED, USAGE, DATABASE = 1, 2, 3

EPILOG = """\
Settings come from the environment and from .env; .env.example lists them.
With PRESSROOM_ENVIRONMENT=development nothing else is needed: secrets are made and kept, and without
DATABASE_URL a PostgreSQL of its own is started.

exit codes: 0 done, 1 refused, 2 wrong usage or settings, 3 database unreachable or its schema not at head
"""


class CommandError(Exception):
    """What ends a command: one line for standard error, and the exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    arguments = parser().parse_args(argv)
    # SIGTERM ends the process by way of every `finally`, and is an ordinary end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    logging.config.dictConfig(LOGGING)
    try:
        settings = load_settings()
        configure_log(settings.log_format, settings.log_level)
        arguments.run(settings, arguments)
    except SettingsError as error:
        return _report(str(error), USAGE)
    except CommandError as error:
        return _report(str(error), error.code)
    except KeyboardInterrupt:
        return 130
    return 0


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="pressroom",
        description="Accounts, posts and notifications over HTTP, as the contract says.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = top.add_subparsers(title="commands", metavar="<command>", required=True)

    command = commands.add_parser(
        "serve",
        help="answer HTTP requests",
        description="Answer HTTP requests until SIGTERM or Ctrl-C; requests that run are then finished. "
        "In development the database is prepared and an administrator made; in production the schema must be "
        "at head.",
    )
    command.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    command.add_argument(
        "--port", type=_port, default=None, help="default: $PORT, else 8000; 0 takes a free one"
    )
    command.add_argument(
        "--workers", type=_processes, default=1, metavar="N", help="server processes (default: 1)"
    )
    command.add_argument(
        "--no-mail-worker", action="store_true", help="leave the queued mail to `pressroom worker`"
    )
    command.add_argument(
        "--reload", action="store_true", help="start anew when code changes; in development only"
    )
    command.set_defaults(run=_serve)

    command = commands.add_parser(
        "worker", help="send the queued mail", description="Send the queued mail until SIGTERM or Ctrl-C."
    )
    command.set_defaults(run=_worker)

    command = commands.add_parser(
        "dead-letters",
        help="list the mail that was given up",
        description="List the jobs whose last attempt failed, one a line: id, kind, attempts, when, why.",
    )
    command.set_defaults(run=_dead_letters)

    command = commands.add_parser(
        "redrive",
        help="try to send mail again that was given up",
        description="Let jobs that `pressroom dead-letters` lists start over.",
    )
    chosen = command.add_mutually_exclusive_group(required=True)
    chosen.add_argument("ids", nargs="*", type=_id, default=[], metavar="ID", help="a job's id")
    chosen.add_argument("--all", action="store_true", help="every job that is listed")
    command.set_defaults(run=_redrive)

    command = commands.add_parser(
        "migrate",
        help="bring the database's schema to head",
        description="Bring the database's schema to head. Safe to repeat, and from several places at once.",
    )
    command.set_defaults(run=_migrate)

    command = commands.add_parser(
        "seed",
        help="fill the database for load tests",
        description="Fill a database that has no users, but for development's administrator, and print as "
        "JSON how to use it: two accounts and access tokens.",
    )
    for name, default in (("users", 100), ("posts", 1000), ("tokens", 10)):
        command.add_argument(
            f"--{name}", type=_count, default=default, metavar="N", help="default: %(default)s"
        )
    command.set_defaults(run=_seed)

    command = commands.add_parser(
        "psql",
        help="look into the development database",
        description="Run psql on the development database, which is started if nothing uses it.",
    )
    command.set_defaults(run=_psql)

    command = commands.add_parser(
        "reset",
        help="empty the development database",
        description="Drop everything in the development database and its mailbox, and prepare it again.",
    )
    command.set_defaults(run=_reset)

    command = commands.add_parser(
        "create-admin",
        help="make an administrator",
        description="Make an administrator. Without --password-stdin a password is made and printed, once.",
    )
    command.add_argument("--email", required=True, help="the address to log in with")
    command.add_argument("--full-name", required=True, help="2 to 100 characters")
    command.add_argument(
        "--password-stdin",
        action="store_true",
        help="read a password of 12 to 64 characters from standard input",
    )
    command.set_defaults(run=_create_admin)
    return top


def _serve(settings: Settings, arguments: argparse.Namespace) -> None:
    if arguments.reload and arguments.workers > 1:
        raise CommandError("--reload goes with one server process", USAGE)
    if arguments.reload:
        _require_development(settings, "--reload")
    port = arguments.port if arguments.port is not None else _port_from_environment()
    try:
        listener = serving.listen(arguments.host, port)
    except (OSError, OverflowError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise CommandError(f"cannot listen on {arguments.host}:{port}: {reason}", REFUSED) from None
    with listener, serving.metrics_served(settings) as variables:
        settings = _with_database(settings)
        environment = {"DATABASE_URL": settings.database_url, **variables}
        if arguments.no_mail_worker:
            environment["PRESSROOM_MAIL_WORKER"] = "false"
        if settings.is_development:
            address = serving.address_of(listener)
            if settings.public_url == DEVELOPMENT_URL:
                environment["PRESSROOM_PUBLIC_URL"] = address
            _run(development.prepare(settings))
            print(banner(settings, address), flush=True)
        else:
            _require_head(settings)
        if arguments.reload:
            folders = development.code_folders()
            serving.run_reloading(APPLICATION, listener, folders=folders, environment=environment)
        elif not serving.run_server(
            APPLICATION, listener, workers=arguments.workers, environment=environment
        ):
            raise CommandError("the application did not start; the log says why", REFUSED)


def _worker(settings: Settings, _: argparse.Namespace) -> None:
    settings = _with_database(settings)
    _require_head(settings)
    _run(worker.run(settings))


def _dead_letters(settings: Settings, _: argparse.Namespace) -> None:
    settings = _with_database(settings)
    _require_head(settings)
    for job in _run(dead_letters.dead_letters(settings)):
        when = job["dead_at"].isoformat(timespec="seconds")
        print(job["id"], job["kind"], job["attempts"], when, job["last_error"])


def _redrive(settings: Settings, arguments: argparse.Namespace) -> None:
    settings = _with_database(settings)
    _require_head(settings)
    missing = _run(dead_letters.redrive(settings, None if arguments.all else arguments.ids))
    if missing:
        raise CommandError(f"no dead letter: {', '.join(map(str, missing))}", REFUSED)


def _psql(settings: Settings, _: argparse.Namespace) -> None:
    _require_development(settings, "psql")
    try:
        code = development.run_psql(_with_database(settings))
    except FileNotFoundError as error:
        raise CommandError(str(error), REFUSED) from None
    if code:
        raise CommandError(f"psql ended with exit code {code}", REFUSED)


def _reset(settings: Settings, _: argparse.Namespace) -> None:
    _require_development(settings, "reset")
    if not development.is_local(settings.database_url):
        raise CommandError("reset drops everything: DATABASE_URL must be of this machine", REFUSED)
    settings = _with_database(settings)
    _run(development.reset(settings))
    print("the database is empty but for the administrator")


def _migrate(settings: Settings, _: argparse.Namespace) -> None:
    settings = _with_database(settings)
    print(f"the schema is at {_run(MIGRATIONS.migrate(settings.database_url))}")


def _seed(settings: Settings, arguments: argparse.Namespace) -> None:
    settings = _with_database(settings)
    _require_head(settings)
    seeding = seed.seed(
        settings.database_url, settings, users=arguments.users, posts=arguments.posts, tokens=arguments.tokens
    )
    print(json.dumps(_run(seeding)))


def _create_admin(settings: Settings, arguments: argparse.Namespace) -> None:
    settings = _with_database(settings)
    _require_head(settings)
    given = arguments.password_stdin
    password = sys.stdin.readline().rstrip("\r\n") if given else secrets.token_urlsafe(18)
    creation = admin.create_admin(
        settings, email=arguments.email, full_name=arguments.full_name, password=password
    )
    _run(creation)
    print(f"{arguments.email} is an administrator" + ("" if given else f"; the password is {password}"))


def _require_development(settings: Settings, what: str) -> None:
    if not settings.is_development:
        raise CommandError(f"{what} is for development only (PRESSROOM_ENVIRONMENT)", REFUSED)


def _with_database(settings: Settings) -> Settings:
    """The settings with the address of a database: in development, the embedded one when none is given."""
    if settings.database_url:
        return settings
    try:
        dsn = embedded.start(settings.state_dir, setting=settings.variable("state_dir"))
    except embedded.EmbeddedServerError as error:
        raise CommandError(str(error), DATABASE) from None
    return settings.model_copy(update={"database_url": dsn})


def _require_head(settings: Settings) -> None:
    current, head = _run(MIGRATIONS.current(settings.database_url)), MIGRATIONS.head()
    if current != head:
        state = f"is at {current}" if current else "was never migrated"
        raise CommandError(
            f"DATABASE_URL: the schema {state} but must be at {head}: run pressroom migrate", DATABASE
        )


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except DATABASE_ERRORS as error:
        raise CommandError(
            f"DATABASE_URL: the database cannot be used: {reason_of(error)}", DATABASE
        ) from None
    except (admin.Refused, seed.SeedRefused) as error:
        raise CommandError(str(error), REFUSED) from None


def _report(message: str, code: int) -> int:
    print(f"pressroom: {' '.join(message.split())}", file=sys.stderr)
    return code


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be the id of a job") from None


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 10_000_000):
        raise argparse.ArgumentTypeError("must be a whole number")
    return int(text)


def _processes(text: str) -> int:
    if not 1 <= _count(text) <= 256:
        raise argparse.ArgumentTypeError("must be 1 to 256")
    return int(text)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= 65_535):
        raise argparse.ArgumentTypeError("must be a port, 0 to 65535")
    return int(text)


def _port_from_environment() -> int:
    try:
        return _port(os.environ.get("PORT") or "8000")
    except argparse.ArgumentTypeError as error:
        raise CommandError(f"PORT: {error}", USAGE) from None


if __name__ == "__main__":
    sys.exit(main())
