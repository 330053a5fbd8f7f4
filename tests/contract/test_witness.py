"""The witness sees what it is there to see."""

import json
from typing import Any

import httpx
import pytest

from contractgen_runtime.testing.checker import ContractViolation
from tests.contract.witness import CHECKER

POST: dict[str, Any] = {
    "id": "01939f6e-8d2f-7b3c-a1d4-5e6f708192a3",
    "title": "Notes",
    "content": "Some text.",
    "is_published": True,
    "published_at": "2026-11-23T09:32:00Z",
    "hidden_reason": None,
    "author_id": "01939f6e-7b1c-7c2a-9f3e-2f4b6c8d0e1a",
    "created_at": "2026-11-23T09:32:00Z",
    "updated_at": "2026-11-23T09:32:00Z",
    "version": "00065463c0fa00",
}
ID = {"x-request-id": "4bf92f35"}
PROBLEM = {
    "type": "about:blank",
    "title": "Bad",
    "status": 401,
    "detail": "No.",
    "request_id": ID["x-request-id"],
}
JSON = {"content-type": "application/json"}
REFUSED = {"content-type": "application/problem+json", "www-authenticate": "Bearer"}
CREATED = {**JSON, "location": "/api/v1/posts/1", "etag": '"1"'}
PATH = "/api/v1/posts"


def answered(
    method: str, path: str, status: int, body: object, headers: dict[str, str], sent: bytes = b""
) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = httpx.Request(method, f"http://testserver{path}")
    CHECKER.check(request, httpx.Response(status, content=content, headers=ID | headers), sent)


def test_answers_of_the_contract_pass_and_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CHECKER, "witnessed", set())
    answered("POST", PATH, 201, POST, CREATED)
    answered("POST", PATH, 401, PROBLEM, REFUSED)
    answered("DELETE", f"{PATH}/1", 204, b"", {})
    answered("PUT", PATH, 405, PROBLEM | {"status": 405}, REFUSED | {"allow": "GET, HEAD, OPTIONS, POST"})
    answered("GET", "/none", 404, PROBLEM | {"status": 404}, REFUSED)
    assert CHECKER.witnessed == {("createPost", 201), ("createPost", 401), ("deletePost", 204)}


@pytest.mark.parametrize(
    ("status", "body", "headers", "complaint"),
    [
        (200, POST, CREATED, "status is not declared"),
        (403, PROBLEM | {"status": 403}, REFUSED, "status is not declared"),
        (201, POST, JSON | {"etag": '"1"'}, "header Location is missing"),
        (201, POST, CREATED | {"location": "/posts/ 1"}, "header Location"),
        (201, POST, CREATED | {"content-type": "text/html"}, "media type"),
        (201, POST | {"password_hash": "x"}, CREATED, "password_hash"),
        (201, {name: POST[name] for name in POST if name != "title"}, CREATED, "title"),
        (201, POST | {"id": "1"}, CREATED, "uuid"),
        (201, POST | {"created_at": "2026-11-23 09:32"}, CREATED, "date-time"),
        (201, POST | {"is_published": 1}, CREATED, "boolean"),
        (201, POST | {"title": ""}, CREATED, "shorter"),
        (201, b"{", CREATED, "not JSON"),
        (201, POST, CREATED | {"content-length": "1"}, "Content-Length"),
        (401, PROBLEM, REFUSED | JSON, "media type"),
        (401, PROBLEM | {"status": 400}, REFUSED, "status 400"),
        (401, PROBLEM | {"detail": "No such secret phrase."}, REFUSED, "repeats"),
        (401, PROBLEM, REFUSED | {"x-debug": "secret phrase"}, "repeats"),
        (503, PROBLEM | {"status": 503}, REFUSED, "Retry-After is missing"),
        (503, PROBLEM | {"status": 503}, REFUSED | {"retry-after": "soon"}, "Retry-After"),
        (503, PROBLEM | {"status": 503}, REFUSED | {"retry-after": "0"}, "Retry-After"),
    ],
)
def test_an_answer_that_is_none_of_the_contract(
    status: int, body: object, headers: dict[str, str], complaint: str
) -> None:
    with pytest.raises(ContractViolation, match=complaint):
        answered("POST", PATH, status, body, headers, sent=b'{"title": ["secret phrase"]}')


@pytest.mark.parametrize("headers", [{}, ID | {"x-request-id": "other"}])
def test_a_problem_without_the_id_of_its_request(headers: dict[str, str]) -> None:
    request = httpx.Request("POST", f"http://testserver{PATH}")
    with pytest.raises(ContractViolation, match="X-Request-Id"):
        CHECKER.check(request, httpx.Response(401, json=PROBLEM, headers=headers | REFUSED))


@pytest.mark.parametrize(
    ("method", "path", "status", "body", "headers", "complaint"),
    [
        ("DELETE", f"{PATH}/1", 204, b"x", {}, "no content"),
        ("PUT", PATH, 405, PROBLEM | {"status": 405}, REFUSED, "Allow"),
        ("PUT", PATH, 405, PROBLEM | {"status": 405}, REFUSED | {"allow": "GET, HEAD"}, "Allow"),
        ("PATCH", "/api/v1/users/me", 200, POST, JSON | {"allow": "GET, HEAD, OPTIONS"}, "not 405"),
        ("OPTIONS", PATH, 200, b"", {"allow": "GET, HEAD, OPTIONS, POST"}, "not 204"),
        ("GET", "/none", 404, {"detail": "Not Found"}, JSON, "media type"),
        ("GET", "/none", 307, b"", {}, "not 404"),
        ("HEAD", PATH, 200, {"items": [], "next_cursor": None}, JSON, "HEAD has a body"),
        (
            "GET",
            f"{PATH}/no-such-thing",
            404,
            PROBLEM | {"status": 404, "title": "no-such-thing"},
            REFUSED,
            "rep",
        ),
        (
            "GET",
            f"{PATH}?cursor=who-knows",
            404,
            PROBLEM | {"status": 404, "title": "who-knows"},
            REFUSED,
            "rep",
        ),
    ],
)
def test_what_the_router_and_other_methods_answer(
    method: str, path: str, status: int, body: object, headers: dict[str, str], complaint: str
) -> None:
    with pytest.raises(ContractViolation, match=complaint):
        answered(method, path, status, body, headers)
