"""The caller of a request: the account of its token, as the database has it now."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:  # rules know callers, and rules import no framework
    from pressroom.users.tables import UserRow


@dataclass(frozen=True, slots=True)
class Caller:
    """An active account that has shown a valid token of a live session."""

    user: "UserRow"
    session_id: UUID

    @property
    def id(self) -> UUID:
        return self.user["id"]

    @property
    def roles(self) -> frozenset[str]:
        """Return the account's only role: no role contains another."""
        return _only(self.user["role"])

    @property
    def is_admin(self) -> bool:
        return self.user["role"] == "admin"


@cache
def _only(role: str) -> frozenset[str]:
    return frozenset({role})
