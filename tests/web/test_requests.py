"""What holds for the requests of every operation: the order of checks, bodies and parameters."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.contract.document import OPERATIONS, UNKNOWN, path_of
from tests.service import ANY_VERSION, PASSWORD, Actor, MakePost, violations

REGISTER = "/api/v1/auth/register"
NEW = {"email": "ada@example.com", "password": PASSWORD, "full_name": "Ada Lovelace"}
JSON = {"content-type": "application/json"}
LIMIT = 65_536
WITH_BODY = sorted(name for name, operation in OPERATIONS.items() if 415 in operation.responses)


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
        OPERATIONS[operation].method,
        path_of(operation),
        content=b"{",
        headers=JSON | ANY_VERSION,
        auth=admin,
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("operation", WITH_BODY)
async def test_a_body_that_does_not_end_is_408_for_every_operation(
    client: httpx.AsyncClient, admin: Actor, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    monkeypatch.setattr("contractgen_runtime.bodies._BODY_DEADLINE", 0.01)

    async def never_ending() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    answer = await client.request(
        OPERATIONS[operation].method,
        path_of(operation),
        content=never_ending(),
        headers=JSON | ANY_VERSION,
        auth=admin,
    )
    assert answer.status_code == 408


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
            headers=JSON | ANY_VERSION,
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
        assert (await client.patch(path, json=body, headers=ANY_VERSION, auth=other)).status_code == 422


@pytest.mark.parametrize("operation", sorted(set(OPERATIONS) - set(WITH_BODY)))
@pytest.mark.parametrize("body", [b"{}", b"x"])
async def test_a_body_that_the_operation_does_not_take(
    client: httpx.AsyncClient, admin: Actor, operation: str, body: bytes
) -> None:
    answer = await client.request(
        OPERATIONS[operation].method, path_of(operation), content=body, headers=ANY_VERSION, auth=admin
    )
    assert violations(answer) == [("body", "")]


async def test_a_property_that_is_given_twice(client: httpx.AsyncClient) -> None:
    body = json.dumps(NEW).encode().replace(b'"full_name"', b'"email": "b@example.com", "full_name"')
    answer = await client.post(REGISTER, content=body, headers=JSON)
    assert (answer.status_code, "twice" in answer.json()["detail"]) == (400, True)
