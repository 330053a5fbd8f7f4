"""Posts that are written at one moment: each is its caller's, and none waits for another's."""

import asyncio
from typing import Any

import httpx

from contractgen_runtime.postgres.db import Database, UnitOfWork
from contractgen_runtime.postgres.tables import new_id
from pressroom.auth.queries import end_session
from pressroom.posts.queries import INSERT_POST
from pressroom.users.queries import update_user
from tests.service import Actor, MakeUser


def new_post(caller: Actor, **changed: object) -> dict[str, object]:
    given = {"id": new_id(), "title": "Rain", "content": "It pours.", "is_published": True}
    return (
        given | {"author_id": caller.id, "caller_session": caller.session_id, "caller_role": "user"} | changed
    )


async def inserted(database: Database, *posts: dict[str, object]) -> list[dict[str, Any]]:
    assert INSERT_POST.gathered is not None
    columns = {name: [post[name] for post in posts] for name in INSERT_POST.gathered.names}
    unit = UnitOfWork(database)
    unit.write_once()
    return [{**row} for row in await unit.fetch_all(INSERT_POST.gathered, **columns)]


async def test_only_callers_who_are_what_they_were_write(database: Database, make_user: MakeUser) -> None:
    ada, promoted, inactive, ended, locked = [await make_user() for _ in range(5)]
    async with database.transaction() as unit:
        await update_user(unit, promoted.id, role="moderator")
        await update_user(unit, inactive.id, is_active=False)
        await end_session(unit, ended.id, ended.session_id)
    posts = [
        *(new_post(each) for each in (ada, promoted, inactive, ended, locked)),
        new_post(ada, title="Snow", is_published=False),
        dict.fromkeys(new_post(ada)),
    ]
    async with database.transaction() as unit:
        await update_user(unit, locked.id, full_name="Somebody else")
        rows = await inserted(database, *posts)
    written = {row["id"]: (row["title"], row["is_published"], row["author_id"]) for row in rows}
    assert written == {posts[0]["id"]: ("Rain", True, ada.id), posts[5]["id"]: ("Snow", False, ada.id)}


async def test_whoever_is_locked_waits_alone(
    client: httpx.AsyncClient, database: Database, make_user: MakeUser
) -> None:
    locked, *others = [await make_user() for _ in range(6)]

    async def create(caller: Actor) -> httpx.Response:
        new = {"title": str(caller.id), "content": "Text."}
        return await client.post("/api/v1/posts", json=new, auth=caller)

    async with database.transaction() as unit:
        await update_user(unit, locked.id, full_name="Somebody else")
        waiting, *writing = [asyncio.create_task(create(caller)) for caller in (locked, *others)]
        answers = await asyncio.gather(*writing)
        assert not waiting.done()
    for caller, answer in zip([*others, locked], [*answers, await waiting], strict=True):
        assert (answer.status_code, answer.json()["title"]) == (201, str(caller.id))
        assert answer.json()["author_id"] == str(caller.id)
