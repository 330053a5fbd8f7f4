"""Texts that others have collected because they break parsers: rejected by the contract, or stored as sent.

The client holds every response against the contract. `make test` sends each text to one operation or field,
in turn; the full tier sends it to all of them.
"""

import json
from base64 import b64decode
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.document import OPERATIONS
from tests.faults.requests import BODIES
from tests.security.writing import Deed, prepare
from tests.service import Actor, MakePost, MakeUser
from tests.tiers import FULL

_FOLDER = Path(__file__).with_name("corpora")
TEXTS = {
    name: b64decode(text) for name, text in json.loads((_FOLDER / "json_test_suite.json").read_text()).items()
} | {
    "n_structure_100000_opening_arrays": b"[" * 100_000,
    "n_structure_open_array_object": b'[{"":' * 50_000 + b"\n",
}
NAUGHTY: list[str] = json.loads((_FOLDER / "naughty_strings.json").read_text())
#: Bytes of a body that every operation takes; some take more.
_LEAST_LIMIT = 65_536

#: Every field of a body that may be any text.
FIELDS = [
    (operation, name)
    for operation, body in BODIES.items()
    for name, value in body.items()
    if isinstance(value, str)
]
#: Every other place in a request to which a client gives a text.
PLACES = [
    ("GET", "/api/v1/posts", "q"),
    ("GET", "/api/v1/posts", "cursor"),
    ("GET", "/api/v1/posts", "author_id"),
    ("GET", "/api/v1/users", "q"),
    ("GET", "/api/v1/posts/{}", ""),
    ("GET", "/api/v1/users/{}/posts", ""),
    ("GET", "/api/v1/users/me", "Authorization"),
    ("GET", "/api/v1/users/me", "If-None-Match"),
    ("GET", "/api/v1/users/me", "X-Request-Id"),
    ("POST", "/api/v1/posts", "Idempotency-Key"),
    ("POST", "/api/v1/posts", "Content-Type"),
]


def has_a_name_twice(text: bytes) -> bool:
    """Return whether an object of a text of JSON has a property twice, as Python's own parser sees it."""
    found = False

    def look(pairs: list[tuple[str, Any]]) -> None:
        nonlocal found
        found |= len(pairs) > len({name for name, _ in pairs})

    json.loads(text, object_pairs_hook=look)
    return found


def is_right(name: str, text: bytes, status: int) -> bool:
    """Return whether a text is rejected as what it is: 400 is not JSON, 422 not a body of the operation."""
    if name.startswith("n_"):
        return status == 400 or (status == 413 and len(text) > _LEAST_LIMIT)
    if name.startswith("i_"):
        return status in {400, 422}
    return status == 400 if has_a_name_twice(text) else status == 422 or status < 300


def dealt(cases: list[Any], places: list[Any]) -> list[tuple[Any, Any]]:
    """Return each case at one place, in turn; in the full tier at every one."""
    if FULL:
        return list(product(cases, places))
    return [(case, places[index % len(places)]) for index, case in enumerate(cases)]


@pytest.fixture
async def deeds(make_user: MakeUser, make_post: MakePost) -> dict[str, Deed]:
    return {operation: (await prepare(operation, make_user, make_post))[0] for operation in BODIES}


async def send(client: httpx.AsyncClient, deed: Deed, content: bytes) -> httpx.Response:
    headers = {"content-type": "application/json", "if-match": "*"}
    method = OPERATIONS[deed.operation].method
    return await client.request(method, deed.path, content=content, headers=headers, auth=deed.caller)


async def test_what_is_no_json_is_400_and_what_is_no_body_of_the_operation_422(
    client: httpx.AsyncClient, deeds: dict[str, Deed]
) -> None:
    answers = [
        (name, operation, (await send(client, deeds[operation], TEXTS[name])).status_code)
        for name, operation in dealt(list(TEXTS), list(BODIES))
    ]
    assert [each for each in answers if not is_right(each[0], TEXTS[each[0]], each[2])] == []


async def test_a_naughty_text_is_stored_as_it_is_or_rejected(
    client: httpx.AsyncClient, deeds: dict[str, Deed]
) -> None:
    stored = []
    for text, (operation, field) in dealt(NAUGHTY, FIELDS):
        body = {**BODIES[operation], field: text}
        answer = await send(client, deeds[operation], json.dumps(body).encode())
        assert answer.status_code < 500, (operation, field, text)
        if answer.is_success and answer.content and field in (resource := answer.json()):
            stored.append((operation, field, text, resource[field]))
    assert len(stored) > 50
    assert [each for each in stored if each[2] != each[3]] == []


async def test_a_naughty_text_anywhere_else_gets_a_response_of_the_contract(
    client: httpx.AsyncClient, user: Actor
) -> None:
    answers = [
        (place, text, await status_of(client, user, text, *place)) for text, place in dealt(NAUGHTY, PLACES)
    ]
    assert [each for each in answers if each[2] >= 500] == []


async def status_of(
    client: httpx.AsyncClient, user: Actor, text: str, method: str, path: str, place: str
) -> int:
    """Send a text in the path, or as a query parameter or a header."""
    request: dict[str, Any] = {"headers": {"authorization": f"Bearer {user.token}"}}
    if method == "POST":
        request["json"] = BODIES["create_post"]
    if place[:1].isupper():
        value = "".join(letter for letter in text if letter.isprintable()).strip()
        request["headers"][place] = value.encode("utf-8")
    elif place:
        request["params"] = {place: text}
    url = httpx.URL(client.base_url, raw_path=path.replace("{}", quoted(text)).encode())
    return (await client.request(method, url, **request)).status_code


def quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))
