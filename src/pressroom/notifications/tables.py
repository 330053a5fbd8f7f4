"""Notifications, and the shape that one has in an answer."""

from datetime import datetime
from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from sqlalchemy import Text, text
from sqlmodel import Field

from contractgen_runtime.postgres.tables import Table, new_id, timestamp

if TYPE_CHECKING:
    from pressroom_api import models


class NotificationRow(TypedDict):
    id: UUID
    user_id: UUID
    subject: str
    body: str
    state: "models.NotificationState"
    attempts: int
    created_at: datetime


class OutgoingNotification(TypedDict):
    """A notification together with its receiver, as its mail needs it."""

    id: UUID
    subject: str
    body: str
    email: str
    full_name: str
    created_at: datetime


class Notification(Table, table=True):
    __tablename__ = "notifications"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", index=True)
    subject: str = Field(sa_type=Text)
    body: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    created_at: datetime = timestamp()
