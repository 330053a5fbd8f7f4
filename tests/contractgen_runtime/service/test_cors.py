import httpx
import pytest
from starlette.types import Receive, Scope, Send

from contractgen_runtime.service.cors import Cors

ORIGIN = "https://app.example.com"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"content-type", b"application/json"), (b"vary", b"Accept")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{}"})


async def ask(method: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(Cors(app, origins=[ORIGIN]))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await client.request(method, "/", headers=named)


def permissions(answer: httpx.Response) -> list[str]:
    return [name for name in answer.headers if name.startswith("access-control-")]


async def test_preflight_is_granted() -> None:
    answer = await ask(
        "OPTIONS",
        origin=ORIGIN,
        access_control_request_method="PATCH",
        access_control_request_headers="authorization, content-type, x-request-id",
    )
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    assert "Authorization" in answer.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in answer.headers
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize(
    ("origin", "method", "header"),
    [
        ("https://evil.test", "GET", "authorization"),
        ("null", "GET", "authorization"),
        (ORIGIN + ".evil.test", "GET", "authorization"),
        (ORIGIN, "TRACE", "authorization"),
        (ORIGIN, "GET", "x-unknown"),
    ],
)
async def test_preflight_is_refused_without_permission(origin: str, method: str, header: str) -> None:
    answer = await ask(
        "OPTIONS",
        origin=origin,
        access_control_request_method=method,
        access_control_request_headers=header,
    )
    assert (answer.status_code, answer.content) == (204, b"")
    assert permissions(answer) == []
    assert "content-type" not in answer.headers
    assert "Origin" in answer.headers["vary"]


async def test_request_of_an_allowed_origin_may_read_the_answer() -> None:
    answer = await ask("GET", origin=ORIGIN)
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    exposed = answer.headers["access-control-expose-headers"].split(", ")
    assert {"X-Request-Id", "Location", "Retry-After", "Deprecation", "Sunset"} <= set(exposed)
    assert {"Accept", "Origin"} <= set(answer.headers["vary"].split(", "))


async def test_request_of_another_origin_may_not() -> None:
    answer = await ask("GET", origin="https://evil.test")
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


async def test_request_without_origin_passes_untouched() -> None:
    answer = await ask("GET")
    assert permissions(answer) == []
    assert answer.headers["vary"] == "Accept"
