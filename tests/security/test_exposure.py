"""What must show nowhere, and what must show: secrets, changes by reading, refusals, dangerous calls."""

import ast
import base64
import random
from pathlib import PurePosixPath
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from contractgen_runtime.postgres.db import Database
from contractgen_runtime.postgres.tables import new_id
from contractgen_runtime.service import log
from pressroom.main import create_app
from pressroom.settings import Settings
from pressroom.tokens import opaque_token
from tests.contract.document import DOCUMENT, OPERATIONS, resolve
from tests.house.project import parse, python_files
from tests.security.writing import contents, prepare
from tests.service import PASSWORD, Actor, MakePost, MakeUser, serving

#: What a client may ask for or be found by in a URL, which proxies and browsers keep.
HARMLESS = {
    *("post_id", "user_id", "session_id", "notification_id", "author_id", "actor_id", "subject_id"),
    *("cursor", "limit", "page", "size", "sort", "q", "role", "is_active", "action"),
}
#: Of the service itself; what commands and tests run has no request.
SERVING = [
    path
    for path in python_files("src/pressroom", "src/contractgen_runtime", "generated")
    if not {"commands", "testing", "testing.py"} & set(path.parts)
]
DANGEROUS_CALLS = {"eval", "exec", "os.system", "os.popen"}
DANGEROUS_MODULES = {"marshal", "pickle", "shelve", "subprocess"}
#: Of appendix C of ASVS 5.0; Digest, which needs MD5, is a scheme of other contracts.
APPROVED_HASHES = {"blake2b", "sha256", "sha384"}
OF_OTHER_CONTRACTS = {PurePosixPath("src/contractgen_runtime/digest.py")}


def test_no_secret_is_part_of_an_address() -> None:
    found = {
        each["name"]
        for path in DOCUMENT["paths"].values()
        for node in (path, *(node for node in path.values() if isinstance(node, dict)))
        for each in map(resolve, node.get("parameters", []))
        if each["in"] in {"path", "query"}
    }
    assert found == HARMLESS


async def test_a_safe_method_changes_nothing(
    client: httpx.AsyncClient, database: Database, make_user: MakeUser, make_post: MakePost
) -> None:
    connection = await database.connect()
    reading = [name for name, each in OPERATIONS.items() if each.method == "GET"]
    changed, statuses = [], set()
    for operation in reading:
        deed, _ = await prepare(operation, make_user, make_post)
        path = OPERATIONS[operation].path.format(**deed.ids, notification_id=new_id())
        before = await contents(connection)
        for method in ("GET", "HEAD", "OPTIONS"):
            statuses.add((await client.request(method, path, auth=deed.caller)).status_code)
        if await contents(connection) != before:
            changed.append(operation)
    await connection.close()
    assert (changed, len(reading) > 10) == ([], True)
    assert statuses == {200, 204, 404}


def test_tokens_come_from_the_operating_system() -> None:
    """A generator that can be seeded would make the same ones again."""
    made = set()
    for _ in range(2):
        random.seed(7)
        made |= {opaque_token() for _ in range(100)}
    assert len(made) == 200
    assert {len(base64.urlsafe_b64decode(token + "=")) for token in made} == {32}


async def test_a_password_does_not_grow_old(
    client: httpx.AsyncClient, user: Actor, database: Database
) -> None:
    connection = await database.connect()
    await connection.execute(
        "UPDATE users SET created_at = created_at - interval '10 years', updated_at = now()"
    )
    await connection.execute("DELETE FROM sessions")
    await connection.close()
    body = {"email": user.email, "password": PASSWORD}
    assert (await client.post("/api/v1/auth/login", json=body)).status_code == 200


async def test_a_refusal_is_in_the_log_with_its_caller(
    settings: Settings, user: Actor, other: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries: list[dict[str, Any]] = []
    monkeypatch.setattr(log, "_writer", SimpleNamespace(write=entries.append))
    changed = {"log_clients": True, "rate_limit_scale": 1}
    async with serving(create_app(settings.model_copy(update=changed))) as client:
        await client.get(f"/api/v1/users/{other.id}", auth=user)
        await client.get("/api/v1/audit-events", auth=user)
        await client.get("/api/v1/users/me", headers={"authorization": "Bearer forged"})
        await client.post("/api/v1/posts", json={"title": 1}, auth=user)
        body = {"email": other.email, "password": "a wrong one"}
        for _ in range(11):
            await client.post("/api/v1/auth/login", json=body)
    seen = [
        (each["route"].rpartition("/")[2], each["status"], each["client"], each["user_id"])
        for each in entries
        if each["event"] == "request"
    ]
    assert seen[:4] == [
        ("{user_id}", 403, "127.0.0.1", user.id),
        ("audit-events", 403, "127.0.0.1", user.id),
        ("me", 401, "127.0.0.1", None),
        ("posts", 422, "127.0.0.1", user.id),
    ]
    assert seen[4:] == [("login", 401, "127.0.0.1", None)] * 10 + [("login", 429, "127.0.0.1", None)]


def called(node: ast.AST) -> str:
    """The name of a function that is called; empty for anything else."""
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def imported(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.partition(".")[0] for alias in node.names}
    return {str(node.module).partition(".")[0]} if isinstance(node, ast.ImportFrom) else set()


def test_the_service_calls_nothing_dangerous() -> None:
    found = {
        (str(path), name)
        for path in SERVING
        for node in ast.walk(parse(path))
        for name in ({called(node)} & DANGEROUS_CALLS) | (imported(node) & DANGEROUS_MODULES)
    }
    assert found == set()
    assert len(SERVING) > 100


def hashes(node: ast.AST) -> set[str]:
    """The hash functions that a call names."""
    name = called(node)
    if name.startswith("hashlib.") and "(" not in name:
        return {name.removeprefix("hashlib.")}
    if name in {"hmac.digest", "hmac.new"} and isinstance(node, ast.Call):
        return {ast.literal_eval(node.args[2])}
    return set()


def test_hash_functions_are_approved_ones() -> None:
    used = {
        name
        for path in set(SERVING) - OF_OTHER_CONTRACTS
        for node in ast.walk(parse(path))
        for name in hashes(node)
    }
    assert used == APPROVED_HASHES
