"""Reasons why a database cannot be used, each in one line, with which commands end."""

import asyncpg

from .connections import Unavailable


class MigrationError(Exception):
    """A schema could not be brought to its head; the message is the reason, in one line."""


#: What connecting, migrating and working raise when the database or its address is at fault.
DATABASE_ERRORS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, Unavailable, MigrationError)


def reason_of(error: BaseException) -> str:
    """Return the reason of one of `DATABASE_ERRORS`."""
    if isinstance(error, TimeoutError):
        return "it does not answer"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).partition("\n")[0].split()) or type(error).__name__
