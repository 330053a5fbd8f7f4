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
    assert violations(await client.get(PATH, params={"fields": "email"}, auth=admin)) == [
        ("query", "/fields")
    ]


@pytest.fixture
async def people(make_user: MakeUser, admin: Actor) -> list[Actor]:
    """Three, made in this order, beside the admin."""
    return [
        await make_user("moderator", email="c@example.com", full_name="Ada 100% Lovelace"),
        await make_user(email="b@example.com", full_name="Grace Hopper", is_active=False),
        await make_user(email="A_dm@example.org", full_name="Zoë"),
    ]


async def found(client: httpx.AsyncClient, admin: Actor, **parameters: int | str) -> list[str]:
    items = (await page(client, admin, **parameters))["items"]
    return [item["email"][:1] for item in items if item["id"] != str(admin.id)]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        (None, "Abc"),
        ("-created_at", "Abc"),
        ("created_at", "cbA"),
        ("full_name", "cbA"),
        ("-full_name", "Abc"),
        ("email", "Abc"),
        ("-email", "cbA"),
    ],
)
async def test_sorted(
    client: httpx.AsyncClient, admin: Actor, people: list[Actor], sort: str | None, order: str
) -> None:
    assert "".join(await found(client, admin, **({"sort": sort} if sort else {}))) == order


@pytest.mark.parametrize(
    ("q", "order"),
    [
        ("GRACE", "b"),
        ("example.c", "bc"),
        ("zoë", "A"),
        ("%", "c"),
        ("_", "A"),
        ("\\", ""),
        ("'; DROP TABLE users; --", ""),
    ],
)
async def test_search_is_in_names_and_addresses_and_literal(
    client: httpx.AsyncClient, admin: Actor, people: list[Actor], q: str, order: str
) -> None:
    assert "".join(await found(client, admin, q=q)) == order


async def test_filters_narrow_together(client: httpx.AsyncClient, admin: Actor, people: list[Actor]) -> None:
    assert await found(client, admin, is_active="false") == ["b"]
    assert await found(client, admin, is_active="true", role="moderator") == ["c"]
    assert await found(client, admin, is_active="true", q="example.com") == ["c"]
    assert (await page(client, admin, q="example", size=2))["total"] == 4


@pytest.mark.parametrize(
    ("parameter", "value"), [("q", ""), ("q", "x" * 101), ("sort", "password_hash"), ("is_active", "1")]
)
async def test_filter_that_violates_its_schema(
    client: httpx.AsyncClient, admin: Actor, parameter: str, value: str
) -> None:
    answer = await client.get("/api/v1/users", params={parameter: value}, auth=admin)
    assert violations(answer) == [("query", f"/{parameter}")]
