"""The contract and its pages as the service has them; the pages' own tests are those of the run-time."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import orjson
import pytest
import yaml

from contractgen_runtime.pointers import find_at
from pressroom import limits
from pressroom.main import create_app
from pressroom.settings import Settings
from pressroom_api import operations
from tests.contract.document import PATH
from tests.service import Actor, serving

CONTRACT = Path(PATH)


@pytest.mark.parametrize("path", ["/", "/docs", "/redoc"])
async def test_a_page_has_the_title_of_the_contract(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path, headers={"accept": "text/html"})
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<title>Pressroom" in page.text


async def test_what_the_first_page_links_to_is_there(client: httpx.AsyncClient) -> None:
    page = await client.get("/", headers={"accept": "text/html"})
    links = set(re.findall(r'href="([^"]+)"', page.text))
    assert "api/v1/posts" in links
    for link in links:
        assert (await client.get(urljoin("/", link))).status_code == 200, link


async def test_a_program_finds_the_log_in(client: httpx.AsyncClient, user: Actor) -> None:
    log_in = (await client.get("/")).json()["log_in"]
    account = {"email": user.email, "password": user.password}
    assert [each["name"] for each in log_in["fields"]] == list(account)
    answer = await client.request(log_in["method"], log_in["path"], json=account)
    assert find_at(answer.json(), log_in["token"])


@pytest.mark.parametrize("is_public", [True, False])
async def test_pages_and_contract_can_be_for_nobody(settings: Settings, is_public: bool) -> None:
    """A problem's page stays, without links to pages that are not there."""
    changed = {"public_pages": is_public, "public_contract": is_public}
    async with serving(create_app(settings.model_copy(update=changed))) as client:
        paths = ("/", "/docs", "/docs/openapi.json", "/redoc", "/openapi.json", "/openapi.yaml")
        statuses = {path: (await client.get(path)).status_code for path in paths}
        problem = await client.get("/problems/wrong-password", headers={"accept": "text/html"})
        links = re.findall(r'href="([^"]*)"', problem.text)
        assert [(await client.get(urljoin("/problems/", link))).status_code for link in links if link]
    assert set(statuses.values()) == {200 if is_public else 404}
    assert ("../docs" in links) == is_public


async def test_the_pages_show_rate_limits_and_roles(client: httpx.AsyncClient) -> None:
    """The limits are those that are counted: the settings of the tests multiply them by a thousand."""
    shown = (await client.get("/docs/openapi.json")).json()
    found = {
        node["operationId"]: node.get("description", "")
        for item in shown["paths"].values()
        for node in item.values()
        if isinstance(node, dict)
    }
    limited = [name for name, text in found.items() if text.startswith("**Rate limit** `")]
    assert len(limited) == len(operations.X_RATE_LIMIT)
    assert "10,000 in 300 s for an account, 100,000 in 300 s for an address\n" in found[log_in_of(shown)]
    assert limits.note(0, "", {"x-rate-limit": operations.X_RATE_LIMIT["login"]}) == ""
    assert (
        "**Needs** `bearerAuth` with the role `admin`"
        in shown["paths"]["/api/v1/users"]["get"]["description"]
    )


def log_in_of(document: Any) -> str:
    return str(document["paths"]["/api/v1/auth/login"]["post"]["operationId"])


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/redoc", "/docs/assets/favicon.png", "/openapi.yaml", "/openapi.json"]
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
