"""The pages of documentation: complete without the internet, under a policy that forbids it."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from contractgen_runtime.service.application import Service, wrap


def serving(document_url: str = "/openapi.json", title: str = "Books") -> httpx.AsyncClient:
    app = Service(title=title)
    wrap(app, allowed_hosts=["testserver"], origins=[], document_url=document_url)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with serving() as client:
        yield client


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_a_page_loads_all_that_it_needs_from_here(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    loaded = re.findall(r'(?:src|href|spec-url)="([^"]+)"', page.text)
    assert len(loaded) >= 3
    for address in loaded:
        assert address.startswith("/"), address
        asset = await client.get(address)
        assert asset.status_code == 200, address
        assert len(asset.content) > 50
    assert "<title>Books</title>" in page.text


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_a_page_runs_no_script_but_ours(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path)
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["style-src"] == ("'self'" if path == "/docs" else "'self' 'unsafe-inline'")
    assert not any("http" in sources for sources in policy.values())
    assert re.findall(r"<script(?![^>]* src=)|\son\w+=|<style|style=", page.text) == []


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_a_title_is_text_and_no_markup(path: str) -> None:
    async with serving(title='</title><script src="/x">') as client:
        assert (
            "<title>&lt;/title&gt;&lt;script src=&quot;/x&quot;&gt;</title>" in (await client.get(path)).text
        )


async def test_the_pages_show_the_document_that_they_are_given() -> None:
    async with serving("/marked.json?a=1&b=2") as client:
        script = await client.get("/docs/start.js")
        assert script.headers["content-type"] == "text/javascript; charset=utf-8"
        assert 'url: "/marked.json?a=1&b=2"' in script.text
        assert 'spec-url="/marked.json?a=1&amp;b=2"' in (await client.get("/redoc")).text


async def test_assets_may_be_kept_and_pages_not(client: httpx.AsyncClient) -> None:
    asset = await client.get("/docs/assets/swagger-ui.css")
    assert asset.headers["content-type"] == "text/css; charset=utf-8"
    assert asset.headers["cache-control"] == "public, max-age=86400"
    assert (await client.get("/docs")).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["none.js", "../core.py", "%2e%2e%2fcore.py", "__init__.py", ""])
async def test_no_other_file_is_served(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.get(f"/docs/assets/{name}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
