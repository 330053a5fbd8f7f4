"""Messages to users, sent by mail in the background."""

from uuid import UUID

from pressroom import problems
from pressroom.callers import Caller
from pressroom.context import Context
from pressroom.idempotency.answers import idempotent
from pressroom.mail import enqueue_notification_mail
from pressroom.notifications.queries import insert_notification, select_notification
from pressroom.users.queries import select_user
from pressroom.users.rules import address_after_deletion
from pressroom_api import models, responses


@idempotent
async def notify_user(
    context: Context,
    caller: Caller,
    /,
    *,
    user_id: UUID,
    idempotency_key: str | None,
    body: models.NotificationMessage,
) -> responses.NotifyUser202 | responses.UserNotFound | responses.TooManyRequests:
    if exceeded := await context.count_attempt("notify_user", account=caller.user["email"]):
        return responses.TooManyRequests(problems.TOO_MANY_REQUESTS, **exceeded)
    user = await select_user(context, user_id)
    if user is None or user["email"] == address_after_deletion(user_id):
        return responses.UserNotFound(problems.USER_NOT_FOUND)
    notification = await insert_notification(context, user_id=user_id, subject=body.subject, body=body.body)
    await enqueue_notification_mail(context, notification["id"])
    await context.record("user_notified", actor=caller.id, subject=user_id)
    return responses.NotifyUser202(notification, location=f"/api/v1/notifications/{notification['id']}")


async def get_notification(
    context: Context, caller: Caller, /, *, notification_id: UUID
) -> responses.GetNotification200 | responses.NotificationNotFound:
    notification = await select_notification(context, notification_id)
    if notification is None:
        return responses.NotificationNotFound(problems.NOTIFICATION_NOT_FOUND)
    return responses.GetNotification200(notification)
