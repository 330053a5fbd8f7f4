"""The pages of documentation: complete without the internet, under a policy that forbids it."""

import re
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from tests.contractgen.packages import contract
from tests.contractgen_runtime.service.pages import serving

PAGES = ["/", "/docs", "/redoc"]
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def titled(title: str) -> Any:
    document = contract()
    document["info"]["title"] = title
    return document


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with serving(titled("Books")) as client:
        yield client


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_loads_all_that_it_needs_from_here(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path, headers=BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    loaded = re.findall(r'(?:src|href|data-document)="([^"]+)"', page.text)
    assert len(loaded) >= 7
    for address in loaded:
        assert "//" not in address, address
        asset = await client.get(urljoin(path, address))
        assert asset.status_code == 200, address
        assert len(asset.content) > 50


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_needs_no_prefix_of_a_proxy(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path, headers=BROWSER)
    assert [
        each for each in re.findall(r'(?:src|href|data-\w+)="([^"]+)"', page.text) if each[0] == "/"
    ] == []


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_runs_no_script_but_ours(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path, headers=BROWSER)
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    for directive in ("default-src", "base-uri", "form-action", "frame-ancestors"):
        assert policy[directive] == "'none'"
    assert policy.get("script-src", "'self'") == policy.get("connect-src", "'self'") == "'self'"
    assert policy["style-src"] == ("'self' 'unsafe-inline'" if path == "/redoc" else "'self'")
    assert not any("http" in sources or "*" in sources for sources in policy.values())
    assert re.findall(r"<script(?![^>]* src=)|\son\w+=|<style|style=", page.text) == []


@pytest.mark.parametrize("path", PAGES)
async def test_a_title_is_text_and_no_markup(path: str) -> None:
    async with serving(titled('</title><script src="/x">')) as client:
        page = await client.get(path, headers=BROWSER)
        assert "<title>&lt;/title&gt;&lt;script src=&quot;/x&quot;&gt;" in page.text
        assert '<script src="/x">' not in page.text


async def test_redoc_is_served_without_the_logo_of_its_maker(client: httpx.AsyncClient) -> None:
    """The package names it once; a version that names it otherwise fails in the tests in a browser."""
    package = Path(str(files("fastapi_offline") / "static" / "redoc.standalone.js")).read_bytes()
    served = (await client.get("/docs/assets/redoc.standalone.js")).content
    assert (package.count(b"cdn.redoc.ly"), served.count(b"cdn.redoc.ly")) == (1, 0)


async def test_assets_may_be_kept_and_pages_not(client: httpx.AsyncClient) -> None:
    asset = await client.get("/docs/assets/swagger-ui.css")
    assert asset.headers["content-type"] == "text/css; charset=utf-8"
    assert asset.headers["cache-control"] == "public, max-age=86400"
    assert (await client.get("/docs")).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["none.js", "../core.py", "%2e%2e%2fcore.py", "__init__.py", ""])
async def test_no_other_file_is_served(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.get(f"/docs/assets/{name}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
