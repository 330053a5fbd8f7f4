"""Users, and the shape that a user has in an answer."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict
from uuid import UUID

from sqlalchemy import ARRAY, Column, Computed, Index, Text, text
from sqlmodel import Field

from contractgen_runtime.postgres.tables import Table, new_id, timestamp

if TYPE_CHECKING:
    from pressroom_api import models

#: As PostgreSQL writes it back, so that the migrations can be compared with it.
TRIGRAMS = "trigrams(((full_name || ' '::text) || email))"


class UserRow(TypedDict):
    id: UUID
    email: str
    full_name: str
    role: "models.Role"
    is_active: bool
    email_verified: bool
    created_at: datetime
    updated_at: datetime
    version: str
    display_name: str


class User(Table, table=True):
    __tablename__ = "users"
    __table_args__ = (
        # One account an address, however it is capitalised.
        Index("users_email_key", text("lower(email)"), unique=True),
        Index("users_list_idx", "created_at", "id"),
        Index("users_trigrams_idx", "trigrams", postgresql_using="gin"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    email: str = Field(sa_type=Text)
    full_name: str = Field(sa_type=Text)
    password_hash: str = Field(sa_type=Text)
    role: str = Field(sa_type=Text)
    is_active: bool = True
    email_verified: bool = Field(default=None, sa_column_kwargs={"server_default": text("false")})
    created_at: datetime = timestamp()
    updated_at: datetime = timestamp()
    trigrams: Any = Field(
        default=None, sa_column=Column("trigrams", ARRAY(Text), Computed(TRIGRAMS, persisted=True))
    )
