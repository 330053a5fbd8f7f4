import asyncio

import httpx
import pytest

from contractgen_runtime.postgres.db import Database
from pressroom.credentials.mail import RESET_MAIL, VERIFICATION_MAIL
from pressroom.users.queries import update_user
from tests.service import PASSWORD, Actor, MakeMailedToken, MakeSession, ReadMail, bytes_of, violations

PATH = "/api/v1/auth/password-reset/confirm"
NEW = "difference engine"


async def reset(client: httpx.AsyncClient, token: str, new: str = NEW) -> httpx.Response:
    return await client.post(PATH, json={"token": token, "new_password": new})


async def log_in(client: httpx.AsyncClient, actor: Actor, password: str) -> int:
    body = {"email": actor.email, "password": password}
    return (await client.post("/api/v1/auth/login", json=body)).status_code


async def mailed(client: httpx.AsyncClient, actor: Actor, read_mail: ReadMail) -> str:
    await client.post("/api/v1/auth/password-reset", json={"email": actor.email})
    letter = (await read_mail())[-1]
    return letter.body.partition("#token=")[2].strip()


async def test_from_the_mail_to_the_new_password(
    client: httpx.AsyncClient, user: Actor, read_mail: ReadMail
) -> None:
    assert (await reset(client, await mailed(client, user, read_mail))).status_code == 204
    assert [await log_in(client, user, PASSWORD), await log_in(client, user, NEW)] == [401, 200]


async def test_every_session_ends_and_none_is_opened(
    client: httpx.AsyncClient, user: Actor, make_session: MakeSession, make_mailed_token: MakeMailedToken
) -> None:
    sessions = [user, await make_session(user)]
    answer = await reset(client, await make_mailed_token(user, RESET_MAIL))
    assert answer.content == b""
    for session in sessions:
        assert (await client.get("/api/v1/users/me", auth=session)).status_code == 401


async def test_a_token_works_once(
    client: httpx.AsyncClient, user: Actor, make_mailed_token: MakeMailedToken
) -> None:
    token = await make_mailed_token(user, RESET_MAIL)
    passwords = [f"difference engine {number}" for number in range(8)]
    answers = await asyncio.gather(*(reset(client, token, password) for password in passwords))
    assert sorted(answer.status_code for answer in answers) == [204] + [404] * 7
    opened = [await log_in(client, user, password) for password in passwords]
    assert opened == [200 if answer.status_code == 204 else 401 for answer in answers]


async def test_a_new_mail_makes_the_earlier_one_useless(
    client: httpx.AsyncClient, user: Actor, read_mail: ReadMail
) -> None:
    first = await mailed(client, user, read_mail)
    second = await mailed(client, user, read_mail)
    assert [(await reset(client, token)).status_code for token in (first, second)] == [404, 204]


async def test_tokens_that_do_not_work_get_one_answer(
    client: httpx.AsyncClient,
    user: Actor,
    other: Actor,
    admin: Actor,
    make_mailed_token: MakeMailedToken,
    database: Database,
) -> None:
    tokens = [
        "x" * 43,
        await make_mailed_token(user, RESET_MAIL, lifetime=-1),
        await make_mailed_token(other, VERIFICATION_MAIL),
        await make_mailed_token(admin, RESET_MAIL),
    ]
    async with database.transaction() as unit:
        await update_user(unit, admin.id, is_active=False)
    answers = [await reset(client, token) for token in tokens]
    assert {(answer.status_code, answer.json()["type"]) for answer in answers} == {
        (404, "/problems/token-not-found")
    }
    assert len({bytes_of(answer) for answer in answers}) == 1


async def test_a_refused_password_leaves_the_token(
    client: httpx.AsyncClient, user: Actor, make_mailed_token: MakeMailedToken
) -> None:
    token = await make_mailed_token(user, RESET_MAIL)
    answer = await reset(client, token, "password1234")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/common-password")
    assert (await reset(client, token)).status_code == 204


@pytest.mark.parametrize(
    ("token", "new", "pointer"),
    [("x" * 42, NEW, "/token"), ("!" * 43, NEW, "/token"), ("x" * 43, "short", "/new_password")],
)
async def test_body_that_violates_its_schema(
    client: httpx.AsyncClient, token: str, new: str, pointer: str
) -> None:
    assert violations(await reset(client, token, new)) == [("body", pointer)]
