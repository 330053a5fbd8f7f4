"""Why a database cannot be used, in one line: for commands, which end with it."""

import asyncpg
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from .connections import Unavailable

#: What connecting, migrating and working raise when the database or its address is at fault.
DATABASE_ERRORS = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    SQLAlchemyError,
    Unavailable,
    CommandError,
)


def reason_of(error: BaseException) -> str:
    """Return the reason of one of `DATABASE_ERRORS`."""
    original = error.orig if isinstance(error, DBAPIError) and error.orig else error
    if isinstance(original, TimeoutError):
        return "it does not answer"
    if isinstance(original, OSError) and original.strerror:
        return original.strerror
    return " ".join(str(original).partition("\n")[0].split()) or type(original).__name__
