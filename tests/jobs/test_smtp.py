"""Mail by SMTP, handed to a real server."""

import asyncio
import email
import email.policy
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import httpx
import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from pydantic import SecretStr

from contractgen_runtime.postgres.db import Database
from contractgen_runtime.postgres.tables import new_id
from pressroom import outbox
from pressroom.mail import Letter, compose
from pressroom.main import create_app
from pressroom.settings import Settings
from tests.service import Actor, serving

MESSAGE = {"subject": "Wëlcome", "body": "Good to have you here.\n.\nSee you \U0001f600\n"}


@dataclass
class Receiver:
    """A mail server's memory, and what it says to the next mails before it takes any."""

    refusals: list[str] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    passwords: list[Any] = field(default_factory=list)
    url: str = ""

    async def handle_RCPT(  # noqa: N802 - the server's name for it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refusals:
            return f"{self.refusals.pop(0)} <{address}>"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        self.envelopes.append(envelope)
        return "250 OK"

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, how: str, what: Any) -> Any:
        self.passwords.append(what)
        return AuthResult(success=True)

    def message(self) -> EmailMessage:
        (envelope,) = self.envelopes
        assert isinstance(envelope.content, bytes)
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(
            receiver, hostname="mail.test", authenticator=receiver.authenticate, auth_require_tls=False
        ),
        "127.0.0.1",
        0,
    )
    receiver.url = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield receiver
    server.close()
    await server.wait_closed()


@asynccontextmanager
async def mailing(settings: Settings, url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service, whose worker hands mail to the server at this address."""
    configured = settings.model_copy(update={"smtp_url": SecretStr(url), "mail_worker": True})
    async with asyncio.timeout(30), serving(create_app(configured)) as client:
        yield client


async def settled(client: httpx.AsyncClient, admin: Actor, answer: httpx.Response) -> dict[str, Any]:
    """The notification when it is no longer queued."""
    while True:
        body: dict[str, Any] = (await client.get(answer.headers["location"], auth=admin)).json()
        if body["state"] != "queued":
            return body
        await asyncio.sleep(0.02)


async def refresh(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/api/v1/auth/refresh", json={"refresh_token": token})


def path(actor: Actor) -> str:
    return f"/api/v1/users/{actor.id}/notify"


@pytest.fixture
def no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "backoff", lambda attempts: 0.0)


async def test_a_notification_is_handed_over(
    settings: Settings, database: Database, receiver: Receiver, admin: Actor, user: Actor
) -> None:
    async with mailing(settings, f"smtp://{receiver.url}") as client:
        answer = await client.post(path(user), json=MESSAGE, auth=admin)
        assert (await settled(client, admin, answer))["attempts"] == 1
    message = receiver.message()
    assert receiver.envelopes[0].mail_from == "no-reply@testserver"
    assert receiver.envelopes[0].rcpt_tos == [user.email]
    assert message["To"] == f"Ada Lovelace <{user.email}>"
    assert message["Subject"] == MESSAGE["subject"]
    assert message.get_content().splitlines() == MESSAGE["body"].splitlines()
    assert list(settings.mailbox_dir.glob("*")) == []


async def test_the_owner_of_a_stolen_token_is_told(
    settings: Settings, database: Database, receiver: Receiver, user: Actor
) -> None:
    async with mailing(settings, f"smtp://{receiver.url}") as client:
        refreshed = await refresh(client, user.refresh_token)
        await refresh(client, refreshed.json()["refresh_token"])
        assert (await refresh(client, user.refresh_token)).status_code == 401
        while not receiver.envelopes:
            await asyncio.sleep(0.02)
    message = receiver.message()
    assert receiver.envelopes[0].rcpt_tos == [user.email]
    assert message["Subject"] == "A session of yours was ended"
    assert "its key was used twice" in message.get_content()


@pytest.mark.usefixtures("no_backoff")
async def test_a_server_that_refuses_for_a_while_is_asked_again(
    settings: Settings, database: Database, receiver: Receiver, admin: Actor, user: Actor
) -> None:
    receiver.refusals = ["451 Later", "452 Full"]
    async with mailing(settings, f"smtp://{receiver.url}") as client:
        answer = await client.post(path(user), json=MESSAGE, auth=admin)
        notification = await settled(client, admin, answer)
    assert (notification["state"], notification["attempts"]) == ("sent", 3)
    assert len(receiver.envelopes) == 1


@pytest.mark.usefixtures("no_backoff")
@pytest.mark.parametrize(("refusal", "attempts"), [("550 No such mailbox", 1), ("450 Try later", 10)])
async def test_a_mail_that_is_never_taken_is_a_dead_letter_that_names_nobody(
    settings: Settings,
    database: Database,
    receiver: Receiver,
    admin: Actor,
    user: Actor,
    caplog: pytest.LogCaptureFixture,
    refusal: str,
    attempts: int,
) -> None:
    """One that is refused for good is given up at once: asking again and again harms the sender's name."""
    caplog.set_level(logging.WARNING, logger="mail.log")  # the receiver's own, which repeats what it gets
    receiver.refusals = [refusal] * 10
    async with mailing(settings, f"smtp://{receiver.url}") as client:
        answer = await client.post(path(user), json=MESSAGE, auth=admin)
        notification = await settled(client, admin, answer)
    assert (notification["state"], notification["attempts"]) == ("failed", attempts)
    async with database.transaction() as unit:
        (dead,) = await outbox.select_dead(unit)
    kind = "Rejected" if attempts == 1 else "NotAccepted"
    assert dead["last_error"] == f"{kind}: RecipientRefused {refusal[:3]}"
    assert user.email not in caplog.text
    assert receiver.envelopes == []


async def test_100_notifications_of_one_key_are_one_mail(
    settings: Settings, database: Database, receiver: Receiver, admin: Actor, user: Actor
) -> None:
    key = {"idempotency-key": str(new_id())}
    async with mailing(settings, f"smtp://{receiver.url}") as client:
        answers = await asyncio.gather(
            *(client.post(path(user), json=MESSAGE, headers=key, auth=admin) for _ in range(100))
        )
        assert {(answer.status_code, answer.content) for answer in answers} == {(202, answers[0].content)}
        assert (await settled(client, admin, answers[0]))["state"] == "sent"
    assert len(receiver.envelopes) == 1


@pytest.mark.usefixtures("no_backoff")
async def test_a_password_is_never_sent_in_the_clear(
    settings: Settings, database: Database, receiver: Receiver, admin: Actor, user: Actor
) -> None:
    """The server offers to take one without TLS, as one in the middle would."""
    async with mailing(settings, f"smtp://user:canary@{receiver.url}") as client:
        answer = await client.post(path(user), json=MESSAGE, auth=admin)
        assert (await settled(client, admin, answer))["state"] == "failed"
    assert receiver.passwords == []
    assert receiver.envelopes == []


@pytest.mark.usefixtures("no_backoff")
async def test_a_server_that_is_not_there(
    settings: Settings, database: Database, admin: Actor, user: Actor
) -> None:
    async with mailing(settings, "smtp://127.0.0.1:1") as client:
        answer = await client.post(path(user), json=MESSAGE, auth=admin)
        assert (await settled(client, admin, answer))["state"] == "failed"


@pytest.mark.parametrize(
    ("full_name", "subject"),
    [
        ("=?utf-8?q?Hi?= Ada", "=?utf-8?q?Hi?="),
        ("Ada", "=?utf-8?b?SGk=?= " * 8 + "=?="),
        ("Ada, the =?x?q?", "Caf\u00e9 =?utf-8?q?=0D=0ABcc: a@b.co?="),
        ("\u00c9va", "Welcome"),
    ],
)
def test_what_looks_encoded_arrives_as_written(full_name: str, subject: str) -> None:
    letter = Letter(full_name, "ada@example.com", subject, "Text.")
    sent = compose(letter, job_id=new_id(), domain="example.com").as_bytes()
    arrived = email.message_from_bytes(sent, policy=email.policy.default)
    assert (arrived["Subject"], arrived["Bcc"]) == (subject, None)
    (to,) = arrived["To"].addresses
    assert (to.display_name, to.addr_spec) == (full_name, "ada@example.com")
