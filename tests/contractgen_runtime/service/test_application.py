"""The application of a service: the order of what surrounds its routes, and what is off."""

import gc
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from contractgen_runtime.service import failures
from contractgen_runtime.service.application import Service, freeze_garbage, wrap
from contractgen_runtime.service.edge import Edge
from contractgen_runtime.service.serving import address_of, listen
from tests.contractgen.golden.library.expected import operations

ORIGIN = "https://app.example.com"


def application(**more: Any) -> FastAPI:
    app = Service(title="Books")

    @app.get("/boom")
    async def boom() -> None:
        raise ZeroDivisionError("the inside")

    wrap(app, allowed_hosts=["testserver"], origins=[ORIGIN], **more)
    return app


async def ask(app: FastAPI, path: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://testserver", headers={"origin": ORIGIN}
    ) as client:
        return await client.get(path, headers=headers)


def test_the_edge_is_outermost() -> None:
    assert isinstance(application().build_middleware_stack(), Edge)


def test_without_middleware_it_is_a_fastapi_like_any_other() -> None:
    assert Service().build_middleware_stack() is not None


async def test_a_web_application_can_read_a_failure() -> None:
    """The permission of CORS is on responses of the routes, and so is what the edge adds to all."""
    answer = await ask(application(), "/none")
    assert answer.status_code == 404
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await ask(application(), "/boom")).json()["status"] == 500


async def test_headers_of_a_service_stand_beside_those_of_all() -> None:
    app = application(request_headers=["X-Own"], exposed_headers=["X-Seen", "ETag"])
    exposed = (await ask(app, "/none")).headers["access-control-expose-headers"].split(", ")
    assert exposed[-1] == "X-Seen"
    assert len(exposed) == len({*exposed})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as client:
        preflight = await client.options(
            "/none",
            headers={
                "origin": ORIGIN,
                "access-control-request-method": "GET",
                "access-control-request-headers": "x-own, authorization",
            },
        )
    assert {"X-Own", "Authorization"} <= set(preflight.headers["access-control-allow-headers"].split(", "))


async def test_arguments_are_those_of_fastapi() -> None:
    app = Service(title="Books", docs_url="/own", openapi_url="/document.json")
    assert (app.title, app.docs_url, app.redoc_url, app.openapi_url) == (
        "Books",
        "/own",
        None,
        "/document.json",
    )


@pytest.fixture
def frozen() -> Iterator[tuple[int, int]]:
    """How many objects are frozen, and after how many new ones the garbage is collected."""
    before = gc.get_threshold()
    freeze_garbage()
    yield gc.get_freeze_count(), gc.get_threshold()[0]
    gc.unfreeze()
    gc.set_threshold(*before)


def test_what_exists_is_no_longer_searched_for_garbage(frozen: tuple[int, int]) -> None:
    objects, threshold = frozen
    assert objects > 10_000
    assert threshold > 700


@pytest.mark.parametrize(
    ("error", "status", "event", "level"),
    [
        (ConnectionError("gone"), 503, "unavailable", "warning"),
        (ZeroDivisionError("gone"), 500, "unhandled_exception", "error"),
    ],
)
def test_a_failure_is_logged_and_says_nothing_of_itself(
    monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, event: str, level: str
) -> None:
    entries: list[dict[str, Any]] = []
    monkeypatch.setattr(failures, "write_line", entries.append)
    operation: Any = type("Operation", (), {"operation_id": "get_book"})
    refusal = failures.failure(error, operation, {"request_id": "seven"}, outages=(OSError,))
    assert isinstance(refusal, operations.Refusal)
    encoded_status, headers, body = refusal.encode()
    assert (encoded_status, b"gone" in body) == (status, False)
    assert ((b"retry-after", b"1") in headers) == (status == 503)
    (entry,) = entries
    named = [entry[name] for name in ("event", "level", "request_id", "operation", "error")]
    assert named == [event, level, "seven", "get_book", type(error).__name__]


def test_without_outages_every_error_is_a_500(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "write_line", lambda _: None)
    operation: Any = type("Operation", (), {"operation_id": "get_book"})
    assert failures.failure(OSError(), operation, {}).status == 500


@pytest.mark.parametrize(
    ("host", "address"), [("127.0.0.1", "http://127.0.0.1"), ("0.0.0.0", "http://127.0.0.1")]
)
def test_an_address_is_one_that_can_be_opened(host: str, address: str) -> None:
    with listen(host, 0) as listener:
        port = listener.getsockname()[1]
        assert address_of(listener) == f"{address}:{port}"
        with socket.create_connection(("127.0.0.1", port)):
            pass


def test_a_taken_port_is_an_error() -> None:
    with listen("127.0.0.1", 0) as listener, pytest.raises(OSError, match="in use"):
        listen("127.0.0.1", listener.getsockname()[1])
