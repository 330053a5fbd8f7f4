"""Who virtual users are, and what is said where the accounts are missing."""

import base64
import json
from pathlib import Path

import pytest

from load.accounts import VARIABLE, AccountsError, read_accounts
from load.mailbox import Mailbox
from tests.load.stub import accounts

MAIL = """\
From: Pressroom <no-reply@example.com>\r
To: Ada <{to}>\r
Subject: Reset your password\r
Content-Type: text/plain; charset="utf-8"\r
Content-Transfer-Encoding: quoted-printable\r
\r
Choose it:\r
\r
http://localhost:8000/{page}#token=3D{first}=\r
{second}\r
"""


def test_users_have_distinct_tokens_and_roles_share_none(tmp_path: Path) -> None:
    found = read_accounts({VARIABLE: str(accounts(tmp_path, 100))})
    users = [found.take("user") for _ in range(94)]
    moderators = [found.take("moderator") for _ in range(5)]
    assert len({*users, *moderators, found.take("admin")}) == len(found) == 100
    assert found.take("user") == users[0]


def test_each_process_begins_elsewhere(tmp_path: Path) -> None:
    found = read_accounts({VARIABLE: str(accounts(tmp_path, 100))})
    first = found.take("user")
    found.begin_at(1)
    assert found.take("user") != first


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not what `pressroom seed` prints"),
        ("[]", "is not what `pressroom seed` prints"),
        ('{"tokens": ["x", "y", "z"], "emails": []}', "is not what `pressroom seed` prints"),
        ('{"tokens": [], "emails": []}', "has 0 tokens, but an administrator, a moderator and a user are"),
    ],
)
def test_a_file_that_is_not_of_a_seed_is_named(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "seeded.json"
    path.write_text(content)
    with pytest.raises(AccountsError, match=f"^{VARIABLE}={path}: {said}"):
        read_accounts({VARIABLE: str(path)})


def test_a_missing_file_is_named() -> None:
    with pytest.raises(AccountsError, match="No such file"):
        read_accounts({VARIABLE: "nowhere.json"})


def test_tokens_that_have_expired_are_refused(tmp_path: Path) -> None:
    path = accounts(tmp_path)
    seeded = json.loads(path.read_text())
    expired = base64.urlsafe_b64encode(b'{"exp": 1}').decode().rstrip("=")
    path.write_text(json.dumps(seeded | {"tokens": [f"head.{expired}.{n}" for n in range(8)]}))
    with pytest.raises(AccountsError, match="the tokens have expired"):
        read_accounts({VARIABLE: str(path)})


def test_the_token_of_a_mail_is_found_by_receiver_and_page(tmp_path: Path) -> None:
    for number, (to, page) in enumerate(
        [("ada@example.com", "reset-password"), ("bob@example.com", "verify-email")]
    ):
        text = MAIL.format(to=to, page=page, first="abc", second=f"def{number}")
        (tmp_path / f"{number}.eml").write_bytes(text.encode())
    mailbox = Mailbox(tmp_path)
    assert mailbox.token("bob@example.com", "verify-email", timeout=1) == "abcdef1"
    assert mailbox.token("ada@example.com", "reset-password", timeout=1) == "abcdef0"
    assert mailbox.token("ada@example.com", "reset-password", timeout=0.1) is None
