"""Idempotency keys, and what the request that brought one was told."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from sqlalchemy import Index, LargeBinary, Text
from sqlmodel import Field

from contractgen_runtime.postgres.tables import Table, timestamp

#: Under what the keys of requests without a caller are kept.
ANONYMOUS = UUID(int=0)


class StoredAnswer(TypedDict):
    subject_id: UUID | None
    fingerprint: bytes
    response: str
    content: str


class IdempotencyKey(Table, table=True):
    """A key of a caller for an operation: what it was used for, and the answer that it got."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        Index("idempotency_keys_created_at_idx", "created_at"),
        Index("idempotency_keys_subject_id_idx", "subject_id"),
    )

    caller_id: UUID = Field(primary_key=True)
    operation: str = Field(sa_type=Text, primary_key=True)
    key: str = Field(sa_type=Text, primary_key=True)
    subject_id: UUID | None = None  # whom, beside the caller, the answer tells of
    fingerprint: bytes = Field(sa_type=LargeBinary)
    response: str = Field(sa_type=Text)  # the name of its class
    content: str = Field(sa_type=Text)  # its fields as JSON, whose order counts
    created_at: datetime = timestamp()
