"""The audit trail. The database itself refuses to change it: see the migration that makes its triggers."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict
from uuid import UUID

from sqlalchemy import Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from contractgen_runtime.postgres.tables import Table, new_id, timestamp

if TYPE_CHECKING:
    from pressroom_api import models


class Change(TypedDict):
    member: str
    before: str | None
    after: str | None


class AuditEventRow(TypedDict):
    id: UUID
    action: "models.AuditAction"
    actor_id: UUID | None
    subject_id: UUID
    changes: list[Change]
    address: str | None
    request_id: str | None
    created_at: datetime


class AuditEvent(Table, table=True):
    """Its ids are no foreign keys: the trail outlives what it tells of."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("audit_events_list_idx", "created_at", "id"),
        Index("audit_events_actor_id_idx", "actor_id", "created_at", "id"),
        Index("audit_events_subject_id_idx", "subject_id", "created_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    action: str = Field(sa_type=Text)
    actor_id: UUID | None = None
    subject_id: UUID
    changes: list[dict[str, Any]] = Field(sa_type=JSONB)
    address: str | None = Field(default=None, sa_type=Text)
    request_id: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = timestamp()
