"""Every table of the service in one metadata, for the migrations and their tests."""

from pressroom import limits, outbox
from pressroom.audit import tables as audit
from pressroom.auth import tables as auth
from pressroom.credentials import tables as credentials
from pressroom.idempotency import tables as idempotency
from pressroom.notifications import tables as notifications
from pressroom.posts import tables as posts
from pressroom.tables import Table
from pressroom.users import tables as users

__all__ = [
    "audit",
    "auth",
    "credentials",
    "idempotency",
    "limits",
    "metadata",
    "notifications",
    "outbox",
    "posts",
    "users",
]

metadata = Table.metadata
