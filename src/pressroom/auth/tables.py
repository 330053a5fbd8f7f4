"""Sessions and their refresh tokens. A session is live while its row is there and has not expired."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from sqlalchemy import Index, LargeBinary, Text
from sqlmodel import Field

from contractgen_runtime.postgres.tables import Table, new_id, timestamp


class SessionRow(TypedDict):
    id: UUID
    address: str | None
    user_agent: str | None
    is_current: bool
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime


class Session(Table, table=True):
    """A log-in, and the family of the refresh tokens that came from it."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index("sessions_user_id_idx", "user_id", "last_used_at"),
        Index("sessions_expires_at_idx", "expires_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id")
    address: str | None = Field(default=None, sa_type=Text)
    user_agent: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = timestamp()
    last_used_at: datetime = timestamp()
    expires_at: datetime


class RefreshToken(Table, table=True):
    """A token of a session, as a digest. Used ones stay as long as the session, so that theft is noticed."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (Index("refresh_tokens_session_id_idx", "session_id"),)

    digest: bytes = Field(sa_type=LargeBinary, primary_key=True)
    session_id: UUID = Field(foreign_key="sessions.id", ondelete="CASCADE")
    used_at: datetime | None = None
