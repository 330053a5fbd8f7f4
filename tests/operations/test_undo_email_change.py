import asyncio
import re

import httpx
import pytest

from contractgen_runtime.postgres.db import Database
from pressroom.credentials.mail import RESET_MAIL
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
PATH = f"{ASK}/undo"
ME = "/api/v1/users/me"
NEW = "thief@example.org"


async def undo(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post(PATH, json={"token": token})


async def log_in(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> int:
    body = {"email": email, "password": password}
    return (await client.post("/api/v1/auth/login", json=body)).status_code


async def move(client: httpx.AsyncClient, actor: Actor, email: str, read_mail: ReadMail) -> str:
    """Change the address by its mails; the token that undoes it."""
    await client.post(ASK, json={"password": actor.password, "new_email": email}, auth=actor)
    (token,) = links(await read_mail_text(read_mail), "change-email")
    assert (await client.post(f"{ASK}/confirm", json={"token": token})).status_code == 204
    (token,) = links(await read_mail_text(read_mail), "undo-email-change")
    return token


async def read_mail_text(read_mail: ReadMail) -> str:
    return "\n".join(letter.body for letter in await read_mail())


def links(text: str, page: str) -> list[str]:
    return re.findall(rf"/{page}#token=(\S+)", text)


async def test_the_old_address_is_back_and_all_sessions_end(
    client: httpx.AsyncClient, user: Actor, admin: Actor, make_session: MakeSession, read_mail: ReadMail
) -> None:
    sessions = [user, await make_session(user)]
    answer = await undo(client, await move(client, user, NEW, read_mail))
    assert (answer.status_code, answer.content) == (204, b"")
    for session in sessions:
        assert (await client.get(ME, auth=session)).status_code == 401
    assert [await log_in(client, NEW), await log_in(client, user.email)] == [401, 200]
    account = (await client.get(f"/api/v1/users/{user.id}", auth=admin)).json()
    assert (account["email"], account["email_verified"]) == (user.email, True)


async def test_it_works_for_72_hours(
    client: httpx.AsyncClient, user: Actor, read_mail: ReadMail, database: Database
) -> None:
    connection = await database.connect()
    for hours, status in [(72.01, 404), (71.99, 204)]:
        token = await move(client, user, NEW, read_mail)
        await connection.execute(
            f"UPDATE address_tokens SET expires_at = expires_at - interval '{hours} hours'"
        )
        assert (await undo(client, token)).status_code == status
        await connection.execute("UPDATE users SET email = $1 WHERE id = $2", user.email, user.id)
    await connection.close()


async def test_another_password_does_not_save_the_thief(
    client: httpx.AsyncClient, user: Actor, read_mail: ReadMail
) -> None:
    token = await move(client, user, NEW, read_mail)
    body = {"old_password": PASSWORD, "new_password": "a stranger's password"}
    assert (await client.post("/api/v1/auth/change-password", json=body, auth=user)).status_code == 204
    assert (await undo(client, token)).status_code == 204
    assert await log_in(client, user.email, "a stranger's password") == 200


async def test_another_change_does_not_save_the_thief(
    client: httpx.AsyncClient, user: Actor, admin: Actor, read_mail: ReadMail
) -> None:
    """The first token undoes both, and the second address cannot be taken back by what was mailed to it."""
    first = await move(client, user, NEW, read_mail)
    second = await move(client, user, "thief@example.net", read_mail)
    assert (await undo(client, first)).status_code == 204
    assert (await undo(client, second)).status_code == 404
    account = (await client.get(f"/api/v1/users/{user.id}", auth=admin)).json()
    assert account["email"] == user.email


async def test_the_later_change_can_be_undone_alone(
    client: httpx.AsyncClient, user: Actor, admin: Actor, read_mail: ReadMail
) -> None:
    first = await move(client, user, NEW, read_mail)
    second = await move(client, user, "thief@example.net", read_mail)
    for token, email in [(second, NEW), (first, user.email)]:
        assert (await undo(client, token)).status_code == 204
        account = (await client.get(f"/api/v1/users/{user.id}", auth=admin)).json()
        assert account["email"] == email


async def test_mails_that_are_out_become_useless(
    client: httpx.AsyncClient,
    user: Actor,
    make_mailed_token: MakeMailedToken,
    make_address_token: MakeAddressToken,
) -> None:
    """Those to the thief's address, for a reset of the password or for another change."""
    token = await make_address_token(user, EMAIL_UNDO_MAIL, "former@example.org")
    pending = await make_address_token(user, EMAIL_CHANGE_MAIL, NEW)
    reset = await make_mailed_token(user, RESET_MAIL)
    assert (await undo(client, token)).status_code == 204
    assert (await client.post(f"{ASK}/confirm", json={"token": pending})).status_code == 404
    body = {"token": reset, "new_password": "difference engine"}
    assert (await client.post("/api/v1/auth/password-reset/confirm", json=body)).status_code == 404


async def test_a_token_works_once(
    client: httpx.AsyncClient, user: Actor, make_address_token: MakeAddressToken
) -> None:
    token = await make_address_token(user, EMAIL_UNDO_MAIL, "former@example.org")
    answers = await asyncio.gather(*(undo(client, token) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [204] + [404] * 4


async def test_of_two_addresses_given_back_at_once_the_older_one_stays(
    client: httpx.AsyncClient, user: Actor, admin: Actor, make_address_token: MakeAddressToken
) -> None:
    for number in range(5):
        tokens = [
            await make_address_token(user, EMAIL_UNDO_MAIL, f"{age}{number}@example.org", lifetime=lifetime)
            for age, lifetime in [("older", 60), ("newer", 61)]
        ]
        answers = await asyncio.gather(*(undo(client, token) for token in tokens))
        assert [answer.status_code for answer in answers] in ([204, 204], [204, 404])
        account = (await client.get(f"/api/v1/users/{user.id}", auth=admin)).json()
        assert account["email"] == f"older{number}@example.org"


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
        await make_address_token(user, EMAIL_UNDO_MAIL, "former@example.org", lifetime=-1),
        await make_address_token(other, EMAIL_CHANGE_MAIL, NEW),
        await make_mailed_token(other, RESET_MAIL),
        await make_address_token(admin, EMAIL_UNDO_MAIL, "admin@example.org"),
    ]
    async with database.transaction() as unit:
        await update_user(unit, admin.id, is_active=False)
    answers = [await undo(client, token) for token in tokens]
    assert {(answer.status_code, answer.json()["type"]) for answer in answers} == {
        (404, "/problems/token-not-found")
    }
    assert len({bytes_of(answer) for answer in answers}) == 1
    assert (await client.get(ME, auth=other)).status_code == 200


async def test_an_address_that_has_another_account_by_now(
    client: httpx.AsyncClient, user: Actor, read_mail: ReadMail
) -> None:
    token = await move(client, user, NEW, read_mail)
    body = {"email": user.email, "password": PASSWORD, "full_name": "Somebody Else"}
    assert (await client.post("/api/v1/auth/register", json=body)).status_code == 201
    answer = await undo(client, token)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/email-taken")
    assert (await client.get(ME, auth=user)).json()["email"] == NEW


@pytest.mark.parametrize("is_mailed", [True, False])
async def test_an_account_that_is_deleted_has_nothing_to_undo(
    client: httpx.AsyncClient,
    user: Actor,
    make_address_token: MakeAddressToken,
    read_mail: ReadMail,
    database: Database,
    is_mailed: bool,
) -> None:
    token = await make_address_token(user, EMAIL_CHANGE_MAIL, NEW)
    await client.post(f"{ASK}/confirm", json={"token": token})
    sent = await read_mail_text(read_mail) if is_mailed else ""
    body = {"password": PASSWORD, "posts": "keep"}
    assert (await client.post("/api/v1/users/me/delete", json=body, auth=user)).status_code == 204
    assert await read_mail() == []
    for undoing in links(sent, "undo-email-change"):
        assert (await undo(client, undoing)).status_code == 404
    connection = await database.connect()
    assert await connection.fetch("SELECT FROM address_tokens") == []
    await connection.close()


async def test_it_is_told_in_the_audit_trail(
    client: httpx.AsyncClient, user: Actor, admin: Actor, make_address_token: MakeAddressToken
) -> None:
    await undo(client, await make_address_token(user, EMAIL_UNDO_MAIL, "former@example.org"))
    (event,) = (await client.get("/api/v1/audit-events", auth=admin)).json()["items"]
    assert (event["action"], event["actor_id"]) == ("email_change_undone", str(user.id))
    assert event["changes"] == []


async def test_token_that_is_none(client: httpx.AsyncClient) -> None:
    assert violations(await undo(client, "x")) == [("body", "/token")]
