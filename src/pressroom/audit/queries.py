"""Statements on the audit trail, and the functions that run them; handlers write it by `Context.record`."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Uuid,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import col, insert

from contractgen_runtime.postgres.db import UnitOfWork
from contractgen_runtime.postgres.statements import Statement
from contractgen_runtime.postgres.tables import new_id
from pressroom.audit.tables import AuditEvent, AuditEventRow, Change

if TYPE_CHECKING:
    from pressroom_api import models

_COLUMNS = (
    col(AuditEvent.id),
    col(AuditEvent.action),
    col(AuditEvent.actor_id),
    col(AuditEvent.subject_id),
    col(AuditEvent.changes),
    col(AuditEvent.address),
    col(AuditEvent.request_id),
    col(AuditEvent.created_at),
)
_GIVEN = ("id", "action", "actor_id", "subject_id", "changes", "address", "request_id")


def _matches(column: Any) -> Any:
    """The filter of the column's name, where one is given."""
    wanted = bindparam(column.key, type_=column.type)
    return or_(wanted.is_(None), column == wanted)


INSERT_EVENT: Statement[Any] = Statement(
    insert(AuditEvent).values({name: bindparam(name) for name in _GIVEN})
)

# A new action would break clients that know all of them. One is enough for a while: nothing of this trail is
# ever removed, and whoever tries passwords must not fill it.
_FAILED = json.dumps([Change(member="login", before=None, after="failed")])
_is_told = exists().where(
    col(AuditEvent.subject_id) == bindparam("subject_id", type_=Uuid),
    col(AuditEvent.changes) == bindparam("changes", type_=JSONB),
    col(AuditEvent.created_at) > func.now() - literal_column("interval '5 minutes'"),
)
# The response does not wait for the disk: that it sometimes does would tell first failures from later ones.
_without_waiting = func.set_config("synchronous_commit", "off", true()) == "off"
INSERT_FAILED_LOGIN: Statement[Any] = Statement(
    insert(AuditEvent).from_select(
        list(_GIVEN),
        select(*(bindparam(name, type_=getattr(AuditEvent, name).type) for name in _GIVEN)).where(
            ~_is_told, _without_waiting
        ),
    )
)

_LIST = (
    select(*_COLUMNS)
    .where(_matches(AuditEvent.action), _matches(AuditEvent.actor_id), _matches(AuditEvent.subject_id))
    .order_by(col(AuditEvent.created_at).desc(), col(AuditEvent.id).desc())
    .limit(bindparam("limit"))
)
LIST_START: Statement[dict[str, Any]] = Statement(_LIST)
LIST_BEFORE: Statement[dict[str, Any]] = Statement(
    _LIST.where(
        tuple_(col(AuditEvent.created_at), col(AuditEvent.id))
        < tuple_(bindparam("created_at", type_=DateTime(timezone=True)), bindparam("id", type_=Uuid))
    )
)


async def insert_event(
    unit: UnitOfWork,
    action: "models.AuditAction",
    *,
    actor_id: UUID | None,
    subject_id: UUID,
    changes: Sequence[Change] = (),
    address: str | None = None,
    request_id: str | None = None,
) -> None:
    """Tell of a change in the unit of work that makes it."""
    await unit.execute(
        INSERT_EVENT,
        id=new_id(),
        action=action,
        actor_id=actor_id,
        subject_id=subject_id,
        changes=json.dumps(changes),
        address=address,
        request_id=request_id,
    )


async def insert_failed_login(
    unit: UnitOfWork, subject_id: UUID, *, address: str | None, request_id: str | None
) -> None:
    """Tell that somebody could not log in, at once and whatever becomes of the unit of work."""
    await unit.fetch_durably(
        INSERT_FAILED_LOGIN,
        id=new_id(),
        action="user_updated",
        actor_id=None,
        subject_id=subject_id,
        changes=_FAILED,
        address=address,
        request_id=request_id,
    )


async def list_events(
    unit: UnitOfWork,
    *,
    limit: int,
    before: tuple[datetime, UUID] | None = None,
    action: "models.AuditAction | None" = None,
    actor_id: UUID | None = None,
    subject_id: UUID | None = None,
) -> list[AuditEventRow]:
    """The newest events that match, or those that follow `before`; one more than `limit` when more follow."""
    wanted = {"action": action, "actor_id": actor_id, "subject_id": subject_id}
    if before is None:
        rows = await unit.fetch_all(LIST_START, limit=limit + 1, **wanted)
    else:
        created_at, event_id = before
        rows = await unit.fetch_all(
            LIST_BEFORE, limit=limit + 1, created_at=created_at, id=event_id, **wanted
        )
    return [cast(AuditEventRow, row | {"changes": json.loads(row["changes"])}) for row in rows]


def changes(
    before: Mapping[str, object], after: Mapping[str, object], members: Sequence[str]
) -> list[Change]:
    """The members whose values differ, as the trail has them."""
    return [
        {"member": name, "before": _text(before[name]), "after": _text(after[name])}
        for name in members
        if before[name] != after[name]
    ]


def _text(value: object) -> str | None:
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)
