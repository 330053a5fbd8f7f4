import asyncio
import os
import threading
import time
from typing import Any

import bcrypt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom import passwords
from pressroom.passwords import Busy, PasswordHasher, hash_password, verify_password
from pressroom.settings import Settings

PEPPER = b"Zx3Wq9Lk2Vn8Bt5Mj7Hc4Fs6Dg1Pa0Yr5Ui"
PASSWORD = "analytical engine"


def hasher(**changed: Any) -> PasswordHasher:
    given_settings: dict[str, Any] = {
        "environment": "development",
        "token_secret": "kT8vQ2mZr6Lw9XcB4nHs7Yd1Jf5Gp0Ra3Ue",
        "password_pepper": PEPPER.decode(),
        "bcrypt_cost": 4,
    }
    return PasswordHasher(Settings.model_validate(given_settings | changed))


def test_stored_form() -> None:
    stored = hash_password(PASSWORD, pepper=PEPPER, cost=4)
    assert stored.startswith("v1$$2b$04$")
    assert stored != hash_password(PASSWORD, pepper=PEPPER, cost=4)
    assert verify_password(PASSWORD, stored, pepper=PEPPER)
    assert not verify_password(PASSWORD, stored, pepper=PEPPER + b"x")
    assert not verify_password(PASSWORD + "!", stored, pepper=PEPPER)
    assert not bcrypt.checkpw(PASSWORD.encode(), stored.removeprefix("v1$").encode())


def test_known_answer() -> None:
    # Made once with this scheme: a change of it would lock every account out.
    stored = "v1$$2b$04$YcMwQixQDfVeQ6LsRQNLweT8ri4VEsiQJtYqXJLxpd17rvbj/O66q"
    assert verify_password(PASSWORD, stored, pepper=PEPPER)


@settings(max_examples=20, deadline=None)
@given(st.text(min_size=12, max_size=64))
def test_every_text_can_be_a_password(password: str) -> None:
    assert verify_password(password, hash_password(password, pepper=PEPPER, cost=4), pepper=PEPPER)


def test_nothing_is_cut_off_and_forms_of_one_text_are_one() -> None:
    stored = hash_password("🔑" * 63 + "a", pepper=PEPPER, cost=4)
    assert not verify_password("🔑" * 63 + "b", stored, pepper=PEPPER)
    nul = hash_password("twelve\0chars1", pepper=PEPPER, cost=4)
    assert not verify_password("twelve\0chars2", nul, pepper=PEPPER)
    composed = hash_password("caf\u00e9 au lait, s'il", pepper=PEPPER, cost=4)
    assert verify_password("cafe\u0301 au lait, s'il", composed, pepper=PEPPER)
    assert verify_password("\ud800" * 12, hash_password("\ud800" * 12, pepper=PEPPER, cost=4), pepper=PEPPER)


@pytest.mark.parametrize("stored", ["", "v1$", "v1$x", "v0$x", "$2b$04$", "v1$\N{SNOWMAN}"])
def test_unknown_stored_form_verifies_nothing(stored: str) -> None:
    assert not verify_password(PASSWORD, stored, pepper=PEPPER)


@pytest.fixture
def spent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The cost of each hash that is made or checked, in rounds."""
    spent: list[int] = []
    check, make = bcrypt.checkpw, bcrypt.hashpw

    def checking(password: bytes, hashed: bytes) -> bool:
        spent.append(2 ** int(hashed[4:6]))
        return check(password, hashed)

    def making(password: bytes, salt: bytes) -> bytes:
        spent.append(2 ** int(salt[4:6]))
        return make(password, salt)

    monkeypatch.setattr(bcrypt, "checkpw", checking)
    monkeypatch.setattr(bcrypt, "hashpw", making)
    return spent


@pytest.mark.parametrize(("configured", "stored", "expected"), [(7, 4, 0), (4, 7, 0), (5, 5, 7), (6, 6, 0)])
async def test_every_check_costs_what_the_most_expensive_stored_password_does(
    spent: list[int], configured: int, stored: int, expected: int
) -> None:
    """Also that of an account that is unknown, or whose password was stored when the cost was another."""
    ours = hasher(bcrypt_cost=configured)
    ours.expect(expected)
    most = 2 ** max(configured, stored, expected)
    known = hash_password(PASSWORD, pepper=PEPPER, cost=stored)
    for password, each, is_right in [
        (PASSWORD, known, True),
        (PASSWORD + "!", known, False),
        (PASSWORD, None, False),
        (PASSWORD, "", False),
    ]:
        spent.clear()
        assert await ours.verify(password, each) is is_right
        assert sum(spent) == most
    ours.close()


def test_a_password_of_another_cost_or_kind_is_outdated() -> None:
    ours = hasher(bcrypt_cost=5)
    stored = {cost: hash_password(PASSWORD, pepper=PEPPER, cost=cost) for cost in (4, 5, 6)}
    assert [ours.is_outdated(each) for each in stored.values()] == [True, False, True]
    assert ours.is_outdated(stored[5].replace("v1$", "v0$"))
    ours.close()


async def test_work_is_off_the_loop_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    gate, seen = threading.Event(), set[str]()

    def waiting(*_: Any, **__: Any) -> str:
        seen.add(threading.current_thread().name)
        assert gate.wait(30)
        return "done"

    monkeypatch.setattr(passwords, "hash_password", waiting)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    ours = hasher()
    running = [asyncio.create_task(ours.hash(PASSWORD)) for _ in range(1 + 32)]
    await asyncio.sleep(0)  # each takes its place
    started = time.perf_counter()
    with pytest.raises(Busy):
        await ours.hash(PASSWORD)
    assert time.perf_counter() - started < 0.05
    running.pop().cancel()  # somebody who waits leaves: his place is free again
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    running.append(asyncio.create_task(ours.hash(PASSWORD)))
    gate.set()
    assert await asyncio.gather(*running) == ["done"] * (1 + 32)
    assert await ours.hash(PASSWORD) == "done"
    ours.close()
    assert seen == {"password_0"}
