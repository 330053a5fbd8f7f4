"""Who may see and change which account."""

from collections.abc import Set as AbstractSet
from uuid import UUID

from pressroom.callers import Caller


def may_see(caller: Caller, user_id: UUID) -> bool:
    """Oneself, and admins everybody."""
    return caller.is_admin or caller.id == user_id


def may_change(caller: Caller, user_id: UUID, *, sets_role_or_state: bool) -> bool:
    """One's own name; role and state are for admins."""
    return caller.is_admin or (caller.id == user_id and not sets_role_or_state)


def leaves_no_admin(admins: AbstractSet[UUID], user_id: UUID, *, stays_admin: bool) -> bool:
    """Whether nobody of the active admins would be left."""
    return not stays_admin and admins == {user_id}


def address_after_deletion(user_id: UUID) -> str:
    """What a deleted account has for an address: one that no mail reaches."""
    return f"deleted-{user_id}@example.invalid"


def pages(total: int, size: int) -> int:
    """How many pages of a size hold a total."""
    return -(-total // size)
