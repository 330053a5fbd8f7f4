"""Permissions to see and change accounts."""

from collections.abc import Set as AbstractSet
from uuid import UUID

from pressroom.callers import Caller


def may_see(caller: Caller, user_id: UUID) -> bool:
    """Return whether a caller may see an account: the own one, or any for an admin."""
    return caller.is_admin or caller.id == user_id


def may_change(caller: Caller, user_id: UUID, *, sets_role_or_state: bool) -> bool:
    """Return whether a caller may change an account: the own name, or anything for an admin."""
    return caller.is_admin or (caller.id == user_id and not sets_role_or_state)


def leaves_no_admin(admins: AbstractSet[UUID], user_id: UUID, *, stays_admin: bool) -> bool:
    """Return whether no active admin would be left."""
    return not stays_admin and admins == {user_id}


def address_after_deletion(user_id: UUID) -> str:
    """Return the address of a deleted account, which no mail reaches."""
    return f"deleted-{user_id}@example.invalid"


def pages(total: int, size: int) -> int:
    """Return the number of pages of a size that hold a total."""
    return -(-total // size)
