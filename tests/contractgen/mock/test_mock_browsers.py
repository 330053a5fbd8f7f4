"""Pages of other origins read what a mock sends, and its documentation pages are its own."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from contractgen.mock.application import create_mock
from contractgen.mock.browsers import admit_browsers
from tests.contractgen.mocked import pets
from tests.contractgen.packages import read_document

PAGE = "http://localhost:3000"


def client_of(folder: Path, *origins: str, **changes: Any) -> httpx.AsyncClient:
    folder.mkdir(exist_ok=True)
    mock = create_mock(read_document(folder, pets() | changes), folder)
    admit_browsers(mock.app, mock.contract, origins)
    return httpx.AsyncClient(transport=httpx.ASGITransport(mock.app), base_url="http://testserver")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> httpx.AsyncClient:
    return client_of(tmp_path_factory.mktemp("mock"))


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "HEAD"])
async def test_a_preflight_is_permitted_for_every_method_and_header(
    client: httpx.AsyncClient, method: str
) -> None:
    response = await client.options(
        "/pets/7",
        headers={
            "origin": PAGE,
            "access-control-request-method": method,
            "access-control-request-headers": "authorization, content-type, if-match, prefer, x-any",
            "access-control-request-private-network": "true",
        },
    )
    headers = response.headers
    assert (response.status_code, headers["access-control-allow-origin"]) == (200, PAGE)
    assert method in headers["access-control-allow-methods"].split(", ")
    assert headers["access-control-allow-headers"].split(", ")[-1] == "x-any"
    assert headers["access-control-allow-credentials"] == "true"
    assert headers["access-control-allow-private-network"] == "true"


@pytest.mark.parametrize(
    ("path", "status"), [("/pets", 200), ("/pets?limit=11", 422), ("/nowhere", 404), ("/riddle", 501)]
)
async def test_every_response_can_be_read(client: httpx.AsyncClient, path: str, status: int) -> None:
    response = await client.get(path, headers={"origin": PAGE})
    assert (response.status_code, response.headers["access-control-allow-origin"]) == (status, PAGE)
    exposed = response.headers["access-control-expose-headers"].split(", ")
    assert exposed == ["Location", "Preference-Applied", "X-Contractgen-Mocked"]


async def test_origins_are_narrowed(tmp_path: Path) -> None:
    client = client_of(tmp_path, PAGE)
    granted = await client.get("/pets", headers={"origin": PAGE})
    other = await client.get("/pets", headers={"origin": "http://localhost:3001"})
    assert granted.headers["access-control-allow-origin"] == PAGE
    assert "access-control-allow-origin" not in other.headers


async def test_the_pages_send_their_requests_to_the_mock(tmp_path: Path) -> None:
    """The contract itself is served as it is."""
    servers = [{"url": "https://{region}.example.com/v1", "variables": {"region": {"default": "eu"}}}]
    document = pets()
    document["paths"]["/feed"]["servers"] = [{"url": "https://feeds.example.com"}]
    client = client_of(tmp_path, servers=servers, paths=document["paths"])
    shown = (await client.get("/docs/openapi.json")).json()
    assert shown["servers"] == [{"url": "/v1"}]
    assert shown["paths"]["/feed"].get("servers") is None
    assert shown["paths"]["/feed"]["get"]["servers"] == [{"url": "/"}]
    assert (await client.get("/v1/pets")).status_code == (await client.get("/feed")).status_code == 200
    served = (await client.get("/openapi.json")).json()
    assert (served["servers"], served["paths"]["/feed"]["servers"][0]["url"]) == (
        servers,
        "https://feeds.example.com",
    )


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_the_pages_load_nothing_from_elsewhere(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path)
    assert page.status_code == 200
    assert "//" not in page.text
