"""The id of a request is one that the contract admits in its responses."""

import re
from typing import Any

import httpx
import pytest

from contractgen_runtime.mounting import mount
from contractgen_runtime.service.application import Service, wrap
from contractgen_runtime.service.request_ids import RequestIds

DIGITS, UUID = "[0-9a-f]{32}", "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
OWN = "3f2c7c1e-0a6b-4d58-9d43-1f0f5b1a7a11"


def contract(schema: Any, name: str = "x-request-ID") -> dict[str, Any]:
    """A contract whose 404, a component, has the header."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Books", "version": "1"},
        "paths": {"/books": {"get": {"responses": {"404": {"$ref": "#/components/responses/None"}}}}},
        "components": {
            "responses": {
                "None": {"description": "", "headers": {name: {"$ref": "#/components/headers/Id"}}}
            },
            "headers": {"Id": {"schema": schema}},
        },
    }


@pytest.mark.parametrize(
    ("schema", "sent", "expected"),
    [
        ({"type": "string", "format": "uuid"}, OWN, OWN),
        ({"type": "string", "format": "uuid"}, "0", UUID),
        ({"type": "string", "format": "uuid"}, None, UUID),
        ({"pattern": "^[0-9a-f-]{36}$"}, OWN, OWN),
        ({"pattern": "^[0-9a-f-]{36}$"}, "0", UUID),
        ({"maxLength": 35}, OWN, DIGITS),
        ({"maxLength": 35}, "0", "0"),
        ({"type": "string"}, "0", "0"),
        ({"type": "string"}, "a b", DIGITS),
        ({"type": "string", "maxLength": 3}, "0000", DIGITS),
        ({"minimum": 0, "exclusiveMinimum": True}, "0", "0"),
    ],
)
def test_an_id_that_the_contract_admits(schema: Any, sent: str | None, expected: str) -> None:
    found = RequestIds(contract(schema)).of(None if sent is None else sent.encode())
    assert re.fullmatch(expected, found)


def test_other_headers_decide_nothing() -> None:
    assert RequestIds(contract({"format": "uuid"}, "X-Correlation-Id")).of(b"0") == "0"


@pytest.mark.parametrize("is_mounted", [True, False])
async def test_a_mounted_contract_decides(is_mounted: bool) -> None:
    app = Service()
    if is_mounted:
        mount(app, [], contract({"format": "uuid"}), b"")
    wrap(app, allowed_hosts=["testserver"], origins=[])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as client:
        answer = await client.get("/books", headers={"x-request-id": "0"})
    assert re.fullmatch(UUID if is_mounted else "0", answer.headers["x-request-id"])
