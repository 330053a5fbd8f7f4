"""The audit trail: each event names the actor, the action and the subject."""

from uuid import UUID

from pressroom import problems
from pressroom.audit import queries
from pressroom.callers import Caller
from pressroom.context import Context
from pressroom_api import models, responses


async def list_audit_events(
    context: Context,
    caller: Caller,
    /,
    *,
    limit: int,
    cursor: str | None,
    action: models.AuditAction | None,
    actor_id: UUID | None,
    subject_id: UUID | None,
) -> responses.ListAuditEvents200 | responses.CursorNotFound:
    cursors, query = context.services.cursors, ("list_audit_events", action, actor_id, subject_id)
    before = cursors.decode(cursor, *query) if cursor is not None else None
    if cursor is not None and before is None:
        return responses.CursorNotFound(problems.CURSOR_NOT_FOUND)
    found = await queries.list_events(
        context, limit=limit, before=before, action=action, actor_id=actor_id, subject_id=subject_id
    )
    next_cursor = cursors.after(found, limit, "created_at", *query)
    return responses.ListAuditEvents200({"items": found[:limit], "next_cursor": next_cursor})
