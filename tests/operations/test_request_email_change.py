import asyncio
from typing import Any

import httpx
import pytest

from contractgen_runtime.postgres.db import Database, UnitOfWork
from contractgen_runtime.postgres.statements import Statement
from pressroom.credentials.mail import CHANGE_LINK
from pressroom.credentials.queries import request_email, select_password_hash
from tests.service import PASSWORD, Actor, MakeSession, ReadMail, violations

PATH = "/api/v1/auth/email-change"
ME = "/api/v1/users/me"
NEW = "ada@example.org"


async def ask(
    client: httpx.AsyncClient, actor: Actor, email: str = NEW, password: str = PASSWORD, **headers: str
) -> httpx.Response:
    body = {"password": password, "new_email": email}
    return await client.post(PATH, json=body, headers=headers, auth=actor)


async def confirm(client: httpx.AsyncClient, token: str) -> int:
    return (await client.post(f"{PATH}/confirm", json={"token": token})).status_code


async def mailed(read_mail: ReadMail, page: str = "change-email") -> list[tuple[str, str]]:
    """The address and the token of each new mail with a link to the page."""
    parts = [(letter.email, letter.body.partition(f"/{page}#token=")) for letter in await read_mail()]
    return [(email, token.strip()) for email, (_, found, token) in parts if found]


async def test_a_mail_to_the_new_address_and_a_notice_to_the_old_one(
    client: httpx.AsyncClient, user: Actor, read_mail: ReadMail
) -> None:
    answer = await ask(client, user, "Ada@Example.org")
    assert (answer.status_code, answer.content) == (202, b"")
    letters = {letter.email: letter for letter in await read_mail()}
    assert letters.keys() == {NEW, user.email}
    assert letters[NEW].full_name == "Ada Lovelace"
    assert "http://testserver/change-email#token=" in letters[NEW].body
    assert "#token=" not in letters[user.email].body
    assert NEW not in letters[user.email].body
    assert (await client.get(ME, auth=user)).json()["email"] == user.email


async def test_a_taken_address_gets_no_mail_and_one_answer(
    client: httpx.AsyncClient, user: Actor, other: Actor, deactivated: Actor, read_mail: ReadMail
) -> None:
    for taken in (other.email, deactivated.email, user.email.upper()):
        answer = await ask(client, user, taken)
        assert (answer.status_code, answer.content) == (202, b"")
        assert [letter.email for letter in await read_mail()] == [user.email]


async def test_taken_and_free_cost_the_same_statements(
    client: httpx.AsyncClient, user: Actor, other: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the time tells which addresses have an account."""
    run, seen = UnitOfWork._run, []

    async def record(unit: UnitOfWork, call: Any, statement: Statement[Any], *rest: Any, **more: Any) -> Any:
        seen.append(statement.sql)
        return await run(unit, call, statement, *rest, **more)

    monkeypatch.setattr(UnitOfWork, "_run", record)
    costs = []
    for email in (NEW, other.email):
        seen.clear()
        await ask(client, user, email)
        costs.append(list(seen))
    assert costs[0] == costs[1] != []


async def test_a_taken_address_replaces_what_was_asked_for_as_a_free_one_does(
    client: httpx.AsyncClient, user: Actor, other: Actor, read_mail: ReadMail
) -> None:
    """Otherwise the earlier mail tells whether the later address has an account."""
    for later in (other.email, "free@example.org"):
        await ask(client, user)
        ((_, token),) = await mailed(read_mail)
        await ask(client, user, later)
        assert await confirm(client, token) == 404


async def test_of_two_requests_before_the_mails_only_the_later_one_gets_one(
    client: httpx.AsyncClient, user: Actor, read_mail: ReadMail
) -> None:
    for email in (NEW, "grace@example.org"):
        await ask(client, user, email)
    ((email, token),) = await mailed(read_mail)
    assert email == "grace@example.org"
    assert await confirm(client, token) == 204


async def test_requests_at_once_leave_one(
    client: httpx.AsyncClient, user: Actor, make_session: MakeSession, read_mail: ReadMail
) -> None:
    sessions = [user, await make_session(user)]
    asked = [ask(client, sessions[number % 2], f"ada{number}@example.org") for number in range(6)]
    assert {answer.status_code for answer in await asyncio.gather(*asked)} == {202}
    ((email, token),) = await mailed(read_mail)
    assert await confirm(client, token) == 204
    assert (await client.get(ME, auth=user)).json()["email"] == email


async def test_the_password_is_needed(client: httpx.AsyncClient, user: Actor, read_mail: ReadMail) -> None:
    answer = await ask(client, user, password="a wrong one")
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/wrong-password")
    assert await read_mail() == []


async def test_a_password_that_changes_while_it_is_checked_is_wrong(user: Actor, database: Database) -> None:
    async with database.transaction() as unit:
        stored = await select_password_hash(unit, user.id)
        asked = [
            await request_email(unit, user.id, NEW, password_hash=known, lifetime=CHANGE_LINK.lifetime)
            for known in (stored + "x", stored)
        ]
    assert [token_id is None for token_id in asked] == [True, False]


@pytest.mark.parametrize("is_reset", [False, True])
async def test_another_password_makes_the_mail_useless(
    client: httpx.AsyncClient, user: Actor, read_mail: ReadMail, is_reset: bool
) -> None:
    await ask(client, user)
    ((_, token),) = await mailed(read_mail)
    if is_reset:
        await client.post("/api/v1/auth/password-reset", json={"email": user.email})
        ((_, reset),) = await mailed(read_mail, "reset-password")
        body = {"token": reset, "new_password": "difference engine"}
        answer = await client.post("/api/v1/auth/password-reset/confirm", json=body)
    else:
        body = {"old_password": PASSWORD, "new_password": "difference engine"}
        answer = await client.post("/api/v1/auth/change-password", json=body, auth=user)
    assert answer.status_code == 204
    assert await confirm(client, token) == 404


async def test_an_account_that_is_deleted_leaves_no_address_and_no_mail(
    client: httpx.AsyncClient, user: Actor, read_mail: ReadMail, database: Database
) -> None:
    await ask(client, user)
    body = {"password": PASSWORD, "posts": "keep"}
    assert (await client.post("/api/v1/users/me/delete", json=body, auth=user)).status_code == 204
    assert await read_mail() == []
    connection = await database.connect()
    assert await connection.fetch("SELECT FROM address_tokens") == []
    await connection.close()


async def test_a_repeated_request_with_its_key_sends_one_mail(
    client: httpx.AsyncClient, user: Actor, read_mail: ReadMail
) -> None:
    statuses = [
        (await ask(client, user, email, **{"idempotency-key": "once"})).status_code
        for email in (NEW, NEW, "grace@example.org")
    ]
    assert statuses == [202, 202, 409]
    assert [email for email, _ in await mailed(read_mail)] == [NEW]


async def test_no_token_is_stored_as_it_is_sent_and_no_job_has_an_address(
    client: httpx.AsyncClient, user: Actor, read_mail: ReadMail, database: Database
) -> None:
    await ask(client, user)
    connection = await database.connect()
    jobs = str(await connection.fetch("SELECT j::text FROM jobs j"))
    ((_, token),) = await mailed(read_mail)
    stored = str(await connection.fetch("SELECT t::text FROM address_tokens t"))
    await connection.close()
    assert len(token) == 43
    assert token not in stored
    assert NEW in stored
    assert NEW not in jobs
    assert user.email not in jobs


async def test_it_is_told_in_the_audit_trail_without_the_address(
    client: httpx.AsyncClient, user: Actor, admin: Actor
) -> None:
    await ask(client, user)
    (event,) = (await client.get("/api/v1/audit-events", auth=admin)).json()["items"]
    assert (event["action"], event["actor_id"], event["changes"]) == (
        "email_change_requested",
        str(user.id),
        [],
    )


@pytest.mark.parametrize(
    ("email", "password", "pointer"),
    [("nobody", PASSWORD, "/new_email"), (NEW, "", "/password"), (NEW, "x" * 65, "/password")],
)
async def test_body_that_violates_its_schema(
    client: httpx.AsyncClient, user: Actor, email: str, password: str, pointer: str
) -> None:
    assert violations(await ask(client, user, email, password)) == [("body", pointer)]
