"""A running service, what is said to it and what it mails."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from contractgen_runtime.postgres.db import Database
from load.service import isolated_environment, service
from tests.sdk.mails import mail_server
from tests.sdk.recording import Recording, recorded


@dataclass(frozen=True)
class Target:
    """A service behind a proxy that records, and the variables by which a client finds it."""

    variables: dict[str, str]
    recording: Recording


@pytest.fixture
async def target(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Target]:
    """A service on an empty database, with its true quotas; its mails become files."""
    state, mailboxes = tmp_path / "state", tmp_path / "mailboxes"
    state.mkdir()
    mailboxes.mkdir()
    async with mail_server(mailboxes) as smtp_url:
        environment = isolated_environment(state) | {
            "DATABASE_URL": database_url,
            "PRESSROOM_SMTP_URL": smtp_url,
            "PRESSROOM_RATE_LIMIT_SCALE": "1",
        }
        with service(str(state), environment) as url:
            async with recorded(url) as (address, recording):
                password = json.loads((state / "secrets.json").read_text())["admin_password"]
                variables = {
                    "BASE": address,
                    "MAILBOXES": str(mailboxes),
                    "ADMIN_EMAIL": "admin@example.com",
                    "ADMIN_PASSWORD": password,
                }
                yield Target(variables, recording)
