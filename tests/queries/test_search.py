"""The search of accounts by any part of a name or an address."""

import re
from typing import get_args

import pytest

from contractgen_runtime.postgres.db import Database, UnitOfWork
from pressroom.users.queries import insert_user, list_users, listing
from pressroom_api import models
from tests.queries.plans import explain

FILL = """
INSERT INTO users (id, email, full_name, password_hash, role, is_active)
SELECT gen_random_uuid(), 'reader' || n || '@example.com', 'Grace ' || n || ' Hopper', 'x', 'user', true
FROM generate_series(1, 10000) n
"""


async def test_it_walks_an_index(database: Database) -> None:
    """However many accounts there are, as a prepared statement that is planned for any argument."""
    connection = await database.connect()
    await connection.execute(FILL, timeout=60)
    await connection.execute("VACUUM ANALYZE users")
    await connection.execute("SET plan_cache_mode = force_generic_plan")
    wanted = {"role": None, "is_active": None, "limit": 20, "offset": 0}
    orders = get_args(models.UserOrder)
    assert len(orders) > 1
    for text in ("ace 777 h", "DER7777@"):
        for order in orders:
            statement = listing(order, is_search=True)
            plan, cost = await explain(connection, statement, text=text, like=f"%{text}%", **wanted)
            assert "users_trigrams_idx" in plan, plan
            assert "Seq Scan" not in plan, plan
            assert cost < 100, plan
    await connection.execute("TRUNCATE users CASCADE")
    await connection.close()


@pytest.mark.parametrize(
    "text",
    [
        *("İzmi", "ZMIR", "i̇zm", "λας", "ΛΑΣ", "日本語", "r λ", "a@e", "@E.C", "example", "100%", "_x\\"),
        *("日本語a", "rλα", "ας a@e", "zirm", "abcabc", "   ", "%%%", "___"),
    ],
)
async def test_it_finds_what_like_finds(database: Database, text: str) -> None:
    async with database.transaction() as unit:
        for email, name in [("a@e.com", "İzmir Λλας 日本語日本"), ("b@example.com", "Grace 100% H_x\\")]:
            await insert_user(unit, email=email, full_name=name, password_hash="x")
    found = await list_users(UnitOfWork(database), page=1, size=10, sort="email", containing=text)
    connection = await database.connect()
    literally = re.sub(r"([\\%_])", r"\\\1", text)
    like = "SELECT email FROM users WHERE full_name ILIKE $1 OR email ILIKE $1 ORDER BY email"
    rows = await connection.fetch(like, f"%{literally}%")
    await connection.close()
    assert [user["email"] for user in found["items"]] == [row["email"] for row in rows]
    assert found["total"] == len(rows)
