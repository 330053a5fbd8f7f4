import httpx
import pytest

from tests.service import PASSWORD, Actor, ReadMail, violations

PATH = "/api/v1/users"
NEW = {"email": "Grace@Example.com", "password": PASSWORD, "full_name": "Grace Hopper", "role": "moderator"}


@pytest.mark.parametrize("role", ["user", "moderator", "admin"])
async def test_an_account_of_any_role(client: httpx.AsyncClient, admin: Actor, role: str) -> None:
    answer = await client.post(PATH, json={**NEW, "role": role}, auth=admin)
    assert answer.status_code == 201
    user = answer.json()
    assert (user["email"], user["role"], user["is_active"]) == ("grace@example.com", role, True)
    found = await client.get(answer.headers["location"], auth=admin)
    assert (found.json(), found.headers["etag"]) == (user, answer.headers["etag"])
    login = await client.post("/api/v1/auth/login", json={"email": NEW["email"], "password": PASSWORD})
    assert login.json()["user"] == user


async def test_it_is_told_in_the_audit_trail_and_by_mail(
    client: httpx.AsyncClient, admin: Actor, read_mail: ReadMail
) -> None:
    user = (await client.post(PATH, json=NEW, auth=admin)).json()
    (event,) = (await client.get("/api/v1/audit-events", auth=admin)).json()["items"]
    told = (event["action"], event["actor_id"], event["subject_id"])
    assert told == ("user_created", str(admin.id), user["id"])
    assert [letter.email for letter in await read_mail()] == ["grace@example.com"]


async def test_a_taken_address(client: httpx.AsyncClient, admin: Actor, user: Actor) -> None:
    answer = await client.post(PATH, json={**NEW, "email": user.email.upper()}, auth=admin)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/email-taken")


async def test_a_common_password(client: httpx.AsyncClient, admin: Actor) -> None:
    answer = await client.post(PATH, json={**NEW, "password": "password1234"}, auth=admin)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/common-password")


async def test_a_repeated_key(client: httpx.AsyncClient, admin: Actor) -> None:
    headers = {"idempotency-key": "once"}
    first, second = [await client.post(PATH, json=NEW, auth=admin, headers=headers) for _ in range(2)]
    assert (first.status_code, first.json()) == (second.status_code, second.json())


@pytest.mark.parametrize(
    ("member", "value"),
    [("role", "root"), ("role", None), ("password", "short"), ("email", "x"), ("full_name", " ")],
)
async def test_member_that_violates_its_schema(
    client: httpx.AsyncClient, admin: Actor, member: str, value: object
) -> None:
    answer = await client.post(PATH, json={**NEW, member: value}, auth=admin)
    assert violations(answer) == [("body", f"/{member}")]


async def test_the_role_has_no_default(client: httpx.AsyncClient, admin: Actor) -> None:
    body = {name: value for name, value in NEW.items() if name != "role"}
    assert violations(await client.post(PATH, json=body, auth=admin)) == [("body", "/role")]
