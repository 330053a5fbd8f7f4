"""Token secrets and keys can be replaced while clients go on; what was removed is accepted no more."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr

from pressroom.main import create_app
from pressroom.settings import Settings
from tests.service import Actor, MakeUser, serving

FORMER = "the tests' own token secret, 32 bytes and more"
NEXT = "another secret for tokens, 32 bytes and more too"
ME, REFRESH, POSTS = "/api/v1/users/me", "/api/v1/auth/refresh", "/api/v1/posts"


class Slot:
    """Where one worker serves at a time; another takes its place when its requests have ended."""

    def __init__(self) -> None:
        self.client: httpx.AsyncClient | None = None
        self.busy = 0
        self._stack = AsyncExitStack()

    async def replace(self, settings: Settings) -> None:
        await self.stop()
        self.client = await self._stack.enter_async_context(serving(create_app(settings)))

    async def stop(self) -> None:
        self.client = None
        while self.busy:
            await asyncio.sleep(0.001)
        await self._stack.aclose()


class Balancer:
    """Sends each request to the next worker that serves."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        self._slots = list(slots)
        self.seen: Counter[tuple[str, int]] = Counter()

    async def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        slot = next(each for each in self._slots if each.client is not None)
        self._slots.remove(slot)
        self._slots.append(slot)
        assert slot.client is not None
        slot.busy += 1
        try:
            answer = await slot.client.request(method, path, **options)
        finally:
            slot.busy -= 1
        self.seen[path, answer.status_code] += 1
        return answer


async def go_on(balancer: Balancer, actor: Actor, until: asyncio.Event) -> tuple[str, str]:
    """Use a session as a client does, with a write that is repeated elsewhere; its latest tokens."""
    access, refresh, number = actor.token, actor.refresh_token, 0
    while not until.is_set():
        number += 1
        headers = {"authorization": f"Bearer {access}"}
        await balancer.request("GET", ME, headers=headers)
        post, keyed = {"title": "Rotation", "content": "Text."}, headers | {"idempotency-key": f"{number}"}
        first, again = [await balancer.request("POST", POSTS, json=post, headers=keyed) for _ in range(2)]
        assert first.json()["id"] == again.json()["id"]
        # Sent to both workers at once, as by two tabs: they agree on what follows.
        sent = [balancer.request("POST", REFRESH, json={"refresh_token": refresh}) for _ in range(2)]
        tokens = [answer.json() for answer in await asyncio.gather(*sent)]
        assert tokens[0]["refresh_token"] == tokens[1]["refresh_token"]
        access, refresh = tokens[0]["access_token"], tokens[0]["refresh_token"]
    return access, refresh


@asynccontextmanager
async def two_workers(settings: Settings) -> AsyncIterator[list[Slot]]:
    slots = [Slot(), Slot()]
    try:
        for slot in slots:
            await slot.replace(settings)
        yield slots
    finally:
        for slot in slots:
            await slot.stop()


def changed(settings: Settings, **values: Any) -> Settings:
    return settings.model_copy(update=values)


@pytest.fixture
def key_files(tmp_path: Path) -> list[Path]:
    files = [tmp_path / "former.pem", tmp_path / "next.pem"]
    for path in files:
        key = Ed25519PrivateKey.generate()
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


def steps(settings: Settings, what: str, key_files: Sequence[Path]) -> list[Settings]:
    """Accept the next one everywhere, then use it and accept the former one, then forget that."""
    if what == "secret":
        former, new = SecretStr(FORMER), SecretStr(NEXT)
        return [
            settings,
            changed(settings, accepted_token_secrets=(new,)),
            changed(settings, token_secret=new, accepted_token_secrets=(former,)),
            changed(settings, token_secret=new),
        ]
    old, next_ = key_files
    return [
        changed(settings, token_key_file=old),
        changed(settings, token_key_file=old, accepted_token_key_files=(next_,)),
        changed(settings, token_key_file=next_, accepted_token_key_files=(old,)),
        changed(settings, token_key_file=next_),
    ]


@pytest.mark.parametrize("what", ["secret", "key file"])
async def test_workers_are_rolled_to_a_new_key_and_no_client_notices(
    settings: Settings, make_user: MakeUser, key_files: list[Path], what: str
) -> None:
    rolled = steps(settings, what, key_files)
    actors = [await make_user() for _ in range(4)]
    async with two_workers(rolled[0]) as slots:
        balancer, done = Balancer(slots), asyncio.Event()
        if what == "key file":  # the actors' access tokens are of the secret: begin with some of the file
            actors = [await refreshed(balancer, actor) for actor in actors]
        (old,) = {jwt.get_unverified_header(actor.token)["kid"] for actor in actors}
        clients = [asyncio.create_task(go_on(balancer, actor, done)) for actor in actors]
        for step in rolled[1:3]:
            for slot in slots:
                await slot.replace(step)
                await asyncio.sleep(0.05)
        before = balancer.seen[REFRESH, 200]
        while balancer.seen[REFRESH, 200] < before + 3 * len(clients):  # every client has new tokens
            await asyncio.sleep(0.01)
        for slot in slots:
            await slot.replace(rolled[3])
        done.set()
        latest = await asyncio.gather(*clients)
        assert {status for _, status in balancer.seen} == {200, 201}
        new = {jwt.get_unverified_header(access)["kid"] for access, _ in latest}
        assert len(new) == 1
        assert new != {old}
        # What the removed key has signed is of no use, although its session lives.
        headers = {"authorization": f"Bearer {actors[0].token}"}
        assert (await balancer.request("GET", ME, headers=headers)).status_code == 401


async def refreshed(balancer: Balancer, actor: Actor) -> Actor:
    answer = await balancer.request("POST", REFRESH, json={"refresh_token": actor.refresh_token})
    tokens = answer.json()
    return Actor(actor.user, tokens["access_token"], actor.session_id, tokens["refresh_token"])


async def test_a_new_secret_alone_ends_every_session(settings: Settings, user: Actor, other: Actor) -> None:
    """Access tokens are refused at once, and nothing that is stored opens a session again."""
    async with serving(create_app(changed(settings, token_secret=SecretStr(NEXT)))) as client:
        assert (await client.get(ME, auth=user)).status_code == 401
        for actor in (user, other):
            answer = await client.post(REFRESH, json={"refresh_token": actor.refresh_token})
            assert answer.status_code == 401
        body = {"email": user.email, "password": user.password}
        assert (await client.post("/api/v1/auth/login", json=body)).status_code == 200


async def test_what_is_stored_of_a_refresh_token_is_no_digest_of_it_alone(
    settings: Settings, user: Actor
) -> None:
    """With the wrong worker's secret, a token that was just used is not taken for a stolen one."""
    async with serving(create_app(settings)) as here:
        await here.post(REFRESH, json={"refresh_token": user.refresh_token})
        async with serving(create_app(changed(settings, token_secret=SecretStr(NEXT)))) as elsewhere:
            answer = await elsewhere.post(REFRESH, json={"refresh_token": user.refresh_token})
            assert answer.status_code == 401
        assert (await here.get(ME, auth=user)).status_code == 200
