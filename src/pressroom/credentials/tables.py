"""The tokens of mails: at most one of a purpose for each account, as a digest."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, Text
from sqlmodel import Field

from contractgen_runtime.postgres.tables import Table


class MailedToken(Table, table=True):
    """Its purpose is the kind of the job that mails it."""

    __tablename__ = "mailed_tokens"
    __table_args__ = (
        Index("mailed_tokens_digest_key", "digest", unique=True),
        Index("mailed_tokens_expires_at_idx", "expires_at"),
    )

    user_id: UUID = Field(primary_key=True, foreign_key="users.id")
    purpose: str = Field(sa_type=Text, primary_key=True)
    digest: bytes = Field(sa_type=LargeBinary)
    expires_at: datetime
