"""Statements on notifications, and the functions that run them."""

from typing import Any
from uuid import UUID

from sqlalchemy import Text, bindparam, select
from sqlmodel import col, delete, insert, update

from pressroom.db import Statement, UnitOfWork
from pressroom.notifications.tables import (
    Notification,
    NotificationRow,
    NotificationState,
    OutgoingNotification,
)
from pressroom.tables import new_id
from pressroom.users.tables import User

INSERT_NOTIFICATION: Statement[NotificationRow] = Statement(
    insert(Notification)
    .values({name: bindparam(name) for name in ("id", "user_id", "subject", "body")} | {"state": "queued"})
    .returning(
        col(Notification.id),
        col(Notification.user_id),
        col(Notification.subject),
        col(Notification.body),
        col(Notification.state),
        col(Notification.created_at),
    )
)

SELECT_OUTGOING: Statement[OutgoingNotification] = Statement(
    select(
        col(Notification.id),
        col(Notification.subject),
        col(Notification.body),
        col(User.email),
        col(User.full_name),
        col(Notification.created_at),
    )
    .join_from(Notification, User)
    .where(col(Notification.id) == bindparam("id"))
)

MARK_NOTIFICATION: Statement[NotificationRow] = Statement(
    update(Notification)
    .where(col(Notification.id) == bindparam("notification_id"))
    .values({col(Notification.state): bindparam("new_state", type_=Text)})
)

DELETE_NOTIFICATIONS_OF: Statement[Any] = Statement(
    delete(Notification).where(col(Notification.user_id) == bindparam("user_id"))
)


async def insert_notification(unit: UnitOfWork, *, user_id: UUID, subject: str, body: str) -> NotificationRow:
    """A queued notification; the job that sends it is enqueued beside it, in the same unit of work."""
    return await unit.fetch_row(INSERT_NOTIFICATION, id=new_id(), user_id=user_id, subject=subject, body=body)


async def select_outgoing(unit: UnitOfWork, notification_id: UUID) -> OutgoingNotification | None:
    return await unit.fetch_one(SELECT_OUTGOING, id=notification_id)


async def mark_notification(unit: UnitOfWork, notification_id: UUID, state: NotificationState) -> None:
    await unit.execute(MARK_NOTIFICATION, notification_id=notification_id, new_state=state)


async def delete_notifications_of(unit: UnitOfWork, user_id: UUID) -> None:
    """Those that wait are not sent any more."""
    await unit.execute(DELETE_NOTIFICATIONS_OF, user_id=user_id)
