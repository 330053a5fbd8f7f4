"""Rules that reject passwords: those of many people, and those that an attacker tries for this account."""

import unicodedata

from pressroom import problems
from pressroom.common_passwords import is_common
from pressroom_api import models

SERVICE = "pressroom"
_SHORTEST = 4


def refusal_of(password: str, email: str) -> models.ProblemDict | None:
    """The problem of a password for the account of an address; None if there is none."""
    if is_common(password):
        return problems.COMMON_PASSWORD
    return problems.GUESSABLE_PASSWORD if names_account(password, email) else None


def names_account(password: str, email: str) -> bool:
    """Return whether a password contains the service's name, the address, or its local part.

    A local part of less than four characters is not searched for.
    """
    text, address = _folded(password), _folded(email)
    local = address.rpartition("@")[0]
    return any(name in text for name in (SERVICE, address, local) if len(name) >= _SHORTEST)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
