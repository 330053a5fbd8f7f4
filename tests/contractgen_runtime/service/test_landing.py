"""The page at the root of a service: HTML for browsers, JSON for programs, made of the contract."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.contractgen.fuzz.notes import contract
from tests.contractgen_runtime.service.pages import serving

BROWSERS = {
    "Chromium": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Firefox": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "HTML alone": "text/html",
    "HTML rather": "application/json;q=0.5, text/html;q=0.6",
}
PROGRAMS = {
    "none": None,
    "curl": "*/*",
    "JSON": "application/json",
    "JSON rather": "application/json, text/html;q=0.9",
    "any text or JSON": "application/*, text/plain",
}


async def get(client: httpx.AsyncClient, accept: str | None) -> httpx.Response:
    request = client.build_request("GET", "/")
    del request.headers["accept"]
    if accept is not None:
        request.headers["accept"] = accept
    return await client.send(request)


def described(**info: str) -> Any:
    document = contract()
    document["info"] = {"title": "Notes", "version": "1.2", **info}
    return document


@pytest.mark.parametrize("accept", BROWSERS.values(), ids=BROWSERS)
async def test_a_browser_gets_html(accept: str) -> None:
    async with serving(described(summary="Short <notes>.")) as client:
        page = await get(client, accept)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["vary"] == "Accept"
    assert "<h1>Notes <small>1.2</small></h1>" in page.text
    assert "Short &lt;notes&gt;." in page.text


@pytest.mark.parametrize("accept", PROGRAMS.values(), ids=PROGRAMS)
async def test_a_program_gets_json(accept: str | None) -> None:
    async with serving(described(summary="Short notes.")) as client:
        answer = await get(client, accept)
        assert (answer.status_code, answer.headers["vary"]) == (200, "Accept")
        found = answer.json()
        assert (found["title"], found["version"], found["summary"]) == ("Notes", "1.2", "Short notes.")
        assert set(found["links"]) == {"docs", "redoc", "openapi.yaml", "openapi.json"}
        for link in found["links"].values():
            assert (await client.get(link)).status_code == 200


async def test_what_accepts_neither_is_refused() -> None:
    async with serving(described()) as client:
        answer = await get(client, "image/png")
    assert (answer.status_code, answer.headers["vary"]) == (406, "Accept")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_only_get_and_head_are_there() -> None:
    async with serving(described()) as client:
        head = await client.head("/")
        assert (head.status_code, head.content, head.headers["vary"]) == (200, b"", "Accept")
        assert (await client.post("/")).status_code == 405


async def test_a_description_is_rendered_and_brings_no_markup_of_its_own() -> None:
    text = "# Use\n\n- **one** `two`\n\n<script src='/x'></script> [x](javascript:alert) ![y](http://e.com/y.png)"
    async with serving(described(description=text), welcome="Look at [it](docs).") as client:
        page = (await get(client, "text/html")).text
    assert "<h3>Use</h3>" in page
    assert "<li><strong>one</strong> <code>two</code></li>" in page
    assert 'Look at <a href="docs">it</a>.' in page
    assert "<script" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page


async def test_a_contract_that_has_the_address_itself_has_precedence() -> None:
    document = contract()
    document["paths"] = {
        "/": {"post": {"operationId": "make", "responses": {"204": {"description": "Made."}}}}
    }
    async with serving(document) as client:
        assert (await client.get("/")).status_code == 405
        assert (await client.post("/")).status_code == 401


# The log-in ----------------------------------------------------------------------------------------------


def secured(scheme: dict[str, Any]) -> Any:
    document = contract()
    document["components"]["securitySchemes"] = {"session": scheme}
    return document


BEARER = {"type": "http", "scheme": "Bearer"}


async def log_in_of(document: Any) -> Any:
    async with serving(document) as client:
        found = (await client.get("/")).json().get("log_in")
        page = (await client.get("/docs")).text
        assert ('<form id="log-in"' in page) is (found is not None)
        return found


async def test_the_log_in_is_that_of_the_contract() -> None:
    found = await log_in_of(secured(BEARER))
    operation = contract()["paths"][found["path"]][found["method"].lower()]
    assert operation["operationId"] == "login"
    assert found["scheme"] == "session"
    assert "password" in [each["type"] for each in found["fields"]]
    assert found["token"] == "/access_token"


@pytest.mark.parametrize(
    "scheme",
    [
        {"type": "http", "scheme": "basic"},
        {"type": "apiKey", "in": "header", "name": "X-Key"},
        {"type": "oauth2", "flows": {}},
    ],
)
async def test_what_takes_no_bearer_token_has_no_log_in(scheme: dict[str, Any]) -> None:
    assert await log_in_of(secured(scheme)) is None


def carriers() -> Iterator[tuple[dict[str, Any], str]]:
    yield BEARER, "<code>Authorization: Bearer …</code>"
    yield {"type": "apiKey", "in": "query", "name": "a<b"}, "a key in <code>a&lt;b</code> (query)"
    yield {"type": "oauth2", "flows": {}}, "an access token in <code>Authorization: Bearer …</code>"
    yield {"type": "mutualTLS"}, "mutualTLS"


@pytest.mark.parametrize(("scheme", "text"), list(carriers()))
async def test_the_page_says_where_a_credential_goes(scheme: dict[str, Any], text: str) -> None:
    async with serving(secured(scheme)) as client:
        assert f"<p><code>session</code>: {text}</p>" in (await get(client, "text/html")).text
