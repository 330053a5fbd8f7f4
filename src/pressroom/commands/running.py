"""Runs the command that a command line names, with the settings and the log that all commands have."""

import argparse
import logging.config
import sys
from importlib import import_module

from contractgen_runtime.service.log import LOGGING, configure_log
from contractgen_runtime.service.settings import SettingsError
from pressroom.commands.errors import USAGE, CommandError
from pressroom.settings import load_settings


def run(arguments: argparse.Namespace) -> int:
    """Run the module of the command; return the exit code, after one line for what the user can mend."""
    logging.config.dictConfig(LOGGING)
    try:
        settings = load_settings()
        configure_log(settings.log_format, settings.log_level)
        command = import_module(f"pressroom.commands.{arguments.module}")
        command.run(settings, arguments)
    except SettingsError as error:
        return _report(str(error), USAGE)
    except CommandError as error:
        return _report(str(error), error.code)
    except KeyboardInterrupt:
        return 130
    return 0


def _report(message: str, code: int) -> int:
    print(f"pressroom: {' '.join(message.split())}", file=sys.stderr)
    return code
