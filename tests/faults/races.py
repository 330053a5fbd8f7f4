"""Races against a Pressroom of its own, at the counts that are promised, and what they came to.

usage: python -m tests.faults.races [--defaults]

Limits are raised by configuration and passwords hashed at the lowest cost; with `--defaults` they are as in
production, and only the registrations race. Exits with 1 when a promise does not hold.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

import asyncpg
import httpx

from contractgen_runtime.postgres import embedded
from load.service import isolated_environment, prepare, service, stopped_database

PASSWORD = "a password for races"
EMAIL = "ada.lovelace@example.com"
REGISTER = "/api/v1/auth/register"
REFRESH = "/api/v1/auth/refresh"
LOGIN = "/api/v1/auth/login"
ME = "/api/v1/users/me"
RAISED = {"PRESSROOM_RATE_LIMIT_SCALE": "100000", "PRESSROOM_PASSWORD_QUEUE": "10000"}
#: These alone, whatever other accounts the service has begun with.
MAKE_ADMINS = "UPDATE users SET is_active = true, role = CASE WHEN id = ANY($1) THEN 'admin' ELSE 'user' END"
COUNT_ADMINS = "SELECT count(*) FROM users WHERE role = 'admin' AND is_active"

Promise = tuple[str, bool, str]


def clients(url: str, count: int) -> httpx.AsyncClient:
    """A client with a connection for each of so many requests at once."""
    limits = httpx.Limits(max_connections=count, max_keepalive_connections=count)
    return httpx.AsyncClient(base_url=url, limits=limits, timeout=60)


async def register_at_once(url: str, count: int) -> Counter[int]:
    """Registrations of one address in every case that there is; how often each status was answered."""
    bodies = [
        {"email": in_some_case(number), "password": PASSWORD, "full_name": f"Ada {number}"}
        for number in range(count)
    ]
    async with clients(url, count) as client:
        answers = await asyncio.gather(*(client.post(REGISTER, json=body) for body in bodies))
    assert all("retry-after" in answer.headers for answer in answers if answer.status_code in {429, 503})
    return Counter(answer.status_code for answer in answers)


def in_some_case(number: int) -> str:
    """The address, its letters in capitals as the number's bits say."""
    return "".join(
        letter.upper() if number >> place % 16 & 1 else letter for place, letter in enumerate(EMAIL)
    )


async def log_in(client: httpx.AsyncClient, email: str, password: str) -> dict[str, Any]:
    answer = await client.post(LOGIN, json={"email": email, "password": password})
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


async def refresh_at_once(
    client: httpx.AsyncClient, refresh_token: str, count: int
) -> tuple[set[int], set[str]]:
    """Uses of one refresh token at once: the statuses, and the tokens that came back."""
    requests = (client.post(REFRESH, json={"refresh_token": refresh_token}) for _ in range(count))
    answers = await asyncio.gather(*requests)
    good = [answer.json() for answer in answers if answer.status_code == 200]
    return {answer.status_code for answer in answers}, {tokens["refresh_token"] for tokens in good}


async def demote_each_other(
    client: httpx.AsyncClient, connection: Any, admins: Sequence[dict[str, Any]], rounds: int
) -> list[int]:
    """Two admins, who are the only ones, demote each other; how many were left after each round."""
    ids = [tokens["user"]["id"] for tokens in admins]
    left = []
    for _ in range(rounds):
        await connection.execute(MAKE_ADMINS, ids)
        patches = (
            client.patch(
                f"/api/v1/users/{other}",
                json={"role": "user"},
                headers={"authorization": f"Bearer {tokens['access_token']}", "if-match": "*"},
            )
            for tokens, other in zip(admins, reversed(ids), strict=True)
        )
        answers = await asyncio.gather(*patches)
        assert min(answer.status_code for answer in answers) == 200, [it.text for it in answers]
        left.append(await connection.fetchval(COUNT_ADMINS))
    return left


async def write_until_deactivated(
    url: str, connection: Any, admin: dict[str, Any], author: dict[str, Any], writers: int
) -> tuple[int, int, int]:
    """Posts of many writers with one account, which is deactivated meanwhile.

    How many were acknowledged, stored when the deactivation was, and stored in the end.
    """
    headers = {"authorization": f"Bearer {author['access_token']}"}
    mine = "SELECT count(*) FROM posts WHERE author_id = $1"

    async def write(client: httpx.AsyncClient) -> int:
        done = 0
        while True:
            post = {"title": "Race", "content": "Text."}
            answer = await client.post("/api/v1/posts", json=post, headers=headers)
            if answer.status_code != 201:
                assert answer.status_code == 401, answer.text
                return done
            done += 1

    async with clients(url, writers + 1) as client:
        writing = asyncio.gather(*(write(client) for _ in range(writers)))
        await asyncio.sleep(0.2)
        answer = await client.patch(
            f"/api/v1/users/{author['user']['id']}",
            json={"is_active": False},
            headers={"authorization": f"Bearer {admin['access_token']}", "if-match": "*"},
        )
        assert answer.status_code == 200, answer.text
        stored = await connection.fetchval(mine, author["user"]["id"])
        acknowledged = sum(await writing)
    return acknowledged, stored, await connection.fetchval(mine, author["user"]["id"])


async def sample_while_hashing(
    url: str, access_token: str, *, registrations: int, rate: float, seconds: float
) -> list[float]:
    """Latencies of `get_me` in seconds, each from when it was meant to start, while passwords are hashed."""
    headers = {"authorization": f"Bearer {access_token}"}
    async with clients(url, 200) as client:

        async def sample(start: float) -> float:
            await asyncio.sleep(start - time.perf_counter())
            answer = await client.get(ME, headers=headers)
            assert answer.status_code == 200, answer.text
            return time.perf_counter() - start

        async def register(number: int) -> int:
            body = {"email": f"reader{number}@example.net", "password": PASSWORD, "full_name": "A Reader"}
            return (await client.post(REGISTER, json=body)).status_code

        await asyncio.gather(*(client.get(ME, headers=headers) for _ in range(20)))
        begin = time.perf_counter() + 0.2
        samples = [sample(begin + number / rate) for number in range(int(rate * seconds))]
        hashing = [register(number) for number in range(registrations)]
        done, statuses = await asyncio.gather(asyncio.gather(*samples), asyncio.gather(*hashing))
    assert set(statuses) <= {201}, statuses
    return done


async def race_registrations(url: str, *, defaults: bool) -> Promise:
    found = await register_at_once(url, 1000)
    allowed = {201, 409, 429, 503} if defaults else {201, 409}
    return "1,000 registrations of one address", found[201] == 1 and set(found) <= allowed, str(dict(found))


async def race_refreshes(url: str) -> Promise:
    async with clients(url, 100) as client:
        first = await log_in(client, EMAIL, PASSWORD)
        statuses, successors = await refresh_at_once(client, first["refresh_token"], 100)
        alive = await refresh_at_once(client, min(successors), 1)
        await asyncio.sleep(10.5)
        reused = await refresh_at_once(client, first["refresh_token"], 1)
        dead = await refresh_at_once(client, min(alive[1]), 1)
    holds = (statuses, alive[0], reused[0], dead[0]) == ({200}, {200}, {401}, {401})
    told = f"{statuses}, {len(successors)} successor; alive {alive[0]}; reuse {reused[0]}, then {dead[0]}"
    return "100 refreshes of one token", holds and len(successors) == 1, told


async def race_demotions(url: str, dsn: str, accounts: Sequence[dict[str, str]]) -> Promise:
    connection = await asyncpg.connect(dsn)
    async with clients(url, 2) as client:
        admins = [await log_in(client, **account) for account in accounts]
        left = await demote_each_other(client, connection, admins, 200)
    await connection.close()
    return "two admins demoting each other, 200 times", min(left) >= 1, f"left: {dict(Counter(left))}"


async def race_deactivation(url: str, dsn: str, admin: dict[str, str]) -> Promise:
    connection = await asyncpg.connect(dsn)
    found = []
    async with clients(url, 1) as client:
        acting = await log_in(client, **admin)
        for number in range(10):
            account = {"email": f"writer{number}@example.net", "password": PASSWORD}
            answer = await client.post(REGISTER, json=account | {"full_name": "A Writer"})
            assert answer.status_code == 201, answer.text
            author = await log_in(client, **account)
            found.append(await write_until_deactivated(url, connection, acting, author, 32))
    await connection.close()
    return "32 writers of an account that is deactivated, 10 times", _none_late(found), f"{found}"


def _none_late(found: Sequence[tuple[int, int, int]]) -> bool:
    return all(acknowledged == stored == left > 0 for acknowledged, stored, left in found)


async def race_hashing(url: str, account: dict[str, str]) -> Promise:
    async with clients(url, 1) as client:
        token = (await log_in(client, **account))["access_token"]
    idle = await sample_while_hashing(url, token, registrations=0, rate=50, seconds=8)
    hashing = await sample_while_hashing(url, token, registrations=20, rate=50, seconds=8)
    p99, longest = quantiles(hashing, n=100)[98] * 1000, max(hashing) * 1000
    told = f"p99 {p99:.0f} ms, longest {longest:.0f} ms; else {quantiles(idle, n=100)[98] * 1000:.0f} ms"
    told += f" and {max(idle) * 1000:.0f} ms"
    return "get_me while 20 passwords are hashed at cost 12", p99 <= 100 and longest <= 250, told


def run(*, defaults: bool) -> list[Promise]:
    promises: list[Promise] = []
    with tempfile.TemporaryDirectory(prefix="pressroom-races-") as folder, stopped_database(Path(folder)):
        environment = isolated_environment(Path(folder)) | ({} if defaults else RAISED)
        if defaults:
            del environment["PRESSROOM_RATE_LIMIT_SCALE"], environment["PRESSROOM_BCRYPT_COST"]
        prepare(["migrate"], folder, environment)
        seeding = ["seed", "--users", "2", "--posts", "0", "--tokens", "0"]
        seeded = json.loads(prepare(seeding, folder, environment))
        dsn = embedded.start(Path(folder))
        with service(folder, environment) as url:
            promises.append(asyncio.run(race_registrations(url, defaults=defaults)))
            if not defaults:
                promises.append(asyncio.run(race_refreshes(url)))
                promises.append(asyncio.run(race_deactivation(url, dsn, seeded["admin"])))
                promises.append(asyncio.run(race_demotions(url, dsn, [seeded["admin"], seeded["user"]])))
        if not defaults:
            with service(folder, environment | {"PRESSROOM_BCRYPT_COST": "12"}) as url:
                promises.append(asyncio.run(race_hashing(url, seeded["user"])))
        embedded.stop(Path(folder))
    return promises


def main() -> int:
    parser = argparse.ArgumentParser(description="Race a Pressroom of its own.")
    parser.add_argument("--defaults", action="store_true", help="with the limits and the cost of production")
    promises = run(defaults=parser.parse_args().defaults)
    for name, holds, told in promises:
        print(f"{'holds' if holds else 'FAILS'}: {name}: {told}")
    return 0 if all(holds for _, holds, _ in promises) else 1


if __name__ == "__main__":
    sys.exit(main())
