"""Passwords and addresses, changed, reset and verified."""

from pressroom import problems
from pressroom.auth.queries import end_sessions
from pressroom.auth.rules import normalised
from pressroom.callers import Caller
from pressroom.common_passwords import is_common
from pressroom.context import Context
from pressroom.credentials import queries
from pressroom.credentials.mail import RESET_MAIL, VERIFICATION_MAIL, enqueue_account_mail
from pressroom.idempotency.answers import idempotent
from pressroom.tokens import digest_of
from pressroom.users.queries import select_account
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
    if is_common(body.new_password):
        return responses.PasswordRefused(problems.COMMON_PASSWORD)
    if exceeded := await context.count_attempt("change_password", account=email):
        return responses.TooManyRequests(problems.TOO_MANY_REQUESTS, **exceeded)
    old = await queries.select_password_hash(context, caller.id)
    if not await passwords.verify(body.old_password, old):
        return responses.WrongPassword(problems.WRONG_PASSWORD)
    await context.forgive_attempt("change_password", account=email)
    new = await passwords.hash(body.new_password)
    if not await queries.replace_password(context, caller.id, old=old, new=new):
        return responses.WrongPassword(problems.WRONG_PASSWORD)
    await end_sessions(context, caller.id, spared=caller.session_id)
    await queries.void_tokens(context, caller.id, RESET_MAIL)
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
    if not await queries.is_token_good(context, digest, RESET_MAIL):  # spares a guess the hash
        return responses.TokenNotFound(problems.TOKEN_NOT_FOUND)
    new = await context.services.passwords.hash(body.new_password)
    user_id = await queries.spend_token(context, digest, RESET_MAIL)
    if user_id is None or not await queries.set_password(context, user_id, new):
        return responses.TokenNotFound(problems.TOKEN_NOT_FOUND)
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
    user_id = await queries.spend_token(context, digest_of(body.token), VERIFICATION_MAIL)
    if user_id is None or not await queries.verify_email(context, user_id):
        return responses.TokenNotFound(problems.TOKEN_NOT_FOUND)
    await context.record("email_verified", actor=user_id, subject=user_id)
    return responses.VerifyEmail204()
