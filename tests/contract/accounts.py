"""Accounts and tokens for the operations that a fuzzer never satisfies, and filters that match something.

A generated refresh token is unknown, a generated password wrong: no such request gets past the first check.
Every other valid request to these operations gets a token or a password that works, of an account of its own:
the identity of the fuzzer keeps its password and its sessions.
"""

import email
import email.policy
import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from schemathesis import Case, HookContext
from schemathesis.generation.meta import TestPhase

PASSWORD = "seven long words of one account"
NEW_PASSWORD = "eight other words of the same account"
_SECONDS = 20
# Where the mails to each address are, see mails.py.
_MAILS = Path(os.environ["FUZZ_MAILS"])
_turns: Counter[str] = Counter()


class Account:
    """A new account of the service, logged in."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=f"{url}/api/v1", timeout=10)
        self.email = f"{uuid4().hex}@example.com"
        credentials = {"email": self.email, "password": PASSWORD}
        self.registration = self._post("/auth/register", credentials | {"full_name": "A Fuzzer"})
        tokens = self._post("/auth/login", credentials).json()
        self.access_token, self.refresh_token = tokens["access_token"], tokens["refresh_token"]

    def _post(self, path: str, body: dict[str, str]) -> httpx.Response:
        return self._client.post(path, json=body).raise_for_status()

    def mailed_token(self, page: str, *, to: str = "") -> str:
        """The token of the mail that brought a link to this page, to the account's address or another one."""
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            for path in (_MAILS / (to or self.email)).glob("*.eml"):
                letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                _, found, token = str(letter.get_content()).partition(f"/{page}#token=")
                if found:
                    return token.split()[0]
            time.sleep(0.01)
        raise TimeoutError(f"no mail with a link to {page} has come to {to or self.email}")

    def reset_token(self) -> str:
        self._post("/auth/password-reset", {"email": self.email})
        return self.mailed_token("reset-password")

    def change_token(self) -> str:
        new_email = f"{uuid4().hex}@example.com"
        body = {"password": PASSWORD, "new_email": new_email}
        headers = {"Authorization": f"Bearer {self.access_token}"}
        self._client.post("/auth/email-change", json=body, headers=headers).raise_for_status()
        return self.mailed_token("change-email", to=new_email)

    def undo_token(self) -> str:
        self._post("/auth/email-change/confirm", {"token": self.change_token()})
        return self.mailed_token("undo-email-change")


def _change(account: Account) -> dict[str, str]:
    return {"old_password": PASSWORD, "new_password": NEW_PASSWORD}


def _reset(account: Account) -> dict[str, str]:
    return {"token": account.reset_token(), "new_password": NEW_PASSWORD}


#: What is put into the body of a request to each operation.
BODIES: dict[str, Callable[[Account], dict[str, str]]] = {
    "POST /api/v1/auth/refresh": lambda account: {"refresh_token": account.refresh_token},
    "POST /api/v1/auth/change-password": _change,
    "POST /api/v1/auth/password-reset/confirm": _reset,
    "POST /api/v1/auth/email-verification/confirm": lambda account: {
        "token": account.mailed_token("verify-email")
    },
    "POST /api/v1/auth/email-change": lambda account: {"password": PASSWORD},
    "POST /api/v1/auth/email-change/confirm": lambda account: {"token": account.change_token()},
    "POST /api/v1/auth/email-change/undo": lambda account: {"token": account.undo_token()},
    "POST /api/v1/users/me/delete": lambda account: {"password": PASSWORD},
}


def use_an_account(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Give every other valid request what only the owner of an account has."""
    label = case.operation.label
    if label not in BODIES or not is_valid(case) or not isinstance(case.body, dict):
        return
    authorization = str(case.headers.get("Authorization", ""))
    is_secured = bool(case.operation.definition.raw.get("security"))
    if is_secured and authorization.count(".") != 2:
        return  # a check sends no token, or an invalid one, on purpose
    _turns[label] += 1
    if _turns[label] % 2:
        account = Account(str(case.operation.base_url))
        case.body = {**case.body, **BODIES[label](account)}
        if is_secured:
            case.headers["Authorization"] = f"Bearer {account.access_token}"


def name_what_is_there(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Give every other valid request to a post or an account one that is there, and its version.

    The post is a draft of the caller, the account a new one. In sequences, ids come from other responses.
    """
    authorization = str(case.headers.get("Authorization", ""))
    if not is_valid(case) or is_in_a_sequence(case) or authorization.count(".") != 2:
        return
    name = next((each for each in ("post_id", "user_id") if each in case.path_parameters), "")
    turn = f"{case.operation.label} by {name}"
    _turns[turn] += 1
    if not name or _turns[turn] % 2 == 0:
        return
    base_url = str(case.operation.base_url)
    if name == "user_id":
        there = Account(base_url).registration
    else:
        draft, headers = {"title": "A draft", "content": "Text."}, {"Authorization": authorization}
        there = httpx.post(f"{base_url}/api/v1/posts", json=draft, headers=headers)
    if there.status_code != 201:
        return  # the fuzzer has ended its session: the next 401 opens another
    case.path_parameters = {name: there.json()["id"]}
    for parameter in ("If-Match", "If-None-Match"):
        if parameter in case.operation.headers:
            case.headers[parameter] = there.headers["etag"]


def keep_rights(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Let no sequence deactivate an account or change its role: the fuzzer logs in with some of them."""
    if case.operation.label != "PATCH /api/v1/users/{user_id}" or not is_valid(case):
        return
    if is_in_a_sequence(case) and isinstance(case.body, dict):
        case.body = {name: value for name, value in case.body.items() if name not in {"role", "is_active"}}


def filter_by_what_is_there(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Give every other valid request to the feed an author and a word of its first post."""
    if case.operation.label != "GET /api/v1/posts" or not is_valid(case) or not case.query:
        return
    _turns["feed"] += 1
    feed = httpx.get(f"{case.operation.base_url}/api/v1/posts", params={"limit": 1}).json()["items"]
    if feed and _turns["feed"] % 2:
        there = {"author_id": feed[0]["author_id"], "q": feed[0]["title"].split()[0]}
        case.query = {name: there.get(name, value) for name, value in case.query.items()}


def is_in_a_sequence(case: Case[Any]) -> bool:
    return case.meta is not None and case.meta.phase.name == TestPhase.STATEFUL


def is_valid(case: Case[Any]) -> bool:
    return case.meta is not None and case.meta.generation.mode.is_positive
