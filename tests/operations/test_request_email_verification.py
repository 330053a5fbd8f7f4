import httpx

from pressroom.credentials.mail import VERIFICATION_MAIL
from tests.service import PASSWORD, Actor, MakeMailedToken, ReadMail, violations

PATH = "/api/v1/auth/email-verification"


async def ask(client: httpx.AsyncClient, email: str) -> httpx.Response:
    return await client.post(PATH, json={"email": email})


async def test_a_new_account_gets_a_mail_by_itself(client: httpx.AsyncClient, read_mail: ReadMail) -> None:
    body = {"email": "Ada@example.com", "password": PASSWORD, "full_name": "Ada Lovelace"}
    assert (await client.post("/api/v1/auth/register", json=body)).status_code == 201
    (letter,) = await read_mail()
    assert (letter.email, letter.subject) == ("ada@example.com", "Verify your address")
    assert "http://testserver/verify-email#token=" in letter.body


async def test_a_registration_that_is_refused_mails_nobody(
    client: httpx.AsyncClient, user: Actor, read_mail: ReadMail
) -> None:
    body = {"email": user.email, "password": PASSWORD, "full_name": "Ada Lovelace"}
    assert (await client.post("/api/v1/auth/register", json=body)).status_code == 409
    assert await read_mail() == []


async def test_only_who_needs_one_gets_a_mail_and_all_get_one_answer(
    client: httpx.AsyncClient,
    user: Actor,
    other: Actor,
    deactivated: Actor,
    make_mailed_token: MakeMailedToken,
    read_mail: ReadMail,
) -> None:
    token = await make_mailed_token(other, VERIFICATION_MAIL)
    assert (await client.post(f"{PATH}/confirm", json={"token": token})).status_code == 204
    emails = [user.email, other.email, deactivated.email, "nobody@example.com"]
    answers = [await ask(client, email) for email in emails]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, b"")}
    assert [letter.email for letter in await read_mail()] == [user.email]


async def test_address_that_is_none(client: httpx.AsyncClient) -> None:
    assert violations(await ask(client, "nobody")) == [("body", "/email")]


async def test_a_repeated_key_with_another_address(client: httpx.AsyncClient) -> None:
    headers = {"idempotency-key": "once"}
    statuses = [
        (await client.post(PATH, json={"email": f"{name}@example.com"}, headers=headers)).status_code
        for name in ("ada", "ada", "bob")
    ]
    assert statuses == [202, 202, 409]
