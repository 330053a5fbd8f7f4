"""Sign-up, log-in and sessions."""

from uuid import UUID

from pressroom import problems
from pressroom.auth import queries
from pressroom.auth.rules import judge_use, may_log_in, normalised
from pressroom.callers import Caller
from pressroom.context import Context
from pressroom.credentials.mail import SESSION_ENDED_MAIL, VERIFICATION_MAIL, enqueue_account_mail
from pressroom.etags import etag_of
from pressroom.idempotency.answers import idempotent
from pressroom.password_rules import refusal_of
from pressroom.passwords import Busy
from pressroom.tokens import opaque_token
from pressroom.users.queries import insert_user, select_account
from pressroom.users.tables import UserRow
from pressroom_api import models, responses


@idempotent
async def register_user(
    context: Context, /, *, idempotency_key: str | None, body: models.Registration
) -> responses.RegisterUser201 | responses.Conflict | responses.TooManyRequests:
    email = normalised(body.email)
    if exceeded := await context.count_attempt("register_user", account=email):
        return responses.TooManyRequests(problems.TOO_MANY_REQUESTS, **exceeded)
    if refused := refusal_of(body.password, email):
        return responses.Conflict(refused)
    password_hash = await context.services.passwords.hash(body.password)
    user = await insert_user(context, email=email, full_name=body.full_name, password_hash=password_hash)
    if user is None:
        return responses.Conflict(problems.EMAIL_TAKEN)
    await enqueue_account_mail(context, VERIFICATION_MAIL, user["id"])
    await context.record("user_registered", actor=user["id"], subject=user["id"])
    return responses.RegisterUser201(
        user, location=f"/api/v1/users/{user['id']}", etag=etag_of(user["version"])
    )


async def login(
    context: Context, /, *, body: models.Credentials
) -> responses.Login200 | responses.InvalidCredentials | responses.TooManyRequests:
    email = normalised(body.email)
    if exceeded := await context.count_attempt("login", account=email):
        return responses.TooManyRequests(problems.TOO_MANY_REQUESTS, **exceeded)
    account = await select_account(context, email)
    user, password_hash = account or (None, "")
    is_right = await context.services.passwords.verify(body.password, password_hash)
    if user is not None and may_log_in(is_right=is_right, is_active=user["is_active"]):
        await context.forgive_attempt("login", account=email)
        password_hash = await _renewed(context, user["id"], body.password, password_hash)
        tokens = await _start_session(context, user, password_hash)
        if tokens is not None:
            return responses.Login200(tokens)
    else:
        await context.record_failed_login(email, user and user["id"])
    return responses.InvalidCredentials(problems.INVALID_CREDENTIALS, www_authenticate="Bearer")


async def refresh_session(
    context: Context, /, *, body: models.RefreshRequest
) -> responses.RefreshSession200 | responses.InvalidRefreshToken:
    refresh = context.services.refresh_tokens
    digests, following = refresh.digests(body.refresh_token), refresh.next(body.refresh_token)
    session_id = await queries.lock_session_of(context, digests)
    presented = await queries.select_presented(context, digests, list(following))
    if session_id is None or presented is None:
        return _invalid_refresh_token()
    user = presented["user"]
    use = judge_use(used_for=presented["used_for"], is_next_used=presented["is_next_used"])
    if use == "stolen":
        await queries.end_session(context, user["id"], session_id)
        await enqueue_account_mail(context, SESSION_ENDED_MAIL, user["id"])
        await context.record("refresh_token_reused", actor=None, subject=user["id"])
        context.keep()
        return _invalid_refresh_token()
    next_digest = next(iter(following)) if use == "first" else presented["next_digest"]
    if next_digest is None:  # made with a secret that has gone since
        return _invalid_refresh_token()
    if use == "first":
        await queries.rotate(context, presented["digest"], next_digest, **refresh.lifetimes)
    return responses.RefreshSession200(_tokens(context, user, session_id, following[next_digest]))


async def logout(context: Context, caller: Caller, /) -> responses.Logout204:
    context.take_turns()
    await queries.end_session(context, caller.id, caller.session_id)
    await context.record("session_revoked", actor=caller.id, subject=caller.id)
    return responses.Logout204()


async def logout_everywhere(context: Context, caller: Caller, /) -> responses.LogoutEverywhere204:
    context.take_turns()
    await queries.end_sessions(context, caller.id)
    await context.record("sessions_revoked", actor=caller.id, subject=caller.id)
    return responses.LogoutEverywhere204()


async def list_sessions(context: Context, caller: Caller, /) -> responses.ListSessions200:
    items = await queries.list_sessions(context, caller.id, current=caller.session_id)
    return responses.ListSessions200({"items": items})


async def revoke_session(
    context: Context, caller: Caller, /, *, session_id: UUID
) -> responses.RevokeSession204 | responses.SessionNotFound:
    context.take_turns()
    if not await queries.end_session(context, caller.id, session_id):
        return responses.SessionNotFound(problems.SESSION_NOT_FOUND)
    await context.record("session_revoked", actor=caller.id, subject=caller.id)
    return responses.RevokeSession204()


async def _renewed(context: Context, user_id: UUID, password: str, stored: str) -> str:
    """Return the stored hash of a password, which is hashed again if its kind or cost is outdated."""
    passwords = context.services.passwords
    if not passwords.is_outdated(stored):
        return stored
    try:
        new = await passwords.hash(password)
    except Busy:  # the next log-in will do
        return stored
    return new if await queries.renew_hash(context, user_id, old=stored, new=new) else stored


async def _start_session(context: Context, user: UserRow, password_hash: str) -> models.TokensDict | None:
    refresh = context.services.refresh_tokens
    token = opaque_token()
    session_id = await queries.start_session(
        context,
        user_id=user["id"],
        password_hash=password_hash,
        digest=refresh.digests(token)[0],
        lifetime=refresh.lifetimes["lifetime"],
        address=context.address or None,
        user_agent=context.user_agent,
    )
    if session_id is None:
        return None
    await context.record("session_started", actor=user["id"], subject=user["id"])
    return _tokens(context, user, session_id, token)


def _tokens(context: Context, user: UserRow, session_id: UUID, refresh_token: str) -> models.TokensDict:
    tokens = context.services.tokens
    return {
        "access_token": tokens.issue(user["id"], session_id),
        "token_type": "bearer",
        "expires_in": tokens.lifetime,
        "refresh_token": refresh_token,
        "user": user,
    }


def _invalid_refresh_token() -> responses.InvalidRefreshToken:
    return responses.InvalidRefreshToken(problems.INVALID_REFRESH_TOKEN, www_authenticate="Bearer")
