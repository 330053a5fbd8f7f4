"""Mail over TLS: from the first byte (`smtps`) or by STARTTLS (`smtp`), to servers with good certificates."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
from aiosmtpd.smtp import SMTP, Envelope, Session

from contractgen_runtime.postgres.db import Database
from pressroom import outbox
from pressroom.settings import Settings
from tests.jobs.test_smtp import MESSAGE, Receiver, mailing, path, settled
from tests.service import Actor

SERVERS = pytest.mark.parametrize(
    ("scheme", "login"), [("smtps", "user:canary@"), ("smtp", "user:canary@"), ("smtp", "")]
)


class TlsReceiver(Receiver):
    """Takes no mail in the clear."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the server's name for it
        if server.transport is None or server.transport.get_extra_info("ssl_object") is None:
            return "530 Not in the clear"
        return await super().handle_DATA(server, session, envelope)


@asynccontextmanager
async def receiving(scheme: str, certificate: trustme.LeafCert) -> AsyncIterator[TlsReceiver]:
    receiver = TlsReceiver()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    is_implicit = scheme == "smtps"
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(
            receiver,
            hostname="mail.test",
            tls_context=None if is_implicit else context,
            authenticator=receiver.authenticate,
            auth_require_tls=not is_implicit,  # it knows of TLS only where STARTTLS began it
        ),
        "127.0.0.1",
        0,
        ssl=context if is_implicit else None,
    )
    receiver.url = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield receiver
    server.close()
    await server.wait_closed()


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """An authority that this machine trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authorities.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authorities.pem"))
    return authority


@SERVERS
async def test_mail_and_password_are_sent_over_tls(
    settings: Settings,
    database: Database,
    authority: trustme.CA,
    admin: Actor,
    user: Actor,
    scheme: str,
    login: str,
) -> None:
    async with (
        receiving(scheme, authority.issue_cert("127.0.0.1")) as receiver,
        mailing(settings, f"{scheme}://{login}{receiver.url}") as client,
    ):
        answer = await client.post(path(user), json=MESSAGE, auth=admin)
        assert (await settled(client, admin, answer))["state"] == "sent"
    assert receiver.message()["To"] == f"Ada Lovelace <{user.email}>"
    assert [(each.login, each.password) for each in receiver.passwords] == (
        [(b"user", b"canary")] if login else []
    )


@SERVERS
@pytest.mark.parametrize("fault", ["another authority", "another name"])
async def test_a_server_with_a_bad_certificate_gets_nothing(
    settings: Settings,
    database: Database,
    authority: trustme.CA,
    admin: Actor,
    user: Actor,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    scheme: str,
    login: str,
) -> None:
    monkeypatch.setattr(outbox, "backoff", lambda attempts: 0.0)
    bad = {
        "another authority": trustme.CA().issue_cert("127.0.0.1"),
        "another name": authority.issue_cert("mail.example.com"),
    }
    async with (
        receiving(scheme, bad[fault]) as receiver,
        mailing(settings, f"{scheme}://{login}{receiver.url}") as client,
    ):
        answer = await client.post(path(user), json=MESSAGE, auth=admin)
        assert (await settled(client, admin, answer))["state"] == "failed"
    assert (receiver.envelopes, receiver.passwords) == ([], [])
    async with database.transaction() as unit:
        (dead,) = await outbox.select_dead(unit)
    assert "certificate verify failed" in (dead["last_error"] or "")
