"""Which operation a request reaches, and with which values from its path."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any, Literal

import pytest
import uvicorn
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.routing import NoMatchFound

from contractgen_runtime.operations import Operation
from contractgen_runtime.paths import PathTable
from contractgen_runtime.routing import ContractRoute, ContractRouter
from tests.contractgen.service import Answer, ask


def routes(*paths: str) -> list[Any]:
    """Routes that answer with the path's template and its values; of GET, or `PUT /path`."""

    class Named(ContractRoute):
        async def respond(self, scope: Any, receive: Any) -> Any:
            values = ",".join(f"{k}={v}" for k, v in scope["path_params"].items())
            return 200, [], f"{self.operation.path} {values}".encode()

    service: Any = FastAPI()
    made = []
    for each in paths:
        method, path = ("GET", each) if each.startswith("/") else each.split(" ")
        how: Any = {"security": (), "parameters": (), "body": None, "responses": ()}
        made.append(Named(Operation("op", "tag", method, path, **how), _nothing, service))
    return made


async def _nothing(*arguments: Any) -> Any:
    raise AssertionError("nothing should be called")


def router(*paths: str) -> ContractRouter:
    async def otherwise(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": []})

    return ContractRouter(otherwise, routes(*paths))


async def found(app: ContractRouter, path: str, method: str = "GET") -> str:
    answer = await ask(app, method, path)
    return answer.body.decode() if answer.status == 200 else str(answer.status)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a", "/a "),
        ("/a/me", "/a/me "),
        ("/a/1", "/a/{x} x=1"),
        ("/a/1/b", "/a/{x}/b x=1"),
        ("/a/1/b/2", "/a/{x}/b/{y} x=1,y=2"),
        ("/a/me/b", "/a/{x}/b x=me"),
        ("/1/2", "/{x}/{y} x=1,y=2"),
        ("/a.b/é", "/{x}/{y} x=a.b,y=é"),
        ("/a/a\nb", "/a/{x} x=a\nb"),
        ("/v1.0/x+y", "/v1.0/x+y "),
        ("/v1x0/x+y", "/{x}/{y} x=v1x0,y=x+y"),
    ],
)
async def test_paths_find_their_template(path: str, expected: str) -> None:
    app = router("/a/{x}", "/a", "/a/{x}/b", "/a/{x}/b/{y}", "/a/me", "/{x}/{y}", "/v1.0/x+y")
    assert await found(app, path) == expected


@pytest.mark.parametrize(
    "path", ["", "/", "*", "/a/", "/a//b", "/a/1/", "/a/1/b/", "/a/1/c", "/a/1/b/2/3", "/b", "a/1", "//a"]
)
async def test_paths_of_no_template(path: str) -> None:
    assert await found(router("/a/{x}", "/a", "/a/{x}/b", "/a/{x}/b/{y}"), path) == "404"


async def test_a_trailing_slash_is_a_path_of_its_own() -> None:
    app = router("/", "/a/", "/b", "/{x}/y/")
    for path, expected in {
        "/": "/ ",
        "/a/": "/a/ ",
        "/a": "404",
        "/b": "/b ",
        "/b/": "404",
        "/1/y/": "/{x}/y/ x=1",
        "/1/y": "404",
    }.items():
        assert await found(app, path) == expected


@pytest.mark.parametrize(
    ("template", "path", "expected"),
    [
        ("/t/{a}.{b}", "/t/1.2", "a=1,b=2"),
        ("/t/{a}.{b}", "/t/a.tar.gz", "a=a.tar,b=gz"),
        ("/t/{a}.{b}", "/t/.2", None),
        ("/t/{a}.{b}", "/t/1.", None),
        ("/t/{a}.{b}", "/t/...", "a=.,b=."),
        ("/t/{a}.{b}", "/t/a%2Eb", "a=a,b=b"),
        ("/t/{x},{y}", "/t/1,2", "x=1,y=2"),
        ("/t/{x},{y}", "/t/1%2C2", None),
        ("/t/{x},{y}", "/t/a%2Cb,c%2Cd", "x=a,b,y=c,d"),
        ("/t/{name}.json", "/t/a.json", "name=a"),
        ("/t/{name}.json", "/t/a%2Fb.json", "name=a/b"),
        ("/t/{name}.json", "/t/.json", None),
        ("/t/{name}.json", "/t/a.jsonx", None),
        ("/t/{id}:cancel", "/t/1:cancel", "id=1"),
        ("/t/{id}:cancel", "/t/1%3Acancel", None),
        ("/t/{id}:cancel", "/t/a:b:cancel", "id=a:b"),
        ("/t/v{major}-{minor}x", "/t/v1-2x", "major=1,minor=2"),
        ("/t/é{a}", "/t/%c3%a9%C3%A9", "a=é"),
        ("/t/a b{a}", "/t/a%20bc", "a=c"),
        ("/t/{a-b}/{user.id}", "/t/1/2", "a-b=1,user.id=2"),
        ("/t/{a}.{b}.{c}", "/t/1.2.3.4", "a=1.2,b=3,c=4"),
    ],
)
async def test_placeholders_within_a_segment(template: str, path: str, expected: str | None) -> None:
    assert await found(router(template), path) == ("404" if expected is None else f"{template} {expected}")


async def test_many_placeholders_in_a_long_segment_cost_no_more_than_its_length() -> None:
    app = router("/{a}.{b}.{c}.{d}.{e}x")
    started = time.perf_counter()
    assert await found(app, "/" + "." * 200_000) == "404"
    assert time.perf_counter() - started < 1


async def test_the_most_literal_template_wins_in_whatever_order() -> None:
    templates = ["/{x}/{y}", "/{x}/b.{y}", "/{x}/b.{y}.z", "/{x}/b", "/a.{x}/{y}", "/a/{y}", "/a/b"]
    wanted = {
        "/a/b": "/a/b ",
        "/a/c": "/a/{y} y=c",
        "/c/b": "/{x}/b x=c",
        "/a.c/b": "/a.{x}/{y} x=c,y=b",
        "/c/b.d": "/{x}/b.{y} x=c,y=d",
        "/c/b.d.z": "/{x}/b.{y}.z x=c,y=d",
        "/c/d": "/{x}/{y} x=c,y=d",
    }
    for order in (templates, templates[::-1]):
        app = router(*order)
        assert {path: await found(app, path) for path in wanted} == wanted


async def test_an_overlapping_template_has_the_method_that_a_more_literal_one_has_not() -> None:
    app = router("/a/{x}", "PUT /{y}/{x}", "PATCH /b")
    assert await found(app, "/a/me") == "/a/{x} x=me"
    assert await found(app, "/a/me", "PUT") == "/{y}/{x} y=a,x=me"
    for method, status in (("POST", 405), ("OPTIONS", 204)):
        answer = await ask(app, method, "/a/me")
        assert (answer.status, answer.header("allow")) == (status, "GET, HEAD, OPTIONS, PUT")
    assert (await ask(app, "GET", "/b")).header("allow") == "OPTIONS, PATCH"


async def test_a_literal_path_has_nothing_of_a_template() -> None:
    app = router("/a/me", "DELETE /a/{x}", "GET /a/{x}")
    assert await found(app, "/a/me") == "/a/me "
    assert await found(app, "/a/it", "DELETE") == "/a/{x} x=it"
    for method, status in (("DELETE", 405), ("OPTIONS", 204)):
        answer = await ask(app, method, "/a/me")
        assert (answer.status, answer.header("allow")) == (status, "GET, HEAD, OPTIONS")


async def test_declared_methods_answer_themselves() -> None:
    app = router("HEAD /a", "OPTIONS /a", "TRACE /a", "QUERY /a", "copy /a", "HEAD /b", "/b")
    for method in ("HEAD", "OPTIONS", "TRACE", "QUERY", "copy"):
        answer = await ask(app, method, "/a")
        assert (answer.status, answer.header("content-length")) == (200, "3")
    assert (await ask(app, "GET", "/a")).header("allow") == "HEAD, OPTIONS, QUERY, TRACE, copy"
    assert (await ask(app, "COPY", "/a")).status == 405
    assert (await ask(app, "HEAD", "/b")).body == b""


async def test_a_path_that_is_written_in_two_ways() -> None:
    app = router("/café", "PUT /caf%C3%A9", "/{x}", "DELETE /{x}")
    assert await found(app, "/caf%C3%A9") == "/café "
    assert await found(app, "/caf%c3%a9", "PUT") == "/caf%C3%A9 "
    assert (await ask(app, "DELETE", "/caf%C3%A9")).header("allow") == "GET, HEAD, OPTIONS, PUT"


# Percent-encoding ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a/1%2Fb", "/a/{x} x=1/b"),
        ("/a/1%2fb", "/a/{x} x=1/b"),
        ("/a%2F1", "404"),
        ("/a/%E2%82%AC", "/a/{x} x=€"),
        ("/a/%252F", "/a/{x} x=%2F"),
        ("/a/100%", "/a/{x} x=100%"),
        ("/a/%zz", "/a/{x} x=%zz"),
        ("/a/a+b", "/a/{x} x=a+b"),
        ("/a/%00", "/a/{x} x=\x00"),
        ("/%61/m%65", "/a/me "),
        ("/caf%C3%A9", "/café "),
        ("/na%c3%afve", "/na%C3%AFve "),
        ("/a%20b", "/a b "),
        ("/x%2Fy", "/x%2Fy "),
        ("/x/y", "404"),
        ("/%252F", "/%252F "),
        ("/%2F", "404"),
        ("/1%2F2/3", "/{x}/3 x=1/2"),
    ],
)
async def test_percent_encoded_paths(path: str, expected: str) -> None:
    app = router("/a/{x}", "/a/me", "/café", "/na%C3%AFve", "/a b", "/x%2Fy", "/%252F", "/{x}/3")
    assert await found(app, path) == expected


@pytest.mark.parametrize("text", ["%ff", "%C3", "a%ED%A0%80", "%C0%AF", "%F5%80%80%80"])
async def test_what_is_not_utf_8_is_no_path(text: str) -> None:
    assert await found(router("/{x}", "/a/{x}.json"), f"/{text}") == "404"
    assert await found(router("/{x}", "/a/{x}.json"), f"/a/{text}.json") == "404"


@given(st.text(min_size=1))
def test_a_value_arrives_as_it_was_encoded(value: str) -> None:
    encoded = value.encode("utf-8", "replace")
    path = "/" + "".join(f"%{byte:02X}" for byte in encoded)
    assert asyncio.run(found(router("/{x}"), path)) == f"/{{x}} x={encoded.decode()}"


async def test_the_text_as_it_was_sent_goes_along() -> None:
    (route,) = routes("/{x},{y}")
    scopes: list[Any] = []

    async def respond(scope: Any, receive: Any) -> Any:
        scopes.append(scope)
        return 204, [], b""

    route.respond = respond
    app = ContractRouter(_nothing, [route])
    await ask(app, "GET", "/a%2cb,c")
    await ask(app, "GET", "/a,b")
    assert scopes[0]["path_params"] == {"x": "a,b", "y": "c"}
    assert scopes[0]["raw_path_params"] == {"x": "a%2Cb", "y": "c"}
    assert scopes[1]["path_params"] == {"x": "a", "y": "b"}
    assert "raw_path_params" not in scopes[1]


# Within an application ----------------------------------------------------------------------------------


def application() -> FastAPI:
    app = FastAPI()
    app.router.routes.extend(made := routes("/a/{x}", "/a/{x}/b"))

    @app.get("/mine/{x}")
    async def mine(x: str) -> str:
        return x

    app.add_middleware(ContractRouter, routes=made)
    return app


@pytest.mark.parametrize(
    ("path", "status"), [("/a/1", 200), ("/a/%ff", 404), ("/a/1%2Fb%2Fc", 200), ("/mine/1", 200), ("/a", 404)]
)
async def test_fastapi_finds_no_contract_route_that_the_table_has_not(path: str, status: int) -> None:
    """FastAPI compares decoded paths: `/a/%ff` and `/a%2F1/b` would look like paths of the contract."""
    assert (await ask(application(), "GET", path)).status == status
    assert (await ask(application(), "GET", "/a%2F1/b")).status == 404


async def test_an_application_that_is_mounted_below_a_path() -> None:
    outer = FastAPI()
    outer.mount("/outer", application())
    answers: list[Answer] = [
        await ask(outer, "GET", path) for path in ("/outer/a/1", "/outer/a/1%2F2/b", "/outer/mine/1", "/a/1")
    ]
    assert [answer.status for answer in answers] == [200, 200, 200, 404]
    assert [answer.body for answer in answers[:2]] == [b"/a/{x} x=1", b"/a/{x}/b x=1/2"]


@contextmanager
def served(app: FastAPI, http: Literal["h11", "httptools"]) -> Iterator[int]:
    """The port of a live server."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, http=http, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


@pytest.mark.parametrize("http", ["h11", "httptools"])
def test_encoded_paths_on_a_live_server(http: Literal["h11", "httptools"]) -> None:
    """Servers differ in what they decode: what is sent here are the bytes of the request line."""
    app = FastAPI()
    made = routes("/a/{x}", "/a/{x}/b", "/café/{x}.{y}", "/b", "PATCH /a/{x}")
    app.add_middleware(ContractRouter, routes=made)
    wanted = {
        "/a/1%2Fb": "/a/{x} x=1/b",
        "/a/1/b?c=%2F": "/a/{x}/b x=1",
        "/caf%c3%a9/%E2%82%AC.%20": "/café/{x}.{y} x=€,y= ",
        "/%62": "/b ",
        "/a/%ff": "404",
        "/a%2F1": "404",
        "/a/": "404",
    }
    with served(app, http) as port:
        found = {}
        for path in wanted:
            connection = HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", path)
            answer = connection.getresponse()
            found[path] = answer.read().decode() if answer.status == 200 else str(answer.status)
            connection.close()
    assert found == wanted


def test_the_addresses_of_routes() -> None:
    (route,) = routes("/a/{x}/{y}")
    assert route.url_path_for("op", x="1", y="2") == "/a/1/2"
    with pytest.raises(NoMatchFound):
        route.url_path_for("op", x="1")


async def test_what_is_not_http_goes_on() -> None:
    passed: list[str] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        passed.append(scope["type"])

    await ContractRouter(inner, [])({"type": "lifespan"}, _nothing, _nothing)
    assert passed == ["lifespan"]


def test_a_thousand_templates_are_looked_up_like_ten() -> None:
    """The look-up reads as many templates as fit by their literal segments, however many there are."""
    table = PathTable({f"/p{i}/{{x}}/q/{{y}}": i for i in range(1000)} | {"/{a}/{b}/r/{c}": -1})
    ((value, names, texts),) = table.find("/p999/1/q/2")
    assert (value, names, texts) == (999, ("x", "y"), ("1", "2"))
    (shapes,) = table._shapes.values()
    assert len(shapes) == 2
