"""The tokens of mails, as digests."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, Text, text
from sqlmodel import Field

from contractgen_runtime.postgres.tables import Table, new_id

#: The purposes of tokens that give an account an address: the new one, or the one that it had.
EMAIL_CHANGE_MAIL = "email_change_mail"
EMAIL_UNDO_MAIL = "email_undo_mail"


class MailedToken(Table, table=True):
    """At most one of a purpose for each account. Its purpose is the kind of the job that mails it."""

    __tablename__ = "mailed_tokens"
    __table_args__ = (
        Index("mailed_tokens_digest_key", "digest", unique=True),
        Index("mailed_tokens_expires_at_idx", "expires_at"),
    )

    user_id: UUID = Field(primary_key=True, foreign_key="users.id")
    purpose: str = Field(sa_type=Text, primary_key=True)
    digest: bytes = Field(sa_type=LargeBinary)
    expires_at: datetime


class AddressToken(Table, table=True):
    """A token that is mailed to an address, and gives the account that address when it comes back.

    An account has at most one for a new address, and one for each that it had within 72 hours: a thief who
    changes the address twice must not make the mail to the owner useless.
    """

    __tablename__ = "address_tokens"
    __table_args__ = (
        Index("address_tokens_digest_key", "digest", unique=True),
        Index("address_tokens_user_id_idx", "user_id"),
        Index(
            "address_tokens_change_key",
            "user_id",
            unique=True,
            postgresql_where=text(f"purpose = '{EMAIL_CHANGE_MAIL}'"),
        ),
        Index("address_tokens_expires_at_idx", "expires_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id")
    purpose: str = Field(sa_type=Text)
    email: str = Field(sa_type=Text)
    digest: bytes | None = Field(default=None, sa_type=LargeBinary)  # None until the mail is made
    expires_at: datetime
