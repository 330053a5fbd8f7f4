"""The databases of a bench: one for the peers, one for Pressroom, with the same numbers of rows."""

import asyncio
import json
import time
import uuid
from pathlib import Path

import asyncpg
import jwt

from load.service import prepare

USERS = POSTS = 10_000
SECRET = "the secret of a bench, in no way a secret"  # noqa: S105 - of databases that are thrown away
POST = {"title": "Hello there", "content": "lorem ipsum " * 20}
_HERE = Path(__file__).parent
_LIFETIME = 36_000


def fill_peers(dsn: str) -> list[str]:
    """Make the tables and rows of the peers, and a database for Pressroom; return tokens of all users."""
    return asyncio.run(_fill_peers(dsn))


async def _fill_peers(dsn: str) -> list[str]:
    ids = [uuid.uuid4() for _ in range(USERS)]
    users = [(id_, f"user{number}@example.com", f"User {number}", "x") for number, id_ in enumerate(ids)]
    posts = [
        (uuid.uuid4(), f"Title {number}", POST["content"], True, ids[number % USERS])
        for number in range(POSTS)
    ]
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute((_HERE / "schema.sql").read_text(encoding="utf-8"))
        columns = ["id", "email", "full_name", "hashed_password"]
        await connection.copy_records_to_table("users", records=users, columns=columns)
        columns = ["id", "title", "content", "is_published", "author_id"]
        await connection.copy_records_to_table("posts", records=posts, columns=columns)
        await connection.execute("create database pressroom")
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()
    now = int(time.time())
    return [jwt.encode({"sub": str(id_), "iat": now, "exp": now + _LIFETIME}, SECRET, "HS256") for id_ in ids]


def fill_pressroom(folder: str, environment: dict[str, str]) -> list[str]:
    """Migrate and seed Pressroom's database; return tokens of all users."""
    prepare(["migrate"], folder, environment)
    amounts = [f"--users={USERS}", f"--posts={POSTS}", f"--tokens={USERS}"]
    tokens: list[str] = json.loads(prepare(["seed", *amounts], folder, environment))["tokens"]
    return tokens
