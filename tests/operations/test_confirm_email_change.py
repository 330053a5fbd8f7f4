import asyncio

import httpx

from contractgen_runtime.postgres.db import Database
from pressroom.credentials.mail import RESET_MAIL, VERIFICATION_MAIL
from pressroom.credentials.queries import delete_expired_tokens
from pressroom.credentials.tables import EMAIL_CHANGE_MAIL, EMAIL_UNDO_MAIL
from pressroom.users.queries import update_user
from tests.service import (
    PASSWORD,
    Actor,
    MakeAddressToken,
    MakeMailedToken,
    MakeSession,
    ReadMail,
    bytes_of,
    violations,
)

ASK = "/api/v1/auth/email-change"
PATH = f"{ASK}/confirm"
ME = "/api/v1/users/me"
NEW = "ada@example.org"


async def confirm(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post(PATH, json={"token": token})


async def log_in(client: httpx.AsyncClient, email: str) -> int:
    body = {"email": email, "password": PASSWORD}
    return (await client.post("/api/v1/auth/login", json=body)).status_code


async def register(client: httpx.AsyncClient, email: str) -> int:
    body = {"email": email, "password": PASSWORD, "full_name": "Somebody Else"}
    return (await client.post("/api/v1/auth/register", json=body)).status_code


async def test_from_the_mail_to_the_new_address(
    client: httpx.AsyncClient, user: Actor, make_session: MakeSession, read_mail: ReadMail
) -> None:
    sessions = [user, await make_session(user)]
    before = await client.get(ME, auth=user)
    await client.post(ASK, json={"password": PASSWORD, "new_email": NEW}, auth=user)
    (token,) = [
        letter.body.partition("#token=")[2].strip() for letter in await read_mail() if letter.email == NEW
    ]
    answer = await confirm(client, token)
    assert (answer.status_code, answer.content) == (204, b"")
    for session in sessions:
        after = await client.get(ME, auth=session)
        assert (after.json()["email"], after.json()["email_verified"]) == (NEW, True)
        assert after.headers["etag"] != before.headers["etag"]
    assert [await log_in(client, user.email), await log_in(client, NEW)] == [401, 200]


async def test_the_old_address_gets_a_link_to_undo_it(
    client: httpx.AsyncClient, user: Actor, make_address_token: MakeAddressToken, read_mail: ReadMail
) -> None:
    await confirm(client, await make_address_token(user, EMAIL_CHANGE_MAIL, NEW))
    (letter,) = await read_mail()
    assert (letter.email, letter.full_name) == (user.email, "Ada Lovelace")
    assert "http://testserver/undo-email-change#token=" in letter.body
    assert NEW not in letter.body


async def test_the_old_address_is_free(
    client: httpx.AsyncClient, user: Actor, make_address_token: MakeAddressToken, read_mail: ReadMail
) -> None:
    """And learns of the change even when it has another account by then."""
    await confirm(client, await make_address_token(user, EMAIL_CHANGE_MAIL, NEW))
    assert await register(client, user.email) == 201
    assert sorted(letter.subject for letter in await read_mail()) == [
        "Verify your address",
        "Your account has another address",
    ]


async def test_a_token_works_once(
    client: httpx.AsyncClient, user: Actor, make_address_token: MakeAddressToken, read_mail: ReadMail
) -> None:
    token = await make_address_token(user, EMAIL_CHANGE_MAIL, NEW)
    answers = await asyncio.gather(*(confirm(client, token) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [204] + [404] * 4
    assert len(await read_mail()) == 1


async def test_tokens_that_do_not_work_get_one_answer(
    client: httpx.AsyncClient,
    user: Actor,
    other: Actor,
    admin: Actor,
    make_mailed_token: MakeMailedToken,
    make_address_token: MakeAddressToken,
    database: Database,
) -> None:
    tokens = [
        "x" * 43,
        await make_address_token(user, EMAIL_CHANGE_MAIL, NEW, lifetime=-1),
        await make_address_token(other, EMAIL_UNDO_MAIL, "former@example.org"),
        await make_mailed_token(other, VERIFICATION_MAIL),
        await make_address_token(admin, EMAIL_CHANGE_MAIL, "admin@example.org"),
    ]
    async with database.transaction() as unit:
        await update_user(unit, admin.id, is_active=False)
    answers = [await confirm(client, token) for token in tokens]
    assert {(answer.status_code, answer.json()["type"]) for answer in answers} == {
        (404, "/problems/token-not-found")
    }
    assert len({bytes_of(answer) for answer in answers}) == 1
    assert (await client.get(ME, auth=other)).json()["email"] == other.email


async def test_an_address_that_was_taken_meanwhile(
    client: httpx.AsyncClient, user: Actor, make_address_token: MakeAddressToken, read_mail: ReadMail
) -> None:
    token = await make_address_token(user, EMAIL_CHANGE_MAIL, NEW)
    assert await register(client, NEW.upper()) == 201
    answer = await confirm(client, token)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/email-taken")
    assert (await client.get(ME, auth=user)).json()["email"] == user.email
    assert [letter.subject for letter in await read_mail()] == ["Verify your address"]


async def test_a_token_works_when_the_address_is_free_again(
    client: httpx.AsyncClient,
    user: Actor,
    other: Actor,
    make_address_token: MakeAddressToken,
) -> None:
    token = await make_address_token(user, EMAIL_CHANGE_MAIL, NEW)
    await confirm(client, await make_address_token(other, EMAIL_CHANGE_MAIL, NEW))
    assert (await confirm(client, token)).status_code == 409
    await confirm(client, await make_address_token(other, EMAIL_CHANGE_MAIL, "grace@example.org"))
    assert (await confirm(client, token)).status_code == 204


async def test_of_all_who_want_an_address_at_once_one_gets_it(
    client: httpx.AsyncClient, actors: dict[str, Actor], make_address_token: MakeAddressToken
) -> None:
    wanting = [actor for name, actor in actors.items() if name != "deactivated"]
    tokens = [await make_address_token(actor, EMAIL_CHANGE_MAIL, NEW) for actor in wanting]
    *answers, registered = await asyncio.gather(
        *(confirm(client, token) for token in tokens), register(client, NEW)
    )
    statuses = [answer.status_code for answer in answers if isinstance(answer, httpx.Response)]
    emails = [(await client.get(ME, auth=actor)).json()["email"] for actor in wanting]
    assert [*sorted(statuses), registered] in ([204, 409, 409, 409, 409, 409], [409] * 5 + [201])
    assert emails.count(NEW) == statuses.count(204)


async def test_mails_that_are_out_to_the_old_address_become_useless(
    client: httpx.AsyncClient,
    user: Actor,
    make_mailed_token: MakeMailedToken,
    make_address_token: MakeAddressToken,
) -> None:
    reset = await make_mailed_token(user, RESET_MAIL)
    await confirm(client, await make_address_token(user, EMAIL_CHANGE_MAIL, NEW))
    body = {"token": reset, "new_password": "difference engine"}
    assert (await client.post("/api/v1/auth/password-reset/confirm", json=body)).status_code == 404


async def test_changes_of_address_and_password_at_once_never_fail(
    client: httpx.AsyncClient,
    user: Actor,
    make_session: MakeSession,
    make_mailed_token: MakeMailedToken,
    make_address_token: MakeAddressToken,
) -> None:
    """All of them lock the account and its tokens, and do so in one order."""
    for number in range(10):
        change = await make_address_token(user, EMAIL_CHANGE_MAIL, f"ada{number}@example.org")
        undo = await make_address_token(user, EMAIL_UNDO_MAIL, f"former{number}@example.org")
        verification = await make_mailed_token(user, VERIFICATION_MAIL)
        reset = await make_mailed_token(user, RESET_MAIL)
        session = await make_session(user)
        passwords = {"old_password": PASSWORD, "new_password": PASSWORD}
        answers = await asyncio.gather(
            confirm(client, change),
            client.post(f"{ASK}/undo", json={"token": undo}),
            client.post("/api/v1/auth/email-verification/confirm", json={"token": verification}),
            client.post(
                "/api/v1/auth/password-reset/confirm", json={"token": reset, "new_password": PASSWORD}
            ),
            client.post("/api/v1/auth/change-password", json=passwords, auth=session),
            client.post(ASK, json={"password": PASSWORD, "new_email": NEW}, auth=session),
        )
        assert max(answer.status_code for answer in answers) < 500


async def test_it_is_told_in_the_audit_trail(
    client: httpx.AsyncClient, user: Actor, admin: Actor, make_address_token: MakeAddressToken
) -> None:
    await confirm(client, await make_address_token(user, EMAIL_CHANGE_MAIL, NEW))
    (event,) = (await client.get("/api/v1/audit-events", auth=admin)).json()["items"]
    assert (event["action"], event["actor_id"], event["changes"]) == ("email_changed", str(user.id), [])


async def test_token_that_is_none(client: httpx.AsyncClient) -> None:
    assert violations(await confirm(client, "x")) == [("body", "/token")]


async def test_expired_tokens_are_tidied_away(
    user: Actor, other: Actor, make_address_token: MakeAddressToken, database: Database
) -> None:
    await make_address_token(user, EMAIL_CHANGE_MAIL, NEW, lifetime=-1)
    await make_address_token(other, EMAIL_CHANGE_MAIL, NEW)
    async with database.transaction() as unit:
        await delete_expired_tokens(unit)
    connection = await database.connect()
    assert [row[0] for row in await connection.fetch("SELECT user_id FROM address_tokens")] == [other.id]
    await connection.close()
