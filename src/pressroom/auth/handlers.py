"""Sign-up and access tokens."""

from generated import models, responses
from pressroom import problems
from pressroom.auth.rules import may_log_in, normalised
from pressroom.context import Context
from pressroom.etags import etag_of
from pressroom.users.queries import insert_user, select_account


async def register_user(
    context: Context, /, *, body: models.Registration
) -> responses.RegisterUser201 | responses.EmailTaken:
    password_hash = await context.services.passwords.hash(body.password)
    user = await insert_user(
        context, email=normalised(body.email), full_name=body.full_name, password_hash=password_hash
    )
    if user is None:
        return responses.EmailTaken(problems.EMAIL_TAKEN)
    await context.record("user_registered", actor=user["id"], subject=user["id"])
    return responses.RegisterUser201(
        user, location=f"/api/v1/users/{user['id']}", etag=etag_of(user["updated_at"])
    )


async def login(
    context: Context, /, *, body: models.Credentials
) -> responses.Login200 | responses.InvalidCredentials:
    account = await select_account(context, normalised(body.email))
    user, password_hash = account or (None, None)
    is_right = await context.services.passwords.verify(body.password, password_hash)
    if user is None or not may_log_in(is_right=is_right, is_active=user["is_active"]):
        return responses.InvalidCredentials(problems.INVALID_CREDENTIALS, www_authenticate="Bearer")
    tokens = context.services.tokens
    return responses.Login200(
        {
            "access_token": tokens.issue(user["id"]),
            "token_type": "bearer",
            "expires_in": tokens.lifetime,
            "user": user,
        }
    )
