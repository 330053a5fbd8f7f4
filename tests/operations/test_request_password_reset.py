from typing import Any

import httpx
import pytest

from contractgen_runtime.postgres.db import Database, UnitOfWork
from contractgen_runtime.postgres.statements import Statement
from pressroom.settings import Settings
from tests.service import Actor, ReadMail, violations

PATH = "/api/v1/auth/password-reset"


async def ask(client: httpx.AsyncClient, email: str, **headers: str) -> httpx.Response:
    return await client.post(PATH, json={"email": email}, headers=headers)


async def test_a_mail_with_a_link_below_the_configured_address(
    client: httpx.AsyncClient, user: Actor, read_mail: ReadMail
) -> None:
    answer = await ask(client, user.email.upper(), **{"x-forwarded-host": "evil.example"})
    assert (answer.status_code, answer.content) == (202, b"")
    (letter,) = await read_mail()
    assert (letter.email, letter.full_name) == (user.email, "Ada Lovelace")
    assert "http://testserver/reset-password#token=" in letter.body
    assert "evil" not in letter.body


async def test_the_link_may_lead_to_another_site(settings: Settings) -> None:
    given = settings.model_dump() | {"web_url": "https://www.example.com/"}
    assert Settings.model_validate(given).link_base == "https://www.example.com"
    assert settings.link_base == "http://testserver"


async def test_known_unknown_and_deactivated_are_one_answer(
    client: httpx.AsyncClient, user: Actor, deactivated: Actor, read_mail: ReadMail
) -> None:
    emails = [user.email, "nobody@example.com", deactivated.email]
    answers = [await ask(client, email) for email in emails]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(answer.headers) for answer in answers}) == 1
    assert [letter.email for letter in await read_mail()] == [user.email]


async def test_known_and_unknown_cost_the_same_statements(
    client: httpx.AsyncClient, user: Actor, deactivated: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the time tells which addresses have an account."""
    run, seen = UnitOfWork._run, []

    async def record(unit: UnitOfWork, call: Any, statement: Statement[Any], *rest: Any, **more: Any) -> Any:
        seen.append(statement.sql)
        return await run(unit, call, statement, *rest, **more)

    monkeypatch.setattr(UnitOfWork, "_run", record)
    costs = []
    for email in (user.email, "nobody@example.com", deactivated.email):
        seen.clear()
        await ask(client, email)
        costs.append(list(seen))
    assert costs[0] == costs[1] == costs[2]


async def test_a_repeated_request_with_its_key_sends_one_mail(
    client: httpx.AsyncClient, user: Actor, read_mail: ReadMail
) -> None:
    for _ in range(2):
        assert (await ask(client, user.email, **{"idempotency-key": "once"})).status_code == 202
    assert len(await read_mail()) == 1
    assert (await ask(client, "bob@example.com", **{"idempotency-key": "once"})).status_code == 409


async def test_no_token_is_stored_as_it_is_sent(
    client: httpx.AsyncClient, user: Actor, read_mail: ReadMail, database: Database
) -> None:
    await ask(client, user.email)
    (letter,) = await read_mail()
    token = letter.body.partition("#token=")[2].strip()
    assert len(token) == 43
    connection = await database.connect()
    rows = "SELECT t::text FROM mailed_tokens t UNION SELECT j::text FROM jobs j"
    stored = "\n".join(row[0] for row in await connection.fetch(rows))
    await connection.close()
    assert token not in stored
    assert user.email not in stored


async def test_address_that_is_none(client: httpx.AsyncClient) -> None:
    assert violations(await ask(client, "nobody")) == [("body", "/email")]
