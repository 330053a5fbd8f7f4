"""Passwords and addresses, changed, reset and verified.

Whatever writes several locks first the account, then its mailed tokens, then its address tokens.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from pressroom import problems
from pressroom.auth.queries import end_sessions
from pressroom.auth.rules import normalised
from pressroom.callers import Caller
from pressroom.common_passwords import is_common
from pressroom.context import Context
from pressroom.credentials import queries
from pressroom.credentials.mail import (
    CHANGE_LINK,
    EMAIL_CHANGE_NOTICE,
    RESET_MAIL,
    UNDO_LINK,
    VERIFICATION_MAIL,
    enqueue_account_mail,
    enqueue_address_mail,
)
from pressroom.credentials.tables import EMAIL_CHANGE_MAIL, EMAIL_UNDO_MAIL
from pressroom.idempotency.answers import idempotent
from pressroom.password_rules import refusal_of
from pressroom.tokens import digest_of
from pressroom.users.queries import select_account, select_user
from pressroom_api import models, responses


async def change_password(
    context: Context, caller: Caller, /, *, body: models.PasswordChange
) -> (
    responses.ChangePassword204
    | responses.WrongPassword
    | responses.PasswordRefused
    | responses.TooManyRequests
):
    email, passwords = caller.user["email"], context.services.passwords
    if refused := refusal_of(body.new_password, email):
        return responses.PasswordRefused(refused)
    if exceeded := await context.count_attempt("change_password", account=email):
        return responses.TooManyRequests(problems.TOO_MANY_REQUESTS, **exceeded)
    old = await queries.select_password_hash(context, caller.id)
    if not await passwords.verify(body.old_password, old):
        return responses.WrongPassword(problems.WRONG_PASSWORD)
    await context.forgive_attempt("change_password", account=email)
    new = await passwords.hash(body.new_password)
    context.take_turns()
    if not await queries.replace_password(context, caller.id, old=old, new=new):
        return responses.WrongPassword(problems.WRONG_PASSWORD)
    await queries.void_tokens(context, caller.id, RESET_MAIL)
    await queries.void_email_change(context, caller.id)
    await end_sessions(context, caller.id, spared=caller.session_id)
    await context.record("password_changed", actor=caller.id, subject=caller.id)
    return responses.ChangePassword204()


@idempotent
async def request_password_reset(
    context: Context, /, *, idempotency_key: str | None, body: models.MailRequest
) -> responses.RequestPasswordReset202 | responses.Conflict | responses.TooManyRequests:
    email = normalised(body.email)
    if exceeded := await context.count_attempt("request_password_reset", account=email):
        return responses.TooManyRequests(problems.TOO_MANY_REQUESTS, **exceeded)
    account = await select_account(context, email)
    await enqueue_account_mail(context, RESET_MAIL, account[0]["id"] if account else None)
    return responses.RequestPasswordReset202()


async def reset_password(
    context: Context, /, *, body: models.PasswordReset
) -> (
    responses.ResetPassword204
    | responses.TokenNotFound
    | responses.PasswordRefused
    | responses.TooManyRequests
):
    digest = digest_of(body.token)
    if is_common(body.new_password):
        return responses.PasswordRefused(problems.COMMON_PASSWORD)
    if exceeded := await context.count_attempt("reset_password"):
        return responses.TooManyRequests(problems.TOO_MANY_REQUESTS, **exceeded)
    user_id = await queries.select_token(context, digest, RESET_MAIL)  # spares a guess the hash
    if user_id is None:
        return responses.TokenNotFound(problems.TOKEN_NOT_FOUND)
    user = await select_user(context, user_id)
    if user is not None and (refused := refusal_of(body.new_password, user["email"])):
        return responses.PasswordRefused(refused)
    new = await context.services.passwords.hash(body.new_password)
    is_set = await queries.set_password(context, user_id, new)
    if not is_set or not await queries.spend_token(context, digest, RESET_MAIL):
        return responses.TokenNotFound(problems.TOKEN_NOT_FOUND)
    await queries.void_email_change(context, user_id)
    await end_sessions(context, user_id)
    await context.record("password_reset", actor=user_id, subject=user_id)
    return responses.ResetPassword204()


@idempotent
async def request_email_verification(
    context: Context, /, *, idempotency_key: str | None, body: models.MailRequest
) -> responses.RequestEmailVerification202 | responses.Conflict | responses.TooManyRequests:
    email = normalised(body.email)
    if exceeded := await context.count_attempt("request_email_verification", account=email):
        return responses.TooManyRequests(problems.TOO_MANY_REQUESTS, **exceeded)
    account = await select_account(context, email)
    await enqueue_account_mail(context, VERIFICATION_MAIL, account[0]["id"] if account else None)
    return responses.RequestEmailVerification202()


async def verify_email(
    context: Context, /, *, body: models.EmailVerification
) -> responses.VerifyEmail204 | responses.TokenNotFound:
    digest = digest_of(body.token)
    user_id = await queries.select_token(context, digest, VERIFICATION_MAIL)
    if user_id is None or not await queries.verify_email(context, user_id):
        return responses.TokenNotFound(problems.TOKEN_NOT_FOUND)
    if not await queries.spend_token(context, digest, VERIFICATION_MAIL):
        return responses.TokenNotFound(problems.TOKEN_NOT_FOUND)
    await context.record("email_verified", actor=user_id, subject=user_id)
    return responses.VerifyEmail204()


@idempotent
async def request_email_change(
    context: Context, caller: Caller, /, *, idempotency_key: str | None, body: models.EmailChange
) -> (
    responses.RequestEmailChange202 | responses.WrongPassword | responses.Conflict | responses.TooManyRequests
):
    new = normalised(body.new_email)
    if exceeded := await context.count_attempt("request_email_change", account=caller.user["email"]):
        return responses.TooManyRequests(problems.TOO_MANY_REQUESTS, **exceeded)
    stored = await queries.select_password_hash(context, caller.id)
    if not await context.services.passwords.verify(body.password, stored):
        return responses.WrongPassword(problems.WRONG_PASSWORD)
    token_id = await queries.request_email(
        context, caller.id, new, password_hash=stored, lifetime=CHANGE_LINK.lifetime
    )
    if token_id is None:
        return responses.WrongPassword(problems.WRONG_PASSWORD)
    await enqueue_address_mail(context, EMAIL_CHANGE_MAIL, token_id)
    await enqueue_account_mail(context, EMAIL_CHANGE_NOTICE, caller.id)
    await context.record("email_change_requested", actor=caller.id, subject=caller.id)
    return responses.RequestEmailChange202()


async def confirm_email_change(
    context: Context, /, *, body: models.EmailChangeConfirmation
) -> (
    responses.ConfirmEmailChange204
    | responses.TokenNotFound
    | responses.EmailTaken
    | responses.TooManyRequests
):
    if exceeded := await context.count_attempt("confirm_email_change"):
        return responses.TooManyRequests(problems.TOO_MANY_REQUESTS, **exceeded)
    moved = await _move(context, body.token, EMAIL_CHANGE_MAIL)
    if not isinstance(moved, _Moved):
        return moved
    undo_id = await queries.keep_email(context, moved.user_id, moved.former, lifetime=UNDO_LINK.lifetime)
    await enqueue_address_mail(context, EMAIL_UNDO_MAIL, undo_id)
    await context.record("email_changed", actor=moved.user_id, subject=moved.user_id)
    return responses.ConfirmEmailChange204()


async def undo_email_change(
    context: Context, /, *, body: models.EmailChangeUndo
) -> responses.UndoEmailChange204 | responses.TokenNotFound | responses.EmailTaken:
    moved = await _move(context, body.token, EMAIL_UNDO_MAIL)
    if not isinstance(moved, _Moved):
        return moved
    await queries.void_later_addresses(context, moved.user_id, since=moved.expires_at)
    await end_sessions(context, moved.user_id)
    await context.record("email_change_undone", actor=moved.user_id, subject=moved.user_id)
    return responses.UndoEmailChange204()


class _Moved(NamedTuple):
    """An account that has another address by a token, which would have expired."""

    user_id: UUID
    former: str
    expires_at: datetime


async def _move(
    context: Context, token: str, purpose: str
) -> _Moved | responses.TokenNotFound | responses.EmailTaken:
    """Give an account the address of a token. Mails that are out to the former address become useless."""
    digest = digest_of(token)
    user_id = await queries.select_address_token(context, digest, purpose)
    if user_id is None:
        return responses.TokenNotFound(problems.TOKEN_NOT_FOUND)
    former = await queries.lock_email(context, user_id)
    await queries.delete_tokens_of(context, user_id)
    spent = await queries.spend_address_token(context, digest, purpose)
    if former is None or spent is None:
        return responses.TokenNotFound(problems.TOKEN_NOT_FOUND)
    if not await queries.replace_email(context, user_id, spent["email"]):
        return responses.EmailTaken(problems.EMAIL_TAKEN)
    return _Moved(user_id, former, spent["expires_at"])
