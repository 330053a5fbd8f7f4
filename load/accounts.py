"""Who virtual users are: the accounts that `pressroom seed` has printed, each with a token of its own."""

import base64
import json
import os
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from time import time
from typing import Any, Literal

Role = Literal["admin", "moderator", "user"]

VARIABLE = "LOAD_SEEDED"
# One visitor of twenty is a moderator, and has a token that no other role uses.
_USERS_A_MODERATOR = 20
_FEWEST = 3


class AccountsError(Exception):
    """What is wrong with the accounts, in one line."""


class Accounts:
    """Tokens by role, handed out in rotation; the first token of a seed is the administrator's."""

    def __init__(self, tokens: list[str], emails: list[str], password: str) -> None:
        moderators = 1 + max(1, len(tokens) // _USERS_A_MODERATOR)
        self.password = password
        self._emails = dict(zip(tokens, emails, strict=True))
        self.expire_at = min(map(_expiry, tokens))
        self._tokens: dict[Role, list[str]] = {
            "admin": tokens[:1],
            "moderator": tokens[1:moderators],
            "user": tokens[moderators:],
        }
        self._next = {role: count() for role in self._tokens}

    def begin_at(self, index: int) -> None:
        """Begin the rotation elsewhere in each process, so that few share an account."""
        for role, tokens in self._tokens.items():
            self._next[role] = count(index * 7919 % len(tokens))

    def take(self, role: Role) -> str:
        """Return the next access token of a role."""
        tokens = self._tokens[role]
        return tokens[next(self._next[role]) % len(tokens)]

    def email_of(self, token: str) -> str:
        """Return the address of the account that a token belongs to; all have one password."""
        return self._emails[token]

    def __len__(self) -> int:
        return sum(map(len, self._tokens.values()))


def read_accounts(environment: Mapping[str, str] = os.environ) -> Accounts:
    """Return the accounts of the file that the variable names; AccountsError says what is missing."""
    if not (name := environment.get(VARIABLE)):
        raise AccountsError(
            f"{VARIABLE} is not set: `pressroom seed --tokens 200 > seeded.json`, then {VARIABLE}=seeded.json"
        )
    try:
        seeded: Any = json.loads(Path(name).read_text(encoding="utf-8"))
        accounts = Accounts(_enough(name, seeded["tokens"]), seeded["emails"], seeded["user"]["password"])
    except OSError as error:
        raise AccountsError(f"{VARIABLE}={name}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise AccountsError(f"{VARIABLE}={name}: is not what `pressroom seed` prints") from None
    if accounts.expire_at <= time():
        raise AccountsError(f"{VARIABLE}={name}: the tokens have expired; seed a fresh database")
    return accounts


def _enough(name: str, tokens: list[str]) -> list[str]:
    if len(tokens) < _FEWEST:
        raise AccountsError(
            f"{VARIABLE}={name}: has {len(tokens)} tokens, but an administrator, a moderator and a user are "
            f"needed: `pressroom seed --tokens 200`"
        )
    return tokens


def _expiry(token: str) -> float:
    """Return when a token expires, as it says itself."""
    claims = token.split(".")[1]
    return float(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"])
