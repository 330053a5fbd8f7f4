"""What holds for the requests of every operation: the order of checks, bodies, parameters and methods."""

import json
import re
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.contract.document import OPERATIONS, handler_of
from tests.service import PASSWORD, Actor, MakePost, violations

REGISTER = "/api/v1/auth/register"
NEW = {"email": "ada@example.com", "password": PASSWORD, "full_name": "Ada Lovelace"}
JSON = {"content-type": "application/json"}
LIMIT = 65_536
UNKNOWN = "01939f6e-0000-7000-8000-000000000000"
WITH_BODY = sorted(name for name, operation in OPERATIONS.items() if 415 in operation.responses)


def path_of(operation: str) -> str:
    return re.sub(r"\{\w+\}", UNKNOWN, OPERATIONS[operation].path)


async def send(
    client: httpx.AsyncClient, content: bytes | str | AsyncIterator[bytes], **headers: str
) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post(REGISTER, content=content, headers={**JSON, **named})


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def padded(size: int) -> bytes:
    """A registration of so many bytes, most of them white space."""
    body = json.dumps(NEW).encode()
    return body + b" " * (size - len(body))


# Bodies -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"sesame street",
        b'{"email": "ada@example.com",}',
        b"{'email': 'ada@example.com'}",
        b"{} {}",
        b'{"full_name": "a\nb"}',
        b'{"full_name": "\\x41bcdef"}',
        b'{"full_name": "\xff\xfe\xfd"}',
        b'{"full_name": "\xed\xa0\x80abc"}',
        b'{"full_name": "\\ud800abc"}',
        b'{"full_name": "abc\\udfff"}',
        b'\xef\xbb\xbf{"full_name": "Ada"}',
        '{"full_name": "Ada"}'.encode("utf-16"),
        b'{"full_name": 01}',
        b"[" * 50_000,
    ],
)
async def test_malformed_json(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await send(client, body)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("The body is not valid JSON")


async def test_lone_surrogates_are_no_text_and_pairs_are(client: httpx.AsyncClient) -> None:
    for escape, status in [("\\ud83d\\ude00", 201), ("\\ud83d", 400), ("\\ude00\\ud83d", 400)]:
        body = json.dumps(NEW).replace("Lovelace", escape)
        assert (await send(client, body)).status_code == status


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
async def test_numbers_that_json_does_not_have(client: httpx.AsyncClient, number: str) -> None:
    assert (await send(client, f'{{"full_name": {number}}}')).status_code == 400


@pytest.mark.parametrize("operation", WITH_BODY)
async def test_malformed_json_for_every_operation(
    client: httpx.AsyncClient, admin: Actor, operation: str
) -> None:
    answer = await client.request(
        OPERATIONS[operation].method, path_of(operation), content=b"{", headers=JSON, auth=admin
    )
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/problem+json",
        "application/json; charset=utf-16",
        "application/json, text/plain",
        "application",
        "",
    ],
)
async def test_wrong_media_type(client: httpx.AsyncClient, media_type: str) -> None:
    answer = await send(client, json.dumps(NEW), content_type=media_type)
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
    ],
)
async def test_right_media_type(client: httpx.AsyncClient, media_type: str) -> None:
    assert (await send(client, json.dumps(NEW), content_type=media_type)).status_code == 201


@pytest.mark.parametrize("operation", WITH_BODY)
async def test_no_media_type_for_every_operation(
    client: httpx.AsyncClient, admin: Actor, operation: str
) -> None:
    answer = await client.request(OPERATIONS[operation].method, path_of(operation), content=b"{}", auth=admin)
    assert answer.status_code == 415


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate, gzip", "x"])
async def test_content_coding(client: httpx.AsyncClient, coding: str) -> None:
    answer = await send(client, json.dumps(NEW), content_encoding=coding)
    assert answer.status_code == 415


async def test_no_content_coding(client: httpx.AsyncClient) -> None:
    assert (await send(client, json.dumps(NEW), content_encoding="identity")).status_code == 201


async def test_largest_body(client: httpx.AsyncClient) -> None:
    assert (await send(client, padded(LIMIT))).status_code == 201
    assert (await send(client, padded(LIMIT + 1))).status_code == 413


async def test_largest_body_of_unknown_length(client: httpx.AsyncClient) -> None:
    body = padded(LIMIT)
    assert (await send(client, chunks(body[:5], body[5:40_000], body[40_000:]))).status_code == 201
    for parts in ([body, b" "], [body + b" "], [b"", body[:1], body[1:], b" "]):
        assert (await send(client, chunks(*parts))).status_code == 413


async def test_endless_body_is_not_read_to_its_end(client: httpx.AsyncClient) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 8192
            yield b" " * 8192

    assert (await send(client, endless())).status_code == 413
    assert read <= 2 * LIMIT


@pytest.mark.parametrize("operation", WITH_BODY)
async def test_too_large_for_every_operation(client: httpx.AsyncClient, admin: Actor, operation: str) -> None:
    """The texts of posts take four times as much as everything else."""
    limit = 262_144 if operation in {"create_post", "update_post"} else LIMIT
    for size, status in [(limit + 1, 413), (limit, 400)]:
        answer = await client.request(
            OPERATIONS[operation].method,
            path_of(operation),
            content=b" " * size,
            headers=JSON,
            auth=admin,
        )
        assert answer.status_code == status


@pytest.mark.parametrize("length", ["x", "-1", "1.5", "9" * 5000])
async def test_announced_length_that_is_none(client: httpx.AsyncClient, length: str) -> None:
    assert (await send(client, json.dumps(NEW), content_length=length)).status_code == 413


@pytest.mark.parametrize("character", [*range(0x20), 0x7F])
async def test_control_characters(client: httpx.AsyncClient, character: int) -> None:
    answer = await client.post(REGISTER, json={**NEW, "full_name": f"Ada{chr(character)}Lovelace"})
    assert violations(answer) == [("body", "/full_name")]


async def test_nothing_of_a_refused_value_is_repeated(client: httpx.AsyncClient) -> None:
    """The witness looks for every value; here are those that libraries like to quote."""
    secret = "Sesame opens the door " * 4
    body = {"email": secret, "password": secret, "full_name": "\n" + secret, "role": secret, "more": secret}
    answer = await client.get("/api/v1/posts", params={"limit": secret, "cursor": secret})
    assert violations(answer) == [("query", "/cursor"), ("query", "/limit")]
    assert "Sesame" not in answer.text
    answer = await client.post(REGISTER, json=body)
    assert {pointer for _, pointer in violations(answer)} >= {"/email", "/password", "/full_name", "/role"}
    assert "Sesame" not in answer.text


# Parameters -------------------------------------------------------------------------------------------


async def test_parameter_given_twice(client: httpx.AsyncClient) -> None:
    for query in ("limit=1&limit=1", "limit=1&limit=2", "limit=1&%6Cimit=2"):
        assert violations(await client.get(f"/api/v1/posts?{query}")) == [("query", "/limit")]


async def test_violations_of_all_parameters_are_told_at_once(client: httpx.AsyncClient, admin: Actor) -> None:
    answer = await client.get("/api/v1/users?page=0&size=x&role=nobody&order=email", auth=admin)
    assert violations(answer) == [("query", f"/{name}") for name in ("order", "page", "role", "size")]


@pytest.mark.parametrize(
    ("query", "pointer"), [("limit=%FF", "/limit"), ("%C0%AF=1", ""), ("limit=%ED%A0%80", "/limit")]
)
async def test_query_that_is_not_utf_8(client: httpx.AsyncClient, query: str, pointer: str) -> None:
    assert violations(await client.get(f"/api/v1/posts?{query}")) == [("query", pointer)]


@pytest.mark.parametrize("query", ["", "limit=5", "limit=5&", "&limit=5", "limit=%35"])
async def test_query_that_is_fine(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"/api/v1/posts?{query}")).status_code == 200


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
async def test_every_operation_refuses_an_unknown_parameter(
    client: httpx.AsyncClient, admin: Actor, operation: str
) -> None:
    answer = await client.request(
        OPERATIONS[operation].method,
        path_of(operation) + "?unknown=1",
        json={} if operation in WITH_BODY else None,
        auth=admin,
    )
    assert violations(answer) == [("query", "/unknown")]


@pytest.mark.parametrize("operation", sorted(name for name in OPERATIONS if "{" in OPERATIONS[name].path))
async def test_every_operation_refuses_an_id_that_is_none(
    client: httpx.AsyncClient, admin: Actor, operation: str
) -> None:
    path = OPERATIONS[operation].path
    name = path[path.index("{") + 1 : path.index("}")]
    answer = await client.request(
        OPERATIONS[operation].method,
        path.format(**{name: "not-a-uuid"}),
        json={} if operation in WITH_BODY else None,
        auth=admin,
    )
    assert violations(answer) == [("path", f"/{name}")]


# Order ------------------------------------------------------------------------------------------------


async def test_order_of_checks(client: httpx.AsyncClient, admin: Actor, user: Actor) -> None:
    """Everything is wrong at first; each line mends one thing more."""
    bad, good = "/api/v1/users/none/notify", f"/api/v1/users/{UNKNOWN}/notify"
    large, syntax = b"{" * (LIMIT + 1), b"{"
    plain = {"content-type": "text/plain"}
    message = json.dumps({"subject": "Welcome", "body": "Good to have you here."}).encode()
    asked: list[tuple[str, str, bytes, dict[str, str], Actor | None]] = [
        ("PUT", bad + "/more", large, plain, None),
        ("PUT", bad, large, plain, None),
        ("POST", bad, large, plain, None),
        ("POST", bad, large, plain, user),
        ("POST", bad, large, plain, admin),
        ("POST", bad, large, JSON, admin),
        ("POST", bad, syntax, JSON, admin),
        ("POST", good, syntax, JSON, admin),
        ("POST", good, b"{}", JSON, admin),
        ("POST", good, message, JSON, admin),
    ]
    found = [
        (await client.request(method, path, content=content, headers=headers, auth=caller)).status_code
        for method, path, content, headers, caller in asked
    ]
    assert found == [404, 405, 401, 403, 415, 413, 422, 400, 422, 404]


async def test_the_contract_goes_before_the_rules(
    client: httpx.AsyncClient, other: Actor, user: Actor, make_post: MakePost
) -> None:
    """A caller who may not do it learns first that the body is wrong: roles alone go before it."""
    post = await make_post(user)
    for path, body in [
        (f"/api/v1/users/{user.id}", {"role": 1}),
        (f"/api/v1/posts/{post['id']}", {"title": 1}),
    ]:
        assert (await client.patch(path, json=body, auth=other)).status_code == 422


# Methods and paths ------------------------------------------------------------------------------------

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


@pytest.mark.parametrize("operation", sorted(set(OPERATIONS) - set(WITH_BODY)))
@pytest.mark.parametrize("body", [b"{}", b"x"])
async def test_a_body_that_the_operation_does_not_take(
    client: httpx.AsyncClient, admin: Actor, operation: str, body: bytes
) -> None:
    headers = {"if-match": "*"} if 428 in OPERATIONS[operation].responses else {}
    answer = await client.request(
        OPERATIONS[operation].method, path_of(operation), content=body, headers=headers, auth=admin
    )
    assert violations(answer) == [("body", "")]


async def test_a_property_that_is_given_twice(client: httpx.AsyncClient) -> None:
    body = json.dumps(NEW).encode().replace(b'"full_name"', b'"email": "b@example.com", "full_name"')
    answer = await client.post(REGISTER, content=body, headers=JSON)
    assert (answer.status_code, "twice" in answer.json()["detail"]) == (400, True)
