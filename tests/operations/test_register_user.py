import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from contractgen_runtime.postgres.db import Database
from tests.service import PASSWORD, Actor, violations

PATH = "/api/v1/auth/register"
NEW = {"email": "Ada@Example.com", "password": PASSWORD, "full_name": "Ada Lovelace"}
ASTRAL = "\U0001f511" * 63  # with one more character 64 of them, 256 bytes


async def stored(database: Database) -> list[dict[str, Any]]:
    connection = await database.connect()
    rows = await connection.fetch("SELECT * FROM users ORDER BY created_at")
    await connection.close()
    return [dict(row) for row in rows]


async def test_account_is_made(client: httpx.AsyncClient, database: Database) -> None:
    answer = await client.post(PATH, json=NEW)
    assert answer.status_code == 201
    user = answer.json()
    created_at = datetime.fromisoformat(user.pop("created_at"))
    assert abs(datetime.now(UTC) - created_at) < timedelta(minutes=1)
    assert datetime.fromisoformat(user.pop("updated_at")) == created_at
    assert f'"{user.pop("version")}"' == answer.headers["etag"]
    assert user == {
        "id": user["id"],
        "email": "ada@example.com",
        "full_name": "Ada Lovelace",
        "role": "user",
        "is_active": True,
        "email_verified": False,
        "display_name": "Ada Lovelace (ada@example.com)",
    }
    (row,) = await stored(database)
    assert str(row["id"]) == user["id"]
    assert row["password_hash"].startswith("v1$$2b$04$")
    assert PASSWORD not in str(row)


async def test_location_resolves(client: httpx.AsyncClient, admin: Actor) -> None:
    answer = await client.post(PATH, json=NEW)
    found = await client.get(answer.headers["location"], auth=admin)
    assert (found.status_code, found.json()) == (200, answer.json())


async def test_new_account_can_log_in(client: httpx.AsyncClient) -> None:
    registered = await client.post(PATH, json=NEW)
    login = await client.post("/api/v1/auth/login", json={"email": NEW["email"], "password": PASSWORD})
    assert login.status_code == 200
    assert login.json()["user"] == registered.json()


@pytest.mark.parametrize("email", ["ada@example.com", "ADA@EXAMPLE.COM", "aDa@eXample.com"])
async def test_an_address_is_taken_in_every_case(
    client: httpx.AsyncClient, database: Database, email: str
) -> None:
    assert (await client.post(PATH, json=NEW)).status_code == 201
    answer = await client.post(PATH, json={**NEW, "email": email, "full_name": "Somebody Else"})
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/email-taken"
    (row,) = await stored(database)
    assert row["full_name"] == "Ada Lovelace"


async def test_one_of_several_at_once_gets_the_address(client: httpx.AsyncClient, database: Database) -> None:
    answers = await asyncio.gather(*(client.post(PATH, json=NEW) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert len(await stored(database)) == 1


async def test_role_user_may_be_named(client: httpx.AsyncClient) -> None:
    answer = await client.post(PATH, json={**NEW, "role": "user"})
    assert (answer.status_code, answer.json()["role"]) == (201, "user")


@pytest.mark.parametrize("role", ["admin", "moderator", "USER", "", None, ["user"]])
async def test_no_other_role_may_be_asked_for(
    client: httpx.AsyncClient, database: Database, role: object
) -> None:
    assert violations(await client.post(PATH, json={**NEW, "role": role})) == [("body", "/role")]
    assert await stored(database) == []


@pytest.mark.parametrize(
    "password", [ASTRAL + "1", "twelve chars", "a\0b and the rest", " spaces around ", "ﬁ ligature and more"]
)
async def test_every_character_of_a_password_counts(client: httpx.AsyncClient, password: str) -> None:
    assert (await client.post(PATH, json={**NEW, "password": password})).status_code == 201
    for tried, status in [(password, 200), (password[:-1] + "2", 401), (password[:1], 401)]:
        login = await client.post("/api/v1/auth/login", json={"email": NEW["email"], "password": tried})
        assert login.status_code == status


@pytest.mark.parametrize(
    "email",
    [
        *("a@b.co", "x+y@example.com", "o_o%1@sub.example.co", "a" * 64 + "@example.com"),
        *(f"a@{'b' * 63}.com", f"a@{'-'.join('b' * 32)}.com", f"{'a' * 32}.{'b' * 31}@example.com"),
        *("a@b--c.com", f"{'.'.join('a' * 32)}@example.com"),
    ],
)
async def test_usual_addresses_are_taken(client: httpx.AsyncClient, email: str) -> None:
    assert (await client.post(PATH, json={**NEW, "email": email})).status_code == 201


@pytest.mark.parametrize("name", ["Zoë", "李小龙", "O'Brien-Smith Jr.", "\U0001f600\U0001f600", "x" * 100])
async def test_names_of_every_script_are_kept(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.post(PATH, json={**NEW, "full_name": name})
    assert (answer.status_code, answer.json()["full_name"]) == (201, name)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("email", "no address"),
        ("email", "ada@example"),
        ("email", f"ada@{'b' * 64}.com"),
        ("email", "ada@xn--b.com"),
        ("email", "ada@-b.com"),
        *(("full_name", mark * 2) for mark in ("\u200b", "\u3164", "\u00a0", "\u2800", "\u200f", " ")),
        ("email", "ada..x@example.com"),
        ("email", "ada@example.com\n"),
        ("email", "adä@example.com"),
        ("email", "a" * 65 + "@example.com"),
        ("email", 7),
        ("email", None),
        ("password", "eleven char"),
        ("password", ASTRAL + "12"),
        ("password", 123456789012),
        ("full_name", "A"),
        ("full_name", "x" * 101),
        ("full_name", " Ada"),
        ("full_name", "Ada\nLovelace"),
        ("full_name", "Ada\0"),
        ("full_name", True),
    ],
)
async def test_member_that_violates_its_schema(
    client: httpx.AsyncClient, database: Database, member: str, value: object
) -> None:
    assert violations(await client.post(PATH, json={**NEW, member: value})) == [("body", f"/{member}")]
    assert await stored(database) == []


@pytest.mark.parametrize("member", ["email", "password", "full_name"])
async def test_members_are_required(client: httpx.AsyncClient, member: str) -> None:
    body = {name: value for name, value in NEW.items() if name != member}
    assert violations(await client.post(PATH, json=body)) == [("body", f"/{member}")]


@pytest.mark.parametrize("name", ["id", "is_active", "display_name", "Email"])
async def test_unknown_member_is_refused(client: httpx.AsyncClient, database: Database, name: str) -> None:
    assert len(violations(await client.post(PATH, json={**NEW, name: True}))) == 1
    assert await stored(database) == []


@pytest.mark.parametrize("body", ["[]", "[{}]", '"text"', "1", "null", "true"])
async def test_body_is_an_object(client: httpx.AsyncClient, body: str) -> None:
    answer = await client.post(PATH, content=body, headers={"content-type": "application/json"})
    assert violations(answer) == [("body", "")]


async def test_all_violations_are_told_at_once(client: httpx.AsyncClient) -> None:
    answer = await client.post(PATH, json={"email": "x", "password": "short", "extra": 1})
    found = {pointer for _, pointer in violations(answer)}
    assert found >= {"/email", "/password", "/full_name"}
