"""The command line of a service: `serve`, and the `credentials` that it accepts in development."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from fastapi import FastAPI

from contractgen_runtime.mounting import HandlerError

from .log import configure_log
from .serving import address_of, listen, run_reloading, run_server
from .settings import ServiceSettings, SettingsError, load

SettingsT = TypeVar("SettingsT", bound=ServiceSettings)


class CommandError(Exception):
    """The failure of a command: one line for standard error."""


class ServiceCommand(Generic[SettingsT]):
    """`application` names the function that creates the application in the server's processes."""

    def __init__(
        self,
        name: str,
        settings: type[SettingsT],
        *,
        create_app: Callable[[SettingsT], FastAPI],
        application: str,
        credentials: Callable[[SettingsT], dict[str, str]] = lambda _: {},
    ) -> None:
        self._name = name
        self._settings = settings
        self._create_app = create_app
        self._application = application
        self._credentials = credentials

    def add_commands(self, commands: Any) -> None:
        """Add the commands of a subclass to the subparsers."""

    def prepare(self, settings: SettingsT) -> Mapping[str, str]:
        """Prepare what the service needs; return variables for the environment of its processes.

        CommandError if something is missing.
        """
        del settings
        return {}

    def run_command(self, settings: SettingsT, options: argparse.Namespace) -> int:
        """Run the selected command, and return its exit code; a subclass adds its own."""
        if options.command == "credentials":
            return self._print_credentials(settings, for_fuzz=options.for_fuzz)
        return self._serve(settings, options)

    def run(self, arguments: Sequence[str]) -> int:
        """Run a command; an error is one line on standard error, and exit code 1."""
        options = self._parser().parse_args(arguments)
        try:
            settings = load(self._settings)
            configure_log(settings.log_format, settings.log_level)
            return self.run_command(settings, options)
        except (SettingsError, CommandError) as error:
            return self._fail(str(error))
        except HandlerError as error:
            if not error.open_operations:
                return self._fail(str(error))
            names = ", ".join(error.open_operations)
            return self._fail(f"no handler for {names}; only development has mocks for them")
        except OSError as error:
            return self._fail(str(error))

    def _parser(self) -> argparse.ArgumentParser:
        parser = argparse.ArgumentParser(prog=self._name)
        commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
        serve = commands.add_parser("serve", help="serve the contract")
        serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
        port = os.environ.get("PORT", "8000")
        serve.add_argument("--port", type=int, default=port, help="the port to listen on (%(default)s)")
        serve.add_argument("--workers", type=int, default=1, help="server processes (%(default)s)")
        text = "start anew when code changes; in development only"
        serve.add_argument("--reload", action="store_true", help=text)
        text = "print a credential of each security scheme; in development only"
        credentials = commands.add_parser("credentials", help=text)
        text = "print them as an argument of `contractgen fuzz`"
        credentials.add_argument("--for-fuzz", action="store_true", help=text)
        self.add_commands(commands)
        return parser

    def _serve(self, settings: SettingsT, options: argparse.Namespace) -> int:
        if options.reload and (options.workers > 1 or not settings.is_development):
            raise CommandError("--reload is for one process, in development")
        self._create_app(settings)  # what is wrong with it is said before a process is started
        environment = self.prepare(settings)
        try:
            listener = listen(options.host, options.port)
        except OSError as error:
            return self._fail(f"cannot listen on {options.host}:{options.port}: {error.strerror or error}")
        with listener:
            if settings.is_development:
                print(self._banner(settings, address_of(listener)), flush=True)  # noqa: T201 - a command line prints
            if options.reload:
                run_reloading(
                    self._application,
                    listener,
                    folders=self._code_folders(),
                    environment=environment,
                    settings=settings,
                )
                return 0
            served = run_server(
                self._name,
                self._application,
                listener,
                workers=options.workers,
                environment=environment,
                settings=settings,
            )
        return 0 if served else 1

    def _code_folders(self) -> list[Path]:
        """Return the folders of the service's package and of those beside it, as the generated one is."""
        found = find_spec(self._application.partition(".")[0])
        top = Path(found.origin).parents[1] if found and found.origin else Path()
        return [each.parent for each in top.glob("*/__init__.py")]

    def _banner(self, settings: SettingsT, address: str) -> str:
        lines = [f"{self._name} (development)", f"  service  {address}", f"  docs     {address}/docs"]
        lines += [f"  {scheme}: {value}" for scheme, value in self._credentials(settings).items()]
        return "\n".join(lines)

    def _print_credentials(self, settings: SettingsT, *, for_fuzz: bool) -> int:
        if not settings.is_development:
            return self._fail("credentials are made in development only")
        found = self._credentials(settings)
        if for_fuzz:
            # Form-encoded text is one word for every shell, whatever a name contains.
            print(f"--credentials={urlencode(found)}" if found else "")  # noqa: T201 - as above
        else:
            print("\n".join(f"{name}: {value}" for name, value in found.items()))  # noqa: T201 - as above
        return 0

    def _fail(self, message: str) -> int:
        sys.stderr.write(f"{self._name}: {message}\n")
        return 1
