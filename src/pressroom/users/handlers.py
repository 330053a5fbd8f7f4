"""Accounts."""

from uuid import UUID

from pydantic import MISSING

from generated import models, responses
from pressroom import problems
from pressroom.audit.queries import changes
from pressroom.auth.queries import end_sessions
from pressroom.callers import Caller
from pressroom.context import Context
from pressroom.etags import etag_of, is_known, versions
from pressroom.users import queries
from pressroom.users.rules import may_change, may_see, pages
from pressroom.users.tables import Role


async def get_me(
    context: Context, caller: Caller, /, *, if_none_match: str | None
) -> responses.GetMe200 | responses.NotModified:
    etag = etag_of(caller.user["updated_at"])
    if is_known(if_none_match, etag):
        return responses.NotModified(etag=etag)
    return responses.GetMe200(caller.user, etag=etag)


async def list_users(
    context: Context, caller: Caller, /, *, page: int, size: int, role: Role | None
) -> responses.ListUsers200:
    found = await queries.list_users(context, page=page, size=size, role=role)
    total = found["total"]
    return responses.ListUsers200(
        {
            "items": found["items"],
            "total": total,
            "page": page,
            "size": size,
            "pages": pages(total, size),
            "has_next": page < pages(total, size),
            "has_prev": page > 1 and total > 0,
        }
    )


async def get_user(
    context: Context, caller: Caller, /, *, user_id: UUID, if_none_match: str | None
) -> responses.GetUser200 | responses.NotModified | responses.Forbidden | responses.UserNotFound:
    if not may_see(caller, user_id):
        return responses.Forbidden(problems.FORBIDDEN)
    user = await queries.select_user(context, user_id)
    if user is None:
        return responses.UserNotFound(problems.USER_NOT_FOUND)
    etag = etag_of(user["updated_at"])
    if is_known(if_none_match, etag):
        return responses.NotModified(etag=etag)
    return responses.GetUser200(user, etag=etag)


async def update_user(
    context: Context, caller: Caller, /, *, user_id: UUID, if_match: str | None, body: models.UserUpdate
) -> (
    responses.UpdateUser200
    | responses.Forbidden
    | responses.UserNotFound
    | responses.PreconditionFailed
    | responses.PreconditionRequired
):
    sets_role_or_state = body.role is not MISSING or body.is_active is not MISSING
    if not may_change(caller, user_id, sets_role_or_state=sets_role_or_state):
        return responses.Forbidden(problems.FORBIDDEN)
    before = await queries.lock_user(context, user_id)
    if before is None:
        return responses.UserNotFound(problems.USER_NOT_FOUND)
    if if_match is None:
        return responses.PreconditionRequired(problems.PRECONDITION_REQUIRED)
    user = await queries.update_user(context, user_id, versions=versions(if_match), **body.model_dump())
    if user is None:
        return responses.PreconditionFailed(problems.CHANGED_SINCE)
    changed = changes(before, user, ("role", "is_active"))
    if not user["is_active"]:
        await end_sessions(context, user_id)
    await context.record("user_updated", actor=caller.id, subject=user_id, changes=changed)
    return responses.UpdateUser200(user, etag=etag_of(user["updated_at"]))
