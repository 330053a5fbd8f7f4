"""Every table of the service in one metadata, for the migrations and their tests.

The values that a column may have stand in the contract, which tables do not import: the checks of enums are
added here.
"""

from typing import get_args

from contractgen_runtime.postgres.tables import Table, one_of
from pressroom import limits, outbox
from pressroom.audit import tables as audit
from pressroom.auth import tables as auth
from pressroom.credentials import tables as credentials
from pressroom.idempotency import tables as idempotency
from pressroom.notifications import tables as notifications
from pressroom.posts import tables as posts
from pressroom.users import tables as users
from pressroom_api import models

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

for table, column, enum in (
    ("users", "role", models.Role),
    ("audit_events", "action", models.AuditAction),
    ("notifications", "state", models.NotificationState),
):
    metadata.tables[table].append_constraint(one_of(column, get_args(enum)))
