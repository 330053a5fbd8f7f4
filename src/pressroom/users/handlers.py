"""Accounts."""

from uuid import UUID

from pydantic import MISSING

from pressroom import problems
from pressroom.audit.queries import changes
from pressroom.auth.queries import end_sessions
from pressroom.auth.rules import normalised
from pressroom.callers import Caller
from pressroom.context import Context
from pressroom.credentials.mail import VERIFICATION_MAIL, enqueue_account_mail
from pressroom.credentials.queries import (
    delete_address_tokens_of,
    delete_tokens_of,
    select_password_hash,
)
from pressroom.etags import etag_of, is_known, is_wanted, versions
from pressroom.idempotency.answers import idempotent
from pressroom.idempotency.queries import delete_answers_of
from pressroom.notifications.queries import delete_notifications_of
from pressroom.password_rules import refusal_of
from pressroom.posts.queries import delete_posts_of
from pressroom.users import queries
from pressroom.users.rules import address_after_deletion, leaves_no_admin, may_change, may_see, pages
from pressroom_api import models, responses


async def get_me(
    context: Context, caller: Caller, /, *, if_none_match: str | None
) -> responses.GetMe200 | responses.NotModified:
    etag = etag_of(caller.user["version"])
    if is_known(if_none_match, etag):
        return responses.NotModified(etag=etag)
    return responses.GetMe200(caller.user, etag=etag)


async def delete_me(
    context: Context, caller: Caller, /, *, body: models.AccountDeletion
) -> responses.DeleteMe204 | responses.WrongPassword | responses.LastAdmin | responses.TooManyRequests:
    email = caller.user["email"]
    if exceeded := await context.count_attempt("delete_me", account=email):
        return responses.TooManyRequests(problems.TOO_MANY_REQUESTS, **exceeded)
    stored = await select_password_hash(context, caller.id)
    if not await context.services.passwords.verify(body.password, stored):
        return responses.WrongPassword(problems.WRONG_PASSWORD)
    await context.forgive_attempt("delete_me", account=email)
    context.take_turns(among_admins=True)
    if leaves_no_admin(await queries.lock_admins(context), caller.id, stays_admin=False):
        return responses.LastAdmin(problems.LAST_ADMIN)
    if body.posts == "delete":
        await delete_posts_of(context, caller.id)
    await delete_notifications_of(context, caller.id)
    await delete_tokens_of(context, caller.id)
    await delete_answers_of(context, caller.id)
    await end_sessions(context, caller.id)
    await queries.anonymise(context, caller.id, email=address_after_deletion(caller.id))
    await delete_address_tokens_of(context, caller.id)
    await context.record("user_deleted", actor=caller.id, subject=caller.id)
    return responses.DeleteMe204()


async def list_users(
    context: Context,
    caller: Caller,
    /,
    *,
    page: int,
    size: int,
    role: models.Role | None,
    is_active: bool | None,
    q: str | None,
    sort: models.UserOrder,
) -> responses.ListUsers200:
    found = await queries.list_users(
        context, page=page, size=size, sort=sort, role=role, is_active=is_active, containing=q
    )
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


@idempotent
async def create_user(
    context: Context, caller: Caller, /, *, idempotency_key: str | None, body: models.UserCreation
) -> responses.CreateUser201 | responses.Conflict | responses.TooManyRequests:
    if exceeded := await context.count_attempt("create_user", account=caller.user["email"]):
        return responses.TooManyRequests(problems.TOO_MANY_REQUESTS, **exceeded)
    if refused := refusal_of(body.password, normalised(body.email)):
        return responses.Conflict(refused)
    password_hash = await context.services.passwords.hash(body.password)
    user = await queries.insert_user(
        context,
        email=normalised(body.email),
        full_name=body.full_name,
        password_hash=password_hash,
        role=body.role,
    )
    if user is None:
        return responses.Conflict(problems.EMAIL_TAKEN)
    await enqueue_account_mail(context, VERIFICATION_MAIL, user["id"])
    await context.record("user_created", actor=caller.id, subject=user["id"])
    return responses.CreateUser201(
        user, location=f"/api/v1/users/{user['id']}", etag=etag_of(user["version"])
    )


async def get_user(
    context: Context, caller: Caller, /, *, user_id: UUID, if_none_match: str | None
) -> responses.GetUser200 | responses.NotModified | responses.Forbidden | responses.UserNotFound:
    if not may_see(caller, user_id):
        return responses.Forbidden(problems.FORBIDDEN)
    user = await queries.select_user(context, user_id)
    if user is None:
        return responses.UserNotFound(problems.USER_NOT_FOUND)
    etag = etag_of(user["version"])
    if is_known(if_none_match, etag):
        return responses.NotModified(etag=etag)
    return responses.GetUser200(user, etag=etag)


async def update_user(
    context: Context, caller: Caller, /, *, user_id: UUID, if_match: str, body: models.UserUpdate
) -> (
    responses.UpdateUser200
    | responses.Forbidden
    | responses.UserNotFound
    | responses.LastAdmin
    | responses.PreconditionFailed
):
    sets_role_or_state = body.role is not MISSING or body.is_active is not MISSING
    if not may_change(caller, user_id, sets_role_or_state=sets_role_or_state):
        return responses.Forbidden(problems.FORBIDDEN)
    context.take_turns(among_admins=caller.is_admin)
    if sets_role_or_state and (refusal := await _refusal(context, user_id, body)):
        return refusal
    before = await queries.lock_user(context, user_id)
    if before is None:
        return responses.UserNotFound(problems.USER_NOT_FOUND)
    if not body.model_fields_set and is_wanted(before["updated_at"], if_match):
        return responses.UpdateUser200(before, etag=etag_of(before["version"]))
    user = await queries.update_user(context, user_id, versions=versions(if_match), **body.model_dump())
    if user is None:
        return responses.PreconditionFailed(problems.VERSION_MISMATCH)
    changed = changes(before, user, ("role", "is_active"))
    if not user["is_active"]:
        await end_sessions(context, user_id)
    await context.record("user_updated", actor=caller.id, subject=user_id, changes=changed)
    return responses.UpdateUser200(user, etag=etag_of(user["version"]))


async def _refusal(context: Context, user_id: UUID, body: models.UserUpdate) -> responses.LastAdmin | None:
    """Return the rejection of a change that leaves no admin. Admins take turns, so that one always stays."""
    admins = await queries.lock_admins(context)
    stays_admin = body.role in {MISSING, "admin"} and body.is_active in {MISSING, True}
    if leaves_no_admin(admins, user_id, stays_admin=stays_admin):
        return responses.LastAdmin(problems.LAST_ADMIN)
    return None
