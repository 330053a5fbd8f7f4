"""Permissions to see and change posts."""

from uuid import UUID

from pressroom.callers import Caller


def may_see(caller: Caller | None, *, author_id: UUID, is_published: bool, is_hidden: bool) -> bool:
    """Return whether a caller may see a post.

    Everybody sees published posts, moderators hidden ones too, the author and admins drafts as well.
    """
    if caller is not None and may_change(caller, author_id=author_id):
        return True
    moderates = caller is not None and "moderator" in caller.roles
    return is_published and (moderates or not is_hidden)


def may_change(caller: Caller, *, author_id: UUID) -> bool:
    """Return whether a caller may change a post: only its author and admins may."""
    return caller.is_admin or caller.id == author_id
