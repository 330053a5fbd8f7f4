"""Statements on notifications, and the functions that run them."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Text, bindparam, select
from sqlmodel import col, delete, insert, update

from contractgen_runtime.postgres.db import UnitOfWork
from contractgen_runtime.postgres.statements import Statement
from contractgen_runtime.postgres.tables import new_id
from pressroom.notifications.tables import Notification, NotificationRow, OutgoingNotification
from pressroom.users.tables import User

if TYPE_CHECKING:
    from pressroom_api import models

_COLUMNS = (
    col(Notification.id),
    col(Notification.user_id),
    col(Notification.subject),
    col(Notification.body),
    col(Notification.state),
    col(Notification.attempts),
    col(Notification.created_at),
)
_WANTED = col(Notification.id) == bindparam("notification_id")

INSERT_NOTIFICATION: Statement[NotificationRow] = Statement(
    insert(Notification)
    .values(
        {name: bindparam(name) for name in ("id", "user_id", "subject", "body")}
        | {"state": "queued", "attempts": 0}
    )
    .returning(*_COLUMNS)
)

SELECT_NOTIFICATION: Statement[NotificationRow] = Statement(select(*_COLUMNS).where(_WANTED))

BEGIN_ATTEMPT: Statement[OutgoingNotification] = Statement(
    update(Notification)
    .where(_WANTED, col(User.id) == col(Notification.user_id))
    .values({col(Notification.state): "queued", col(Notification.attempts): bindparam("number")})
    .returning(
        col(Notification.id),
        col(Notification.subject),
        col(Notification.body),
        col(User.email),
        col(User.full_name),
        col(Notification.created_at),
    )
)

MARK_NOTIFICATION: Statement[Any] = Statement(
    update(Notification).where(_WANTED).values({col(Notification.state): bindparam("new_state", type_=Text)})
)

DELETE_NOTIFICATIONS_OF: Statement[Any] = Statement(
    delete(Notification).where(col(Notification.user_id) == bindparam("user_id"))
)


async def insert_notification(unit: UnitOfWork, *, user_id: UUID, subject: str, body: str) -> NotificationRow:
    """Insert a queued notification; the job that sends it is enqueued in the same unit of work."""
    return await unit.fetch_row(INSERT_NOTIFICATION, id=new_id(), user_id=user_id, subject=subject, body=body)


async def select_notification(unit: UnitOfWork, notification_id: UUID) -> NotificationRow | None:
    return await unit.fetch_one(SELECT_NOTIFICATION, notification_id=notification_id)


async def begin_attempt(
    unit: UnitOfWork, notification_id: UUID, *, attempts: int
) -> OutgoingNotification | None:
    """Return the notification to send; count the attempt, and queue a notification again that had failed."""
    return await unit.fetch_one(BEGIN_ATTEMPT, notification_id=notification_id, number=attempts)


async def mark_notification(
    unit: UnitOfWork, notification_id: UUID, state: "models.NotificationState"
) -> None:
    await unit.execute(MARK_NOTIFICATION, notification_id=notification_id, new_state=state)


async def delete_notifications_of(unit: UnitOfWork, user_id: UUID) -> None:
    """Delete a user's notifications; those that wait are not sent any more."""
    await unit.execute(DELETE_NOTIFICATIONS_OF, user_id=user_id)
