from typing import Any

import httpx
import pytest

from tests.service import Actor, MakeUser, violations

PATH = "/api/v1/users"


async def page(client: httpx.AsyncClient, admin: Actor, **parameters: int | str) -> dict[str, Any]:
    answer = await client.get(PATH, params=parameters, auth=admin)
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def emails(body: dict[str, Any]) -> list[str]:
    return [item["email"] for item in body["items"]]


async def test_pages_hold_every_account_newest_first(
    client: httpx.AsyncClient, admin: Actor, make_user: MakeUser
) -> None:
    made = [admin, *[await make_user() for _ in range(6)]]
    pages = [await page(client, admin, page=number, size=3) for number in (1, 2, 3)]
    assert [email for body in pages for email in emails(body)] == [user.email for user in reversed(made)]
    assert [
        [body[name] for name in ("total", "page", "size", "pages", "has_next", "has_prev")] for body in pages
    ] == [[7, 1, 3, 3, True, False], [7, 2, 3, 3, True, True], [7, 3, 3, 3, False, True]]


async def test_last_page_may_be_full(client: httpx.AsyncClient, admin: Actor, user: Actor) -> None:
    body = await page(client, admin, size=2)
    assert [len(body["items"]), body["pages"], body["has_next"]] == [2, 1, False]


async def test_beyond_the_last_page(client: httpx.AsyncClient, admin: Actor) -> None:
    body = await page(client, admin, page=1_000_000, size=100)
    assert body == {
        "items": [],
        "total": 1,
        "page": 1_000_000,
        "size": 100,
        "pages": 1,
        "has_next": False,
        "has_prev": True,
    }


async def test_defaults(client: httpx.AsyncClient, admin: Actor, make_user: MakeUser) -> None:
    for _ in range(20):
        await make_user()
    body = await page(client, admin)
    assert [body["page"], body["size"], len(body["items"]), body["total"]] == [1, 20, 20, 21]


async def test_only_one_role(
    client: httpx.AsyncClient, admin: Actor, moderator: Actor, user: Actor, other: Actor
) -> None:
    body = await page(client, admin, role="user")
    assert (body["total"], emails(body)) == (2, [other.email, user.email])
    assert emails(await page(client, admin, role="moderator")) == [moderator.email]
    assert emails(await page(client, admin, role="admin")) == [admin.email]


async def test_role_that_nobody_has(client: httpx.AsyncClient, admin: Actor) -> None:
    for number in (1, 2):
        body = await page(client, admin, role="moderator", page=number)
        found = [body[name] for name in ("items", "total", "pages", "has_next", "has_prev")]
        assert found == [[], 0, 0, False, False]


async def test_deactivated_accounts_are_listed(
    client: httpx.AsyncClient, admin: Actor, deactivated: Actor
) -> None:
    assert (await page(client, admin))["items"][0]["is_active"] is False


@pytest.mark.parametrize("caller", ["user", "moderator", "demoted"])
async def test_for_admins_only(client: httpx.AsyncClient, actors: dict[str, Actor], caller: str) -> None:
    assert (await client.get(PATH, auth=actors[caller])).status_code == 403


async def test_without_a_token(client: httpx.AsyncClient) -> None:
    assert (await client.get(PATH)).status_code == 401


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("page", value)
            for value in ("0", "-1", "1000001", "1.0", "", "x", "٣", "1e2", " 1", "+1", "9" * 30)
        ),
        *(("size", value) for value in ("0", "101", "true", "null", "0x10", "01")),
        *(("role", value) for value in ("root", "", "ADMIN", "user,admin")),
    ],
)
async def test_parameter_that_violates_its_schema(
    client: httpx.AsyncClient, admin: Actor, name: str, value: str
) -> None:
    assert violations(await client.get(PATH, params={name: value}, auth=admin)) == [("query", f"/{name}")]


async def test_unknown_parameter_is_refused(client: httpx.AsyncClient, admin: Actor) -> None:
    assert violations(await client.get(PATH, params={"sort": "email"}, auth=admin)) == [("query", "/sort")]
