"""The problems that the service itself finds; what the contract refuses has no type of its own."""

from pressroom_api import models

Type = models.ProblemTypeValues

EMAIL_TAKEN: models.ProblemDict = {
    "type": Type.EMAIL_TAKEN,
    "title": "Email taken",
    "status": 409,
    "detail": "This address is registered already.",
}
IDEMPOTENCY_KEY_REUSED: models.ProblemDict = {
    "type": Type.IDEMPOTENCY_KEY_REUSED,
    "title": "Idempotency key reused",
    "status": 409,
    "detail": "This Idempotency-Key was used for another request.",
}
ANSWER_OUTDATED: models.ProblemDict = {
    "type": Type.ANSWER_OUTDATED,
    "title": "Answer outdated",
    "status": 409,
    "detail": "This request was done, by another version of the service; its answer cannot be repeated.",
}
INVALID_CREDENTIALS: models.ProblemDict = {
    "type": Type.INVALID_CREDENTIALS,
    "title": "Invalid credentials",
    "status": 401,
    "detail": "The address or the password is wrong.",
}
INVALID_REFRESH_TOKEN: models.ProblemDict = {
    "type": Type.INVALID_REFRESH_TOKEN,
    "title": "Invalid refresh token",
    "status": 401,
    "detail": "The refresh token does not work any more; log in again.",
}
LAST_ADMIN: models.ProblemDict = {
    "type": Type.LAST_ADMIN,
    "title": "Last admin",
    "status": 409,
    "detail": "This is the last active admin.",
}
COMMON_PASSWORD: models.ProblemDict = {
    "type": Type.COMMON_PASSWORD,
    "title": "Common password",
    "status": 409,
    "detail": "Many people have this password; choose another.",
}
GUESSABLE_PASSWORD: models.ProblemDict = COMMON_PASSWORD | {
    "detail": "It contains the address, the part before the @, or the name of the service; choose another."
}
WRONG_PASSWORD: models.ProblemDict = {
    "type": Type.WRONG_PASSWORD,
    "title": "Wrong password",
    "status": 403,
    "detail": "The password is not that of the account.",
}
TOKEN_NOT_FOUND: models.ProblemDict = {
    "type": Type.TOKEN_NOT_FOUND,
    "title": "Token not found",
    "status": 404,
    "detail": "The token does not work any more; ask for another mail.",
}
FORBIDDEN: models.ProblemDict = {
    "type": Type.ABOUT_BLANK,
    "title": "Forbidden",
    "status": 403,
    "detail": "The caller may not do this.",
}
USER_NOT_FOUND: models.ProblemDict = {
    "type": Type.USER_NOT_FOUND,
    "title": "User not found",
    "status": 404,
    "detail": "There is no user with this id.",
}
TOO_MANY_REQUESTS: models.ProblemDict = {
    "type": Type.TOO_MANY_REQUESTS,
    "title": "Too many requests",
    "status": 429,
    "detail": "There were too many attempts; try again later.",
}
SESSION_NOT_FOUND: models.ProblemDict = {
    "type": Type.SESSION_NOT_FOUND,
    "title": "Session not found",
    "status": 404,
    "detail": "The caller has no session with this id.",
}
NOTIFICATION_NOT_FOUND: models.ProblemDict = {
    "type": Type.NOTIFICATION_NOT_FOUND,
    "title": "Notification not found",
    "status": 404,
    "detail": "There is no notification with this id.",
}
POST_NOT_FOUND: models.ProblemDict = {
    "type": Type.POST_NOT_FOUND,
    "title": "Post not found",
    "status": 404,
    "detail": "There is no post with this id.",
}
VERSION_MISMATCH: models.ProblemDict = {
    "type": Type.VERSION_MISMATCH,
    "title": "Version mismatch",
    "status": 412,
    "detail": "The version in If-Match is not the current one.",
}
CURSOR_NOT_FOUND: models.ProblemDict = {
    "type": Type.CURSOR_NOT_FOUND,
    "title": "Cursor not found",
    "status": 404,
    "detail": "The cursor does not belong to this list.",
}
