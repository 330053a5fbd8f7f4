import asyncio

import httpx

from contractgen_runtime.postgres.db import Database
from pressroom.credentials.mail import RESET_MAIL, VERIFICATION_MAIL
from pressroom.credentials.queries import delete_expired_tokens
from tests.service import Actor, MakeMailedToken, ReadMail, bytes_of, violations

PATH = "/api/v1/auth/email-verification/confirm"


async def test_from_the_mail_to_the_verified_address(
    client: httpx.AsyncClient, user: Actor, admin: Actor, read_mail: ReadMail
) -> None:
    before = await client.get("/api/v1/users/me", auth=user)
    await client.post("/api/v1/auth/email-verification", json={"email": user.email})
    (letter,) = await read_mail()
    token = letter.body.partition("#token=")[2].strip()
    assert (await client.post(PATH, json={"token": token})).status_code == 204
    after = await client.get("/api/v1/users/me", auth=user)
    assert [answer.json()["email_verified"] for answer in (before, after)] == [False, True]
    assert before.headers["etag"] != after.headers["etag"]
    (event,) = (await client.get("/api/v1/audit-events", auth=admin)).json()["items"]
    assert (event["action"], event["actor_id"]) == ("email_verified", str(user.id))


async def test_a_token_works_once(
    client: httpx.AsyncClient, user: Actor, make_mailed_token: MakeMailedToken
) -> None:
    token = await make_mailed_token(user, VERIFICATION_MAIL)
    answers = await asyncio.gather(*(client.post(PATH, json={"token": token}) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [204] + [404] * 4


async def test_tokens_that_do_not_work(
    client: httpx.AsyncClient, user: Actor, other: Actor, make_mailed_token: MakeMailedToken
) -> None:
    tokens = [
        "x" * 43,
        await make_mailed_token(user, VERIFICATION_MAIL, lifetime=-1),
        await make_mailed_token(other, RESET_MAIL),
    ]
    answers = [await client.post(PATH, json={"token": token}) for token in tokens]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert len({bytes_of(answer) for answer in answers}) == 1


async def test_token_that_is_none(client: httpx.AsyncClient) -> None:
    assert violations(await client.post(PATH, json={"token": "x"})) == [("body", "/token")]


async def test_expired_tokens_are_tidied_away(
    user: Actor, other: Actor, make_mailed_token: MakeMailedToken, database: Database
) -> None:
    await make_mailed_token(user, VERIFICATION_MAIL, lifetime=-1)
    await make_mailed_token(other, VERIFICATION_MAIL)
    async with database.transaction() as unit:
        await delete_expired_tokens(unit)
    connection = await database.connect()
    assert [row[0] for row in await connection.fetch("SELECT user_id FROM mailed_tokens")] == [other.id]
    await connection.close()
