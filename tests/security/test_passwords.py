"""What an account's password may be, how it is stored, and that no time tells whether there is an account."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from contractgen_runtime.postgres.db import Database
from pressroom.credentials.mail import RESET_MAIL
from pressroom.main import create_app
from pressroom.passwords import Busy, PasswordHasher
from pressroom.settings import Settings
from tests.service import PASSWORD, Actor, MakeMailedToken, MakeUser, serving
from tests.tiers import FULL, amount

LOGIN = "/api/v1/auth/login"
ME = "/api/v1/users/me"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The cost was raised since the accounts of these tests were made."""
    return settings.model_copy(update={"bcrypt_cost": 6})


async def log_in(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
    return await client.post(LOGIN, json={"email": email, "password": password})


Stored = Callable[[Actor], Awaitable[tuple[str, str]]]


@pytest.fixture
async def stored(database: Database) -> AsyncIterator[Stored]:
    """What is stored of an account's password, and when the account was changed."""
    connection = await database.connect()

    async def read(actor: Actor) -> tuple[str, str]:
        query = "SELECT password_hash, updated_at::text FROM users WHERE id = $1"
        row = await connection.fetchrow(query, actor.id)
        assert row is not None
        return row[0], row[1]

    yield read
    await connection.close()


async def test_a_password_is_stored_anew_at_log_in_when_the_cost_was_raised(
    client: httpx.AsyncClient, user: Actor, stored: Stored
) -> None:
    old, changed_at = await stored(user)
    assert old.startswith("v1$$2b$04$")
    assert (await log_in(client, user.email, PASSWORD + "!")).status_code == 401
    assert (await stored(user))[0] == old
    assert (await log_in(client, user.email)).status_code == 200
    new, still = await stored(user)
    assert new.startswith("v1$$2b$06$")
    assert still == changed_at  # nobody's copy of the account is out of date
    assert (await client.get(ME, auth=user)).status_code == 200  # and no session has ended
    assert (await log_in(client, user.email)).status_code == 200
    assert (await stored(user))[0] == new
    assert (await log_in(client, user.email, PASSWORD + "!")).status_code == 401


async def test_a_deactivated_account_keeps_what_is_stored(
    client: httpx.AsyncClient, deactivated: Actor, stored: Stored
) -> None:
    before = await stored(deactivated)
    assert (await log_in(client, deactivated.email)).status_code == 401
    assert await stored(deactivated) == before


async def test_a_log_in_does_not_fail_because_no_place_is_left_to_store_the_password_anew(
    client: httpx.AsyncClient, user: Actor, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(hasher: PasswordHasher, password: str) -> str:
        raise Busy("too many passwords are being hashed")

    monkeypatch.setattr(PasswordHasher, "hash", busy)
    before = await stored(user)
    assert (await log_in(client, user.email)).status_code == 200
    assert await stored(user) == before


@pytest.mark.parametrize("case", ["raised", "lowered"])
async def test_the_time_of_a_log_in_does_not_tell_whether_there_is_an_account(
    settings: Settings, user: Actor, database: Database, case: str
) -> None:
    """By the CPU time of this process, over pairs of a known and an unknown address.

    Where both are alike, the share of pairs in which the known one takes longer is normal around a half, with
    a deviation of sqrt(1 / 6n): the bounds are more than four of it away.
    """
    # Each hash begins with 35 us, whatever its cost: one more is less than the noise of a hash of cost 8.
    cost = amount(6, full=8)
    settings = settings.model_copy(update={"bcrypt_cost": cost if case == "raised" else 4})
    await change_cost_of(database, user, cost - 1 if case == "raised" else cost)
    pairs, margin = amount(60, full=500), 0.08 if FULL else 0.24
    known: list[float] = []
    unknown: list[float] = []
    async with serving(create_app(settings)) as client:
        for number in range(-5, pairs):
            for email, times in ((user.email, known), (f"nobody{number}@example.com", unknown)):
                begin = time.process_time()
                assert (await log_in(client, email, PASSWORD + "!")).status_code == 401
                if number >= 0:
                    times.append(time.process_time() - begin)
    longer = sum((one > other) + (one == other) / 2 for one in known for other in unknown) / pairs**2
    assert abs(longer - 0.5) < margin


async def change_cost_of(database: Database, actor: Actor, cost: int) -> None:
    """Store a password of another cost, which is that of nobody."""
    connection = await database.connect()
    query = "UPDATE users SET password_hash = overlay(password_hash placing $2 from 8 for 2) WHERE id = $1"
    await connection.execute(query, actor.id, f"{cost:02}")
    await connection.close()


GUESSABLE = ["Pressroom is mine", "who is lovelace now", "lovelace@example.com"]


@pytest.mark.parametrize("password", GUESSABLE)
async def test_a_password_that_names_the_account_or_the_service_is_refused(
    client: httpx.AsyncClient,
    make_user: MakeUser,
    make_mailed_token: MakeMailedToken,
    admin: Actor,
    password: str,
) -> None:
    account = {"email": "Lovelace@example.com", "password": password, "full_name": "Ada Lovelace"}
    answers = [
        await client.post("/api/v1/auth/register", json=account),
        await client.post("/api/v1/users", json=account | {"role": "user"}, auth=admin),
    ]
    user = await make_user(email="lovelace@example.com")
    token = await make_mailed_token(user, RESET_MAIL)
    change = {"old_password": PASSWORD, "new_password": password}
    reset = {"token": token, "new_password": password}
    answers += [
        await client.post("/api/v1/auth/change-password", json=change, auth=user),
        await client.post("/api/v1/auth/password-reset/confirm", json=reset),
    ]
    assert {(answer.status_code, answer.json()["type"]) for answer in answers} == {
        (409, "/problems/common-password")
    }
    assert all("contains the address" in answer.json()["detail"] for answer in answers)
    assert not any(password in answer.text for answer in answers)
    reset["new_password"] = "difference engine"
    again = await client.post("/api/v1/auth/password-reset/confirm", json=reset)
    assert again.status_code == 204  # the token was left
