"""Methods and paths: which a path takes, and what others get."""

import httpx
import pytest

from tests.contract.document import OPERATIONS, UNKNOWN, handler_of, path_of
from tests.service import Actor

ALLOWED = {
    "/livez": "GET, HEAD, OPTIONS",
    "/readyz": "GET, HEAD, OPTIONS",
    "/api/v1/auth/register": "OPTIONS, POST",
    "/api/v1/auth/login": "OPTIONS, POST",
    "/api/v1/auth/refresh": "OPTIONS, POST",
    "/api/v1/auth/logout": "OPTIONS, POST",
    "/api/v1/auth/logout-everywhere": "OPTIONS, POST",
    "/api/v1/auth/sessions": "GET, HEAD, OPTIONS",
    f"/api/v1/auth/sessions/{UNKNOWN}": "DELETE, OPTIONS",
    "/api/v1/auth/change-password": "OPTIONS, POST",
    "/api/v1/auth/password-reset": "OPTIONS, POST",
    "/api/v1/auth/password-reset/confirm": "OPTIONS, POST",
    "/api/v1/auth/email-verification": "OPTIONS, POST",
    "/api/v1/auth/email-verification/confirm": "OPTIONS, POST",
    "/api/v1/auth/email-change": "OPTIONS, POST",
    "/api/v1/auth/email-change/confirm": "OPTIONS, POST",
    "/api/v1/auth/email-change/undo": "OPTIONS, POST",
    "/api/v1/audit-events": "GET, HEAD, OPTIONS",
    "/api/v1/users/me": "GET, HEAD, OPTIONS",
    "/api/v1/users/me/delete": "OPTIONS, POST",
    "/api/v1/users": "GET, HEAD, OPTIONS, POST",
    f"/api/v1/users/{UNKNOWN}": "GET, HEAD, OPTIONS, PATCH",
    f"/api/v1/users/{UNKNOWN}/notify": "OPTIONS, POST",
    "/api/v1/posts": "GET, HEAD, OPTIONS, POST",
    f"/api/v1/posts/{UNKNOWN}": "DELETE, GET, HEAD, OPTIONS, PATCH",
    f"/api/v1/posts/{UNKNOWN}/publish": "OPTIONS, POST",
    f"/api/v1/posts/{UNKNOWN}/unpublish": "OPTIONS, POST",
    f"/api/v1/posts/{UNKNOWN}/hide": "OPTIONS, POST",
    f"/api/v1/posts/{UNKNOWN}/unhide": "OPTIONS, POST",
    f"/api/v1/users/{UNKNOWN}/posts": "GET, HEAD, OPTIONS",
    f"/api/v1/notifications/{UNKNOWN}": "GET, HEAD, OPTIONS",
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY", "FOO")


def test_every_path_is_here() -> None:
    assert {path_of(operation) for operation in OPERATIONS} == set(ALLOWED)


@pytest.mark.parametrize("path", ALLOWED)
async def test_method_that_a_path_does_not_take(client: httpx.AsyncClient, path: str) -> None:
    """PATCH on /users/me is one: the literal path does not fall into the template of ids."""
    others = [method for method in METHODS if method not in ALLOWED[path].split(", ")]
    found = {method: await client.request(method, path) for method in others}
    assert {method: answer.status_code for method, answer in found.items()} == dict.fromkeys(others, 405)
    assert {answer.headers["allow"] for answer in found.values()} == {ALLOWED[path]}
    assert {answer.json()["title"] for answer in found.values()} == {"Method Not Allowed"}


@pytest.mark.parametrize("path", ALLOWED)
async def test_options(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.options(path)
    assert (answer.status_code, answer.headers["allow"], answer.content) == (204, ALLOWED[path], b"")


async def test_head_is_get_without_the_body(client: httpx.AsyncClient, user: Actor) -> None:
    for path, status in [
        ("/api/v1/users/me", 200),
        (f"/api/v1/users/{UNKNOWN}", 403),
        ("/api/v1/posts?x=1", 422),
    ]:
        head, get = await client.head(path, auth=user), await client.get(path, auth=user)
        assert (head.status_code, head.content) == (get.status_code, b"") == (status, b"")
        assert head.headers["content-length"] == get.headers["content-length"]
        assert head.headers["content-type"] == get.headers["content-type"]


@pytest.mark.parametrize("path", ["/api/v1/users/", "/api/v1/posts/", "/livez/", "//livez", "/api/v2/posts"])
async def test_path_that_is_none(client: httpx.AsyncClient, path: str) -> None:
    """A trailing slash is another path: no redirect, which would lose the body of a POST."""
    for method in ("GET", "POST", "DELETE"):
        answer = await client.request(method, f"http://testserver{path}")
        assert answer.status_code == 404
        assert answer.json()["title"] == "Not Found"


async def test_slash_within_an_id_ends_it(client: httpx.AsyncClient, user: Actor) -> None:
    assert (await client.get(f"/api/v1/users/{user.id}/", auth=user)).status_code == 404


async def test_preflight(client: httpx.AsyncClient) -> None:
    headers = {"origin": "http://localhost:3000", "access-control-request-method": "PATCH"}
    answer = await client.options(f"/api/v1/users/{UNKNOWN}", headers=headers)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert "PATCH" in answer.headers["access-control-allow-methods"]


async def test_served_document_is_the_contract(client: httpx.AsyncClient) -> None:
    answer = await client.get("/openapi.json")
    served = {
        handler_of(operation["operationId"])
        for item in answer.json()["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict)
    }
    assert served == set(OPERATIONS)
