"""Administrators made outside the API: the first one of a service, and the one of development."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import ValidationError

from contractgen_runtime.postgres.db import Database
from pressroom.audit.queries import insert_event
from pressroom.common_passwords import is_common
from pressroom.passwords import hash_password
from pressroom.settings import Settings
from pressroom.users.queries import insert_user, select_account
from pressroom_api import models

DEVELOPMENT_EMAIL = "admin@example.com"


class Refused(Exception):
    """Why no administrator was made, in one line."""


async def create_admin(settings: Settings, *, email: str, full_name: str, password: str) -> None:
    """Store an active administrator; Refused when a value is out of bounds or the address is taken."""
    try:
        # The contract's own bounds: what is made here must be able to log in and be fit for an answer.
        models.Registration(email=email, full_name=full_name, password=password)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise Refused(f"{first['loc'][0]}: {first['msg']}") from None
    if is_common(password):
        raise Refused("password: many people have this one")
    if not await _insert(settings, email=email.lower(), full_name=full_name, password=password):
        raise Refused(f"{email} has an account already")


async def ensure_development_admin(settings: Settings) -> None:
    """The account that a developer logs in with, made once with the kept password."""
    async with _connected(settings) as database, database.transaction() as unit:
        known = await select_account(unit, DEVELOPMENT_EMAIL)
    if known is None:
        password = settings.development_admin_password.get_secret_value()
        await _insert(settings, email=DEVELOPMENT_EMAIL, full_name="Development Admin", password=password)


async def _insert(settings: Settings, *, email: str, full_name: str, password: str) -> bool:
    pepper = settings.password_pepper.get_secret_value().encode("utf-8", "surrogateescape")
    hashed = hash_password(password, pepper=pepper, cost=settings.bcrypt_cost)
    async with _connected(settings) as database, database.transaction() as unit:
        made = await insert_user(unit, email=email, full_name=full_name, password_hash=hashed, role="admin")
        if made is not None:
            await insert_event(unit, "user_created", actor_id=None, subject_id=made["id"])
    return made is not None


@asynccontextmanager
async def _connected(settings: Settings) -> AsyncIterator[Database]:
    database = Database(settings.database_url, size=1)
    try:
        yield database
    finally:
        await database.close()
