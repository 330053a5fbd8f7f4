"""Every operation that has limits refuses what is beyond them, and says for how long."""

from collections.abc import AsyncIterator

import httpx
import pytest

from contractgen_runtime.postgres.db import Database
from pressroom.limits import POLICIES
from pressroom.main import create_app
from pressroom.settings import Settings
from tests.contract.document import OPERATIONS
from tests.faults.requests import BODIES
from tests.service import PASSWORD, Actor, MakeUser, serving


@pytest.fixture
async def limited(settings: Settings, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service with the quotas of the contract."""
    async with serving(create_app(settings.model_copy(update={"rate_limit_scale": 1}))) as client:
        yield client


async def test_an_operation_beyond_its_quota(
    limited: httpx.AsyncClient, operation: str, make_user: MakeUser
) -> None:
    caller = await make_user("admin", email="ada@example.com")
    declared, policy = OPERATIONS[operation], POLICIES[operation]
    account = policy.get("account")
    name, quota = ("account", account) if account else ("address", policy["address"])
    body = dict(BODIES[operation])
    if "password" in body:  # right ones are not counted
        body["password"] = "a wrong one, of twelve or more"

    async def ask() -> httpx.Response:
        path = declared.path.format(user_id=caller.id)
        return await limited.request(declared.method, path, json=body, auth=caller)

    for _ in range(quota["quota"]):
        assert (await ask()).status_code != 429
    answer = await ask()
    assert answer.status_code == 429
    assert answer.json()["type"] == "/problems/too-many-requests"
    assert quota["window"] - 60 <= int(answer.headers["retry-after"]) <= quota["window"]
    assert answer.headers["ratelimit"] == f'"{name}";r=0;t={answer.headers["retry-after"]}'
    assert f'"{name}";q={quota["quota"]};w={quota["window"]}' in answer.headers["ratelimit-policy"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "operation" in metafunc.fixturenames:
        metafunc.parametrize("operation", POLICIES)


async def log_in(client: httpx.AsyncClient, actor: Actor, password: str) -> int:
    body = {"email": actor.email.upper(), "password": password}
    return (await client.post("/api/v1/auth/login", json=body)).status_code


async def test_right_passwords_are_not_counted(limited: httpx.AsyncClient, user: Actor) -> None:
    for _ in range(3):
        assert [await log_in(limited, user, "wrong") for _ in range(3)] == [401] * 3
        assert [await log_in(limited, user, PASSWORD) for _ in range(10)] == [200] * 10
    assert [await log_in(limited, user, "wrong"), await log_in(limited, user, PASSWORD)] == [401, 429]


async def test_the_limit_tells_nothing_of_who_has_an_account(limited: httpx.AsyncClient, user: Actor) -> None:
    async def refused(email: str) -> httpx.Response:
        body = {"email": email, "password": "wrong"}
        answers = [await limited.post("/api/v1/auth/login", json=body) for _ in range(11)]
        return answers[-1]

    answers = [await refused(user.email), await refused("nobody@example.com")]
    assert [answer.status_code for answer in answers] == [429, 429]
    first, second = (answer.json() for answer in answers)
    assert first.pop("request_id") != second.pop("request_id")
    assert first == second


async def test_behind_a_trusted_proxy_each_client_has_its_own_quota(
    settings: Settings, database: Database
) -> None:
    changed = {
        "rate_limit_scale": 1,
        "trusted_proxies": Settings.model_validate(
            settings.model_dump() | {"trusted_proxies": "127.0.0.1"}
        ).trusted_proxies,
    }
    quota = POLICIES["register_user"]["address"]["quota"]
    async with serving(create_app(settings.model_copy(update=changed))) as client:

        async def register(number: int, forwarded: str) -> int:
            body = {"email": f"ada{number}@example.com", "password": PASSWORD, "full_name": "Ada"}
            headers = {"x-forwarded-for": forwarded}
            return (await client.post("/api/v1/auth/register", json=body, headers=headers)).status_code

        for number in range(quota):
            assert await register(number, f"198.51.100.{number}, 203.0.113.7") == 201
        assert await register(quota, "203.0.113.7") == 429
        assert await register(quota, "203.0.113.8") == 201
