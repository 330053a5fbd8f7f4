"""Accounts."""

from uuid import UUID

from pydantic import MISSING

from generated import models, responses
from pressroom import problems
from pressroom.audit.queries import changes
from pressroom.callers import Caller
from pressroom.context import Context
from pressroom.users import queries
from pressroom.users.rules import may_change, may_see, pages
from pressroom.users.tables import Role


async def get_me(context: Context, caller: Caller, /) -> responses.GetMe200:
    return responses.GetMe200(caller.user)


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
    context: Context, caller: Caller, /, *, user_id: UUID
) -> responses.GetUser200 | responses.Forbidden | responses.UserNotFound:
    if not may_see(caller, user_id):
        return responses.Forbidden(problems.FORBIDDEN)
    user = await queries.select_user(context, user_id)
    if user is None:
        return responses.UserNotFound(problems.USER_NOT_FOUND)
    return responses.GetUser200(user)


async def update_user(
    context: Context, caller: Caller, /, *, user_id: UUID, body: models.UserUpdate
) -> responses.UpdateUser200 | responses.Forbidden | responses.UserNotFound:
    sets_role_or_state = body.role is not MISSING or body.is_active is not MISSING
    if not may_change(caller, user_id, sets_role_or_state=sets_role_or_state):
        return responses.Forbidden(problems.FORBIDDEN)
    before = await queries.lock_user(context, user_id)
    if before is None:
        return responses.UserNotFound(problems.USER_NOT_FOUND)
    user = await queries.update_user(context, user_id, **body.model_dump())
    changed = changes(before, user, ("role", "is_active"))
    await context.record("user_updated", actor=caller.id, subject=user_id, changes=changed)
    return responses.UpdateUser200(user)
