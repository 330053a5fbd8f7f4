"""Who may see and change which post."""

from uuid import UUID

from pressroom.callers import Caller


def may_see(caller: Caller | None, *, author_id: UUID, is_published: bool) -> bool:
    """A published post everybody, a draft its author and admins."""
    return is_published or (caller is not None and may_change(caller, author_id=author_id))


def may_change(caller: Caller, *, author_id: UUID) -> bool:
    """Its author, and admins."""
    return caller.is_admin or caller.id == author_id
