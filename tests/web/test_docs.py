"""The pages of documentation: complete without the internet, under a policy that forbids it."""

import re
from pathlib import Path

import httpx
import orjson
import pytest
import yaml

from tests.contract.document import PATH

CONTRACT = Path(PATH)


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
    assert "<title>Pressroom</title>" in page.text


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_a_page_runs_no_script_but_ours(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path)
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["style-src"] == ("'self'" if path == "/docs" else "'self' 'unsafe-inline'")
    assert not any("http" in sources for sources in policy.values())
    assert re.findall(r"<script(?![^>]* src=)|\son\w+=|<style|style=", page.text) == []


async def test_what_starts_swagger_ui_reads_the_contract(client: httpx.AsyncClient) -> None:
    script = await client.get("/docs/start.js")
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert 'url: "/openapi.json"' in script.text


async def test_assets_may_be_kept_and_pages_not(client: httpx.AsyncClient) -> None:
    asset = await client.get("/docs/assets/swagger-ui.css")
    assert asset.headers["content-type"] == "text/css; charset=utf-8"
    assert asset.headers["cache-control"] == "public, max-age=86400"
    assert (await client.get("/docs")).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["none.js", "../core.py", "%2e%2e%2fcore.py", "__init__.py", ""])
async def test_no_other_file_is_served(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.get(f"/docs/assets/{name}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "path", ["/docs", "/redoc", "/docs/assets/favicon.png", "/openapi.yaml", "/openapi.json"]
)
async def test_every_answer_has_the_security_headers(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"
    assert "default-src 'none'" in headers["content-security-policy"]


async def test_the_contract_is_served_byte_for_byte(client: httpx.AsyncClient) -> None:
    served = await client.get("/openapi.yaml")
    assert served.content == CONTRACT.read_bytes()
    assert served.headers["content-type"] == "application/yaml"
    as_json = await client.get("/openapi.json")
    assert as_json.json() == orjson.loads(orjson.dumps(yaml.safe_load(served.content), default=str))
