"""What a query hands back is what its type says, since nothing checks it on the way to the client."""

from typing import Any, get_type_hints
from uuid import UUID

import pytest
from pydantic import TypeAdapter

from contractgen_runtime.postgres.db import Database, UnitOfWork
from contractgen_runtime.postgres.tables import new_id
from pressroom.etags import etag_of, versions
from pressroom.notifications import queries as notifications
from pressroom.notifications.tables import NotificationRow, OutgoingNotification
from pressroom.posts import queries as posts
from pressroom.posts.tables import PostRow
from pressroom.users import queries as users
from pressroom.users.tables import UserRow
from pressroom_api import models


def check(row: Any, shape: Any) -> None:
    """Exactly the keys of the TypedDict, each of its type, times aware."""
    assert row is not None
    types = get_type_hints(shape, localns={"models": models})  # which tables import for checkers alone
    assert set(row) == set(types)
    for name, value in row.items():
        TypeAdapter(types[name]).validate_python(value, strict=True)
    for name in ("created_at", "updated_at"):
        assert name not in row or row[name].tzinfo is not None
    assert "version" not in row or versions(etag_of(row["version"])) == [row["updated_at"]]


@pytest.fixture
async def ada(database: Database) -> UserRow:
    async with database.transaction() as unit:
        row = await users.insert_user(
            unit, email="Ada@example.com", full_name="Ada Lovelace", password_hash="v1$x", role="moderator"
        )
    assert row is not None
    return row


@pytest.fixture
def unit(database: Database) -> UnitOfWork:
    return UnitOfWork(database)


async def test_inserted_user(ada: UserRow) -> None:
    check(ada, UserRow)
    assert ada["display_name"] == "Ada Lovelace (Ada@example.com)"
    assert (ada["role"], ada["is_active"]) == ("moderator", True)
    assert ada["created_at"] == ada["updated_at"]


async def test_inserting_a_taken_address(ada: UserRow, database: Database) -> None:
    async with database.transaction() as unit:
        again = await users.insert_user(unit, email="ada@EXAMPLE.com", full_name="Bob", password_hash="x")
    assert again is None


async def test_selected_user(ada: UserRow, unit: UnitOfWork) -> None:
    assert await users.select_user(unit, ada["id"]) == ada
    assert await users.select_user(unit, new_id()) is None


async def test_account(ada: UserRow, unit: UnitOfWork) -> None:
    assert await users.select_account(unit, "ada@example.COM") == (ada, "v1$x")
    assert await users.select_account(unit, "bob@example.com") is None


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"full_name": "Ada King"},
        {"role": "user"},
        {"is_active": False},
        {"full_name": "Ada King", "role": "admin", "is_active": False},
    ],
)
async def test_updated_user(ada: UserRow, database: Database, change: dict[str, Any]) -> None:
    async with database.transaction() as unit:
        row = await users.update_user(unit, ada["id"], **change)
    check(row, UserRow)
    assert row is not None
    changed = {**ada, **change, "updated_at": row["updated_at"], "version": row["version"]}
    changed["display_name"] = f"{changed['full_name']} (Ada@example.com)"
    assert row == changed
    assert row["updated_at"] > ada["updated_at"]


async def test_locked_user(ada: UserRow, database: Database) -> None:
    async with database.transaction() as unit:
        assert await users.lock_user(unit, ada["id"]) == ada
        assert await users.lock_user(unit, new_id()) is None


async def test_posts(ada: UserRow, database: Database) -> None:
    async with database.transaction() as unit:
        row = await posts.insert_post(unit, title="T", content="C", is_published=False, author_id=ada["id"])
    check(row, PostRow)
    assert row is not None
    assert (row["title"], row["content"], row["is_published"], row["author_id"]) == (
        "T",
        "C",
        False,
        ada["id"],
    )
    assert await posts.select_post(UnitOfWork(database), row["id"]) == row
    async with database.transaction() as unit:
        changed = await posts.update_post(unit, row["id"], is_published=True)
    check(changed, PostRow)
    assert changed
    assert changed["published_at"]
    assert changed == {
        **row,
        "is_published": True,
        "published_at": changed["published_at"],
        "updated_at": changed["updated_at"],
        "version": changed["version"],
    }
    async with database.transaction() as unit:
        assert await posts.update_post(unit, new_id(), title="X") is None
        assert await posts.delete_post(unit, row["id"])
        assert not await posts.delete_post(unit, row["id"])
    assert await posts.select_post(UnitOfWork(database), row["id"]) is None


async def test_notifications(ada: UserRow, database: Database) -> None:
    async with database.transaction() as unit:
        row = await notifications.insert_notification(unit, user_id=ada["id"], subject="S", body="B")
    check(row, NotificationRow)
    assert row is not None
    assert (row["state"], row["attempts"]) == ("queued", 0)
    assert await notifications.select_notification(UnitOfWork(database), row["id"]) == row
    async with database.transaction() as unit:
        await notifications.mark_notification(unit, row["id"], "failed")
        outgoing = await notifications.begin_attempt(unit, row["id"], attempts=3)
        assert await notifications.begin_attempt(unit, new_id(), attempts=1) is None
    again = {**row, "attempts": 3}
    assert await notifications.select_notification(UnitOfWork(database), row["id"]) == again
    check(outgoing, OutgoingNotification)
    assert outgoing is not None
    assert (outgoing["email"], outgoing["full_name"]) == ("Ada@example.com", "Ada Lovelace")


async def test_ids_sort_by_time(ada: UserRow) -> None:
    ids = [new_id() for _ in range(2000)]
    assert len(set(ids)) == len(ids)
    assert all((id_.version, id_.variant) == (7, "specified in RFC 4122") for id_ in ids)
    times = [id_.int >> 80 for id_ in ids]
    assert times == sorted(times)
    assert abs(times[0] / 1000 - ada["created_at"].timestamp()) < 60


async def test_an_id_survives_the_database(ada: UserRow) -> None:
    assert isinstance(ada["id"], UUID)
    assert ada["id"].version == 7
