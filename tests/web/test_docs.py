"""The contract and its pages as the service has them; the pages' own tests are those of the run-time."""

from pathlib import Path

import httpx
import orjson
import pytest
import yaml

from tests.contract.document import PATH

CONTRACT = Path(PATH)


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_a_page_has_the_title_of_the_contract(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<title>Pressroom</title>" in page.text


async def test_what_starts_swagger_ui_reads_the_contract(client: httpx.AsyncClient) -> None:
    assert 'url: "/openapi.json"' in (await client.get("/docs/start.js")).text


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
