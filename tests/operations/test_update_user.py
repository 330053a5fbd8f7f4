import asyncio
from datetime import datetime

import httpx
import pytest

from contractgen_runtime.postgres.db import Database
from contractgen_runtime.postgres.tables import new_id
from pressroom.users.queries import lock_admins
from pressroom.users.queries import update_user as change_user
from tests.service import ANY_VERSION, PASSWORD, Actor, MakeUser, bytes_of, violations


def path(actor: Actor) -> str:
    return f"/api/v1/users/{actor.id}"


async def test_own_name(client: httpx.AsyncClient, user: Actor) -> None:
    before = (await client.get(path(user), auth=user)).json()
    answer = await client.patch(path(user), json={"full_name": "Ada King"}, headers=ANY_VERSION, auth=user)
    assert answer.status_code == 200
    after = answer.json()
    assert after == (await client.get(path(user), auth=user)).json()
    assert datetime.fromisoformat(after["updated_at"]) > datetime.fromisoformat(before["updated_at"])
    changed = {"full_name": "Ada King", "display_name": f"Ada King ({user.email})"}
    assert after == before | changed | {"updated_at": after["updated_at"], "version": after["version"]}


async def test_admins_change_everything(client: httpx.AsyncClient, admin: Actor, user: Actor) -> None:
    change = {"full_name": "Grace Hopper", "role": "moderator", "is_active": False}
    answer = await client.patch(path(user), json=change, headers=ANY_VERSION, auth=admin)
    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in change} == change


@pytest.mark.parametrize(
    "change", [{"full_name": "Grace Hopper"}, {"role": "moderator"}, {"is_active": False}, {}]
)
async def test_absent_members_stay(
    client: httpx.AsyncClient, admin: Actor, user: Actor, change: dict[str, object]
) -> None:
    before = (await client.get(path(user), auth=admin)).json()
    after = (await client.patch(path(user), json=change, headers=ANY_VERSION, auth=admin)).json()
    for name in ("full_name", "role", "is_active", "email", "id", "created_at"):
        assert after[name] == change.get(name, before[name])


async def test_nobody_else_is_changed(
    client: httpx.AsyncClient, admin: Actor, user: Actor, other: Actor
) -> None:
    before = (await client.get(path(other), auth=admin)).json()
    await client.patch(path(user), json={"role": "moderator"}, headers=ANY_VERSION, auth=admin)
    assert (await client.get(path(other), auth=admin)).json() == before


@pytest.mark.parametrize(
    "change",
    [{"role": "admin"}, {"role": "user"}, {"is_active": True}, {"full_name": "Ada King", "role": "admin"}],
)
async def test_role_and_state_are_for_admins(
    client: httpx.AsyncClient, user: Actor, change: dict[str, object]
) -> None:
    before = (await client.get(path(user), auth=user)).json()
    assert (await client.patch(path(user), json=change, headers=ANY_VERSION, auth=user)).status_code == 403
    assert (await client.get(path(user), auth=user)).json() == before


async def test_others_cannot_tell_who_exists(
    client: httpx.AsyncClient, user: Actor, other: Actor, moderator: Actor
) -> None:
    for actor in (other, moderator):
        answers = [
            await client.patch(
                f"/api/v1/users/{it}", json={"full_name": "Mallory"}, headers=ANY_VERSION, auth=actor
            )
            for it in (user.id, new_id())
        ]
        assert [answer.status_code for answer in answers] == [403, 403]
        assert bytes_of(answers[0]) == bytes_of(answers[1])
    assert (await client.get(path(user), auth=user)).json()["full_name"] == "Ada Lovelace"


async def test_unknown_to_an_admin(client: httpx.AsyncClient, admin: Actor) -> None:
    answer = await client.patch(
        f"/api/v1/users/{new_id()}", json={"full_name": "Nobody"}, headers=ANY_VERSION, auth=admin
    )
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/user-not-found")


async def test_a_deactivation_stops_tokens_and_login_at_once(
    client: httpx.AsyncClient, admin: Actor, user: Actor
) -> None:
    assert (await client.get("/api/v1/users/me", auth=user)).status_code == 200
    assert (
        await client.patch(path(user), json={"is_active": False}, headers=ANY_VERSION, auth=admin)
    ).status_code == 200
    assert (await client.get("/api/v1/users/me", auth=user)).status_code == 401
    login = await client.post("/api/v1/auth/login", json={"email": user.email, "password": PASSWORD})
    assert login.status_code == 401
    assert (
        await client.patch(path(user), json={"is_active": True}, headers=ANY_VERSION, auth=admin)
    ).status_code == 200
    assert (await client.get("/api/v1/users/me", auth=user)).status_code == 401  # its sessions have ended
    again = await client.post("/api/v1/auth/login", json={"email": user.email, "password": PASSWORD})
    assert again.status_code == 200


async def test_a_new_role_acts_on_the_token_that_is_out(
    client: httpx.AsyncClient, admin: Actor, user: Actor
) -> None:
    for role, status in [("admin", 200), ("user", 403)]:
        await client.patch(path(user), json={"role": role}, headers=ANY_VERSION, auth=admin)
        assert (await client.get("/api/v1/users", auth=user)).status_code == status


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"full_name": None}, "/full_name"),
        ({"role": None}, "/role"),
        ({"is_active": None}, "/is_active"),
        ({"full_name": "A"}, "/full_name"),
        ({"full_name": "\tAda"}, "/full_name"),
        ({"role": "root"}, "/role"),
        ({"is_active": 1}, "/is_active"),
        ({"is_active": "true"}, "/is_active"),
        ([], ""),
    ],
)
async def test_change_that_violates_its_schema(
    client: httpx.AsyncClient, admin: Actor, user: Actor, change: object, pointer: str
) -> None:
    assert violations(await client.patch(path(user), json=change, headers=ANY_VERSION, auth=admin)) == [
        ("body", pointer)
    ]


@pytest.mark.parametrize("name", ["email", "password", "password_hash", "id", "created_at"])
async def test_unknown_member_is_refused(client: httpx.AsyncClient, admin: Actor, name: str) -> None:
    body = {"full_name": "Ada King", name: "x@example.com"}
    assert len(violations(await client.patch(path(admin), json=body, headers=ANY_VERSION, auth=admin))) == 1
    assert (await client.get(path(admin), auth=admin)).json()["full_name"] == "Ada Lovelace"


async def test_id_that_is_none(client: httpx.AsyncClient, admin: Actor) -> None:
    answer = await client.patch("/api/v1/users/42", json={}, headers=ANY_VERSION, auth=admin)
    assert violations(answer) == [("path", "/user_id")]


async def test_without_a_token(client: httpx.AsyncClient, user: Actor) -> None:
    assert (await client.patch(path(user), json={"full_name": "Mallory"})).status_code == 401


async def test_without_a_version(client: httpx.AsyncClient, admin: Actor, user: Actor) -> None:
    for caller in (user, admin):
        assert (await client.patch(path(user), json={}, auth=caller)).status_code == 428


async def test_only_the_version_that_was_seen_is_changed(
    client: httpx.AsyncClient, admin: Actor, user: Actor
) -> None:
    seen = {"if-match": (await client.get(path(user), auth=user)).headers["etag"]}
    first = await client.patch(path(user), json={"role": "moderator"}, headers=seen, auth=admin)
    late = await client.patch(path(user), json={"full_name": "Ada King"}, headers=seen, auth=user)
    assert (first.status_code, late.status_code) == (200, 412)
    seen = {"if-match": first.headers["etag"]}
    again = await client.patch(path(user), json={"full_name": "Ada King"}, headers=seen, auth=user)
    assert (again.json()["role"], again.json()["full_name"]) == ("moderator", "Ada King")


@pytest.mark.parametrize("change", [{"role": "user"}, {"is_active": False}])
async def test_the_last_active_admin_stays(
    client: httpx.AsyncClient, admin: Actor, make_user: MakeUser, change: dict[str, object]
) -> None:
    await make_user("admin", is_active=False)
    answer = await client.patch(path(admin), json=change, headers=ANY_VERSION, auth=admin)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/last-admin")
    second = await make_user("admin")
    answer = await client.patch(path(second), json=change, headers=ANY_VERSION, auth=admin)
    assert answer.status_code == 200


async def test_two_admins_who_demote_each_other_never_leave_none(
    client: httpx.AsyncClient, make_user: MakeUser, database: Database
) -> None:
    connection = await database.connect()
    for _ in range(20):
        admins = [await make_user("admin"), await make_user("admin")]
        answers = await asyncio.gather(
            *(
                client.patch(path(other), json=change, headers=ANY_VERSION, auth=admin)
                for admin, other, change in zip(
                    admins, reversed(admins), [{"role": "user"}, {"is_active": False}], strict=True
                )
            )
        )
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses in ([200, 401], [200, 403], [200, 409])
        assert await connection.fetchval("SELECT count(*) FROM users WHERE role = 'admin' AND is_active") == 1
        await connection.execute("UPDATE users SET role = 'user'")
    await connection.close()


async def test_an_admin_who_was_demoted_while_waiting_changes_nothing(
    client: httpx.AsyncClient, admin: Actor, make_user: MakeUser, user: Actor, database: Database
) -> None:
    demoted = await make_user("admin")
    async with database.transaction() as unit:
        await lock_admins(unit)
        waiting = asyncio.create_task(
            client.patch(path(user), json={"role": "admin"}, headers=ANY_VERSION, auth=demoted)
        )
        await asyncio.sleep(0.2)
        await change_user(unit, demoted.id, role="user")
    assert (await waiting).status_code == 403
    assert (await client.get(path(user), auth=user)).json()["role"] == "user"


async def test_nothing_to_change_makes_no_version_and_no_event(
    client: httpx.AsyncClient, user: Actor, admin: Actor
) -> None:
    seen = await client.get(path(user), auth=user)
    headers = {"if-match": seen.headers["etag"]}
    answer = await client.patch(path(user), json={}, headers=headers, auth=user)
    assert (answer.status_code, answer.content) == (200, seen.content)
    assert (await client.get(path(user), auth=user)).headers["etag"] == headers["if-match"]
    events = await client.get(f"/api/v1/audit-events?subject_id={user.id}", auth=admin)
    assert events.json()["items"] == []
    other = await client.patch(path(user), json={}, headers={"if-match": '"1"'}, auth=user)
    assert (other.status_code, other.json()["type"]) == (412, "/problems/version-mismatch")
