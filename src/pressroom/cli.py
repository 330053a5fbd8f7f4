"""The command line: answers go to standard output; logs and one-line errors to standard error."""

import argparse
import gc
import signal
import sys
from collections.abc import Sequence

from pressroom import __version__
from pressroom.commands import arguments as types

EPILOG = """\
Settings come from the environment and from .env; .env.example lists them.
With PRESSROOM_ENVIRONMENT=development nothing else is needed: secrets are made and kept, and without
DATABASE_URL a PostgreSQL of its own is started.

exit codes: 0 done, 1 refused, 2 wrong usage or settings, 3 database unreachable or its schema not at head
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    arguments = parser().parse_args(argv)
    gc.set_threshold(20_000, 20, 20)  # searching what modules define for garbage is an eighth of a start
    # SIGTERM ends the process by way of every `finally`, and is an ordinary end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # Help needs no settings: importing them takes five times as long as all of it.
    from pressroom.commands.running import run  # noqa: PLC0415 - as above

    return run(arguments)


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
        "--port", type=types.port, default=None, help="default: $PORT, else 8000; 0 takes a free one"
    )
    command.add_argument(
        "--workers", type=types.processes, default=1, metavar="N", help="server processes (default: 1)"
    )
    command.add_argument(
        "--no-mail-worker", action="store_true", help="leave the queued mail to `pressroom worker`"
    )
    command.add_argument(
        "--reload", action="store_true", help="start anew when code changes; in development only"
    )
    command.set_defaults(module="serve")

    command = commands.add_parser(
        "worker", help="send the queued mail", description="Send the queued mail until SIGTERM or Ctrl-C."
    )
    command.set_defaults(module="worker")

    command = commands.add_parser(
        "dead-letters",
        help="list the mail that was given up",
        description="List the jobs whose last attempt failed, one a line: id, kind, attempts, when, why.",
    )
    command.set_defaults(module="dead_letters")

    command = commands.add_parser(
        "redrive",
        help="try to send mail again that was given up",
        description="Let jobs that `pressroom dead-letters` lists start over.",
    )
    chosen = command.add_mutually_exclusive_group(required=True)
    chosen.add_argument("ids", nargs="*", type=types.job_id, default=[], metavar="ID", help="a job's id")
    chosen.add_argument("--all", action="store_true", help="every job that is listed")
    command.set_defaults(module="redrive")

    command = commands.add_parser(
        "migrate",
        help="bring the database's schema to head",
        description="Bring the database's schema to head. Safe to repeat, and from several places at once.",
    )
    command.add_argument(
        "--print-grants",
        metavar="ROLE",
        help="print the statements that give a role what serving needs and nothing else; change nothing",
    )
    command.set_defaults(module="migrate")

    command = commands.add_parser(
        "seed",
        help="fill the database for load tests",
        description="Fill a database that has no users, but for development's administrator, and print as "
        "JSON how to use it: two accounts and access tokens.",
    )
    for name, default in (("users", 100), ("posts", 1000), ("tokens", 10)):
        command.add_argument(
            f"--{name}", type=types.count, default=default, metavar="N", help="default: %(default)s"
        )
    command.set_defaults(module="seed")

    command = commands.add_parser(
        "psql",
        help="look into the development database",
        description="Run psql on the development database, which is started if nothing uses it.",
    )
    command.set_defaults(module="psql")

    command = commands.add_parser(
        "reset",
        help="empty the development database",
        description="Drop everything in the development database and its mailbox, and prepare it again.",
    )
    command.set_defaults(module="reset")

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
    command.set_defaults(module="create_admin")
    return top


if __name__ == "__main__":
    sys.exit(main())
