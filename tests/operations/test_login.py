import httpx
import pytest

from contractgen_runtime.postgres.db import Database
from pressroom.passwords import PasswordHasher
from pressroom.settings import Settings
from pressroom.tokens import TokenIssuer
from pressroom.users.queries import update_user
from tests.service import PASSWORD, Actor, MakeUser, bytes_of, violations

PATH = "/api/v1/auth/login"


async def log_in(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
    return await client.post(PATH, json={"email": email, "password": password})


async def test_answer_is_a_token_and_its_account(
    client: httpx.AsyncClient, user: Actor, settings: Settings
) -> None:
    answer = await log_in(client, user.email)
    assert answer.status_code == 200
    token = answer.json()
    assert (token["token_type"], token["expires_in"]) == ("bearer", 1800)
    assert TokenIssuer(settings).verify(token["access_token"]) != user.session_id
    assert answer.headers["cache-control"] == "no-store"
    headers = {"authorization": f"Bearer {token['access_token']}"}
    me = await client.get("/api/v1/users/me", headers=headers)
    assert (me.status_code, me.json()) == (200, token["user"])
    assert me.json()["id"] == str(user.id)


@pytest.mark.parametrize("role", ["user", "moderator", "admin"])
async def test_every_role_logs_in(client: httpx.AsyncClient, actors: dict[str, Actor], role: str) -> None:
    answer = await log_in(client, actors[role].email)
    assert answer.json()["user"]["role"] == role


async def test_case_of_the_address_does_not_matter(client: httpx.AsyncClient, make_user: MakeUser) -> None:
    await make_user(email="ada@example.com")
    assert (await log_in(client, "ADA@Example.COM")).status_code == 200


async def test_unknown_wrong_and_deactivated_are_one_answer(
    client: httpx.AsyncClient, user: Actor, deactivated: Actor
) -> None:
    answers = [
        await log_in(client, "nobody@example.com"),
        await log_in(client, user.email, PASSWORD + "!"),
        await log_in(client, user.email, PASSWORD.upper()),
        await log_in(client, deactivated.email),
        await log_in(client, deactivated.email, PASSWORD + "!"),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({bytes_of(answer) for answer in answers}) == 1
    assert {answer.headers["www-authenticate"] for answer in answers} == {"Bearer"}
    assert len({tuple(answer.headers) for answer in answers}) == 1
    assert answers[0].json()["type"] == "/problems/invalid-credentials"


async def test_unknown_address_costs_a_hash_too(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the time tells which addresses have an account."""
    spent: list[bytes] = []
    monkeypatch.setattr("bcrypt.hashpw", lambda password, salt: spent.append(salt))
    await log_in(client, "nobody@example.com")
    assert [salt[:7] for salt in spent] == [b"$2b$04$"]


async def test_deactivated_account_that_is_active_again_logs_in(
    client: httpx.AsyncClient, deactivated: Actor, database: Database
) -> None:
    async with database.transaction() as unit:
        await update_user(unit, deactivated.id, is_active=True)
    assert (await log_in(client, deactivated.email)).status_code == 200


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"email": "x", "password": PASSWORD}, "/email"),
        ({"email": "a@example.com", "password": ""}, "/password"),
        ({"email": "a@example.com", "password": "x" * 65}, "/password"),
        ({"email": "a@example.com", "password": None}, "/password"),
        ({"email": "a@example.com"}, "/password"),
        ({"password": PASSWORD}, "/email"),
        ([], ""),
    ],
)
async def test_body_that_violates_its_schema(client: httpx.AsyncClient, body: object, pointer: str) -> None:
    assert violations(await client.post(PATH, json=body)) == [("body", pointer)]


async def test_unknown_member_is_refused(client: httpx.AsyncClient, user: Actor) -> None:
    body = {"email": user.email, "password": PASSWORD, "otp": "123456"}
    assert len(violations(await client.post(PATH, json=body))) == 1


async def test_a_password_that_was_changed_while_it_was_checked_opens_nothing(
    client: httpx.AsyncClient, user: Actor, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the session would outlive the change, which ends all there are."""
    verify = PasswordHasher.verify

    async def verify_slowly(hasher: PasswordHasher, password: str, stored: str | None) -> bool:
        is_right = await verify(hasher, password, stored)
        connection = await database.connect()
        await connection.execute("UPDATE users SET password_hash = 'another' WHERE id = $1", user.id)
        await connection.close()
        return is_right

    monkeypatch.setattr(PasswordHasher, "verify", verify_slowly)
    assert (await log_in(client, user.email)).status_code == 401
    assert len((await client.get("/api/v1/auth/sessions", auth=user)).json()["items"]) == 1
