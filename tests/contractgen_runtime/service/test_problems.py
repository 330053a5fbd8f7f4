from typing import Any

import httpx
import pytest
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from contractgen_runtime.service.application import Service
from contractgen_runtime.service.edge import Edge
from contractgen_runtime.service.problems import install_problems


class Body(BaseModel):
    size: int


def application() -> FastAPI:
    app = Service()
    install_problems(app)
    app.add_middleware(Edge, allowed_hosts=["testserver"], log=lambda _: None)

    @app.post("/things")
    async def make(body: Body, limit: int = 1) -> None:
        raise RuntimeError("canary")

    @app.get("/teapot")
    async def teapot() -> None:
        raise HTTPException(418, "Short and stout.", {"x-handle": "here"})

    @app.get("/odd")
    async def odd() -> None:
        raise HTTPException(404, {"any": "json"})

    @app.get("/unchanged")
    async def unchanged() -> None:
        raise HTTPException(304, headers={"etag": '"1"'})

    return app


async def ask(method: str, path: str, **request: Any) -> httpx.Response:
    transport = httpx.ASGITransport(application())
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        return await client.request(method, path, **request)


@pytest.mark.parametrize(
    ("method", "path", "request_", "status", "title", "detail"),
    [
        ("GET", "/canary", {}, 404, "Not Found", "There is nothing at this address."),
        ("GET", "/things", {}, 405, "Method Not Allowed", "This address does not take this method."),
        ("GET", "/odd", {}, 404, "Not Found", "There is nothing at this address."),
        ("GET", "/teapot", {}, 418, "I'm a Teapot", "Short and stout."),
        (
            "POST",
            "/things?limit=canary",
            {"json": {"size": "canary"}},
            422,
            "Unprocessable Content",
            "The request is not valid; see its body and query.",
        ),
        (
            "POST",
            "/things",
            {"content": b'{"canary', "headers": {"content-type": "application/json"}},
            422,
            "Unprocessable Content",
            "The request is not valid; see its body.",
        ),
        (
            "POST",
            "/things",
            {"json": {"size": 1}},
            500,
            "Internal Server Error",
            "The service failed to answer this request.",
        ),
    ],
)
async def test_everything_raised_is_a_problem(
    *, method: str, path: str, request_: dict[str, Any], status: int, title: str, detail: str
) -> None:
    answer = await ask(method, path, **request_)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {"type": "about:blank", "title": title, "status": status, "detail": detail}
    assert answer.status_code == status
    assert "x-request-id" in answer.headers


async def test_headers_of_the_exception_stay() -> None:
    assert (await ask("GET", "/things")).headers["allow"] == "POST"
    assert (await ask("GET", "/teapot")).headers["x-handle"] == "here"


async def test_not_modified_has_no_body() -> None:
    answer = await ask("GET", "/unchanged")
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"1"')
