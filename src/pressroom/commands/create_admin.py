"""`pressroom create-admin`: make an administrator."""

import argparse
import secrets
import sys

from pydantic import ValidationError

from pressroom.audit.queries import insert_event
from pressroom.commands.database import run as run_work
from pressroom.commands.database import transaction, with_database_at_head
from pressroom.commands.errors import REFUSED, CommandError
from pressroom.password_rules import refusal_of
from pressroom.passwords import hash_password
from pressroom.settings import Settings
from pressroom.users.queries import insert_user
from pressroom_api import models


def run(settings: Settings, arguments: argparse.Namespace) -> None:
    settings = with_database_at_head(settings)
    email, full_name, given = arguments.email, arguments.full_name, arguments.password_stdin
    password = sys.stdin.readline().rstrip("\r\n") if given else secrets.token_urlsafe(18)
    _require_bounds(email, full_name, password)
    if refused := refusal_of(password, email):
        raise CommandError(f"password: {refused['detail']}", REFUSED)
    insertion = insert_admin(settings, email=email.lower(), full_name=full_name, password=password)
    if not run_work(insertion):
        raise CommandError(f"{email} has an account already", REFUSED)
    print(f"{email} is an administrator" + ("" if given else f"; the password is {password}"))


def _require_bounds(email: str, full_name: str, password: str) -> None:
    """Require the contract's own bounds: what is made here must be able to log in and fit into a response."""
    try:
        models.Registration(email=email, full_name=full_name, password=password)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise CommandError(f"{first['loc'][0]}: {first['msg']}", REFUSED) from None


async def insert_admin(settings: Settings, *, email: str, full_name: str, password: str) -> bool:
    """Store an active administrator; return False where the address is taken."""
    pepper = settings.password_pepper.get_secret_value().encode("utf-8", "surrogateescape")
    hashed = hash_password(password, pepper=pepper, cost=settings.bcrypt_cost)
    async with transaction(settings) as unit:
        made = await insert_user(unit, email=email, full_name=full_name, password_hash=hashed, role="admin")
        if made is not None:
            await insert_event(unit, "user_created", actor_id=None, subject_id=made["id"])
    return made is not None
