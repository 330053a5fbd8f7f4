import asyncio
import json
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contractgen_runtime.service.edge import Edge
from contractgen_runtime.service.log import describe

Entry = dict[str, Any]

# What OWASP's Secure Headers Project and its REST Security Cheat Sheet demand of an API, written out here.
OWASP = {
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
}


def answering(status: int = 200, headers: dict[str, str] | None = None, body: bytes = b"{}") -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        pairs = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": body[:1], "more_body": True})
        await send({"type": "http.response.body", "body": body[1:]})

    return app


def client(app: ASGIApp, log: list[Entry], hosts: tuple[str, ...] = ("testserver",)) -> httpx.AsyncClient:
    edge = Edge(app, allowed_hosts=hosts, log=log.append)
    return httpx.AsyncClient(transport=httpx.ASGITransport(edge), base_url="http://testserver")


async def get(app: ASGIApp, log: list[Entry], path: str = "/", **headers: str) -> httpx.Response:
    async with client(app, log) as http:
        return await http.get(
            path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )


async def test_answer_has_every_header_once() -> None:
    log: list[Entry] = []
    answer = await get(answering(), log)
    names = [name for name, _ in answer.headers.raw]
    assert len(names) == len(set(names))
    assert {name: answer.headers.get(name) for name in OWASP} == OWASP
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])
    assert answer.headers["x-request-id"] != (await get(answering(), log)).headers["x-request-id"]


async def test_what_the_app_sets_stays() -> None:
    own = {"cache-control": "public, max-age=60", "x-request-id": "the-app's", "etag": '"1"'}
    answer = await get(answering(headers=own), [], x_request_id="ours")
    assert answer.headers.get_list("cache-control") == ["public, max-age=60"]
    assert answer.headers.get_list("x-request-id") == ["ours"]
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("given", ["a", "Az09._-", "x" * 64])
async def test_fit_request_id_is_kept(given: str) -> None:
    seen: list[Any] = []
    log: list[Entry] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["request_id"])
        await answering()(scope, receive, send)

    answer = await get(app, log, x_request_id=given)
    assert [answer.headers["x-request-id"], *seen, log[0]["request_id"]] == [given] * 3


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", 'a"b', "a\tb", "ümlaut", "a/b"])
async def test_unfit_request_id_is_replaced(given: str) -> None:
    async with client(answering(), []) as http:
        answer = await http.get("/", headers=[(b"x-request-id", given.encode())])
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])


HOSTS = ("api.example.com", "*.example.org", "[::1]")


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("api.example.com", True),
        ("API.Example.COM:8443", True),
        ("a.example.org", True),
        ("a.b.example.org:80", True),
        ("[::1]:8000", True),
        ("example.org", False),
        ("badexample.org", False),
        ("www.api.example.com", False),
        ("api.example.com.evil.test", False),
        ("api.example.com/?x=", False),
        ("user@api.example.com", False),
        ("api.example.com:80:80", False),
        ("api.example.com:port", False),
        ("*.example.org", False),
        ("", False),
    ],
)
async def test_allowed_hosts(host: str, allowed: bool) -> None:
    log: list[Entry] = []
    async with client(answering(), log, HOSTS) as http:
        # The second look is at what is remembered.
        first, answer = [await http.get("/", headers={"host": host, "x-request-id": "7"}) for _ in range(2)]
    assert first.status_code == answer.status_code == (200 if allowed else 400)
    if not allowed:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json() == {
            "type": "about:blank",
            "title": "Bad Request",
            "status": 400,
            "detail": "The Host header names no host of this service.",
        }
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-request-id"] == "7"
    assert [entry["status"] for entry in log] == [answer.status_code] * 2


@pytest.mark.parametrize("hosts", [[], [b"testserver", b"testserver"], [b"testserver", b"evil.test"]])
async def test_exactly_one_host_is_needed(hosts: list[bytes]) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", host) for host in hosts]}
    await Edge(answering(), allowed_hosts=["*"], log=lambda _: None)(scope, nothing, send)
    assert sent[0]["status"] == 400


async def nothing() -> Message:
    raise AssertionError("nobody reads the body here")


async def test_access_line() -> None:
    log: list[Entry] = []
    async with client(answering(201, body=b"12345"), log) as http:
        await http.post("/posts/7?token=canary", content=b"canary", headers={"authorization": "canary"})
    assert len(log) == 1
    entry = log[0]
    assert list(entry) == [
        *("time", "level", "event", "request_id"),
        *("method", "route", "status", "duration_ms", "bytes"),
    ]
    assert (entry["level"], entry["event"], entry["method"]) == ("info", "request", "POST")
    assert (entry["route"], entry["status"], entry["bytes"]) == ("/posts/7", 201, 5)
    assert 0 <= entry["duration_ms"] < 5000
    assert "canary" not in json.dumps(entry, default=str)


TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.mark.parametrize(
    ("given", "trace_id"),
    [
        (f"00-{TRACE}-{PARENT}-01", TRACE),
        (f"00-{TRACE}-{PARENT}-00", TRACE),
        (f"01-{TRACE}-{PARENT}-01-later", TRACE),
        (f"00-{TRACE}-{PARENT}-01-later", None),
        (f"ff-{TRACE}-{PARENT}-01", None),
        (f"00-{'0' * 32}-{PARENT}-01", None),
        (f"00-{TRACE}-{'0' * 16}-01", None),
        (f"00-{TRACE.upper()}-{PARENT}-01", None),
        ("canary", None),
        ("", None),
    ],
)
async def test_lines_name_the_trace_of_a_valid_traceparent(given: str, trace_id: str | None) -> None:
    """As https://www.w3.org/TR/trace-context/#traceparent-header says what is valid."""
    log: list[Entry] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError

    await get(app, log, traceparent=given)
    assert [entry.get("trace_id") for entry in log] == [trace_id, trace_id]


async def test_a_service_adds_its_own_fields_and_counts_by_template() -> None:
    log: list[Entry] = []
    counted: list[tuple[str, str | None, int]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/posts/7":
            scope["route"] = SimpleNamespace(path="/posts/{post_id}")
            scope["user_id"] = "ada"
        await answering(200 if "route" in scope else 404)(scope, receive, send)

    edge = Edge(
        app,
        allowed_hosts=["testserver"],
        log=log.append,
        details=lambda scope: {"user_id": scope.get("user_id")},
        observe=lambda method, template, status, seconds: counted.append((method, template, status)),
    )
    transport = httpx.ASGITransport(edge)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
        await http.get("/posts/7")
        await http.delete("/canary")
        await http.get("/canary", headers={"host": "evil.test"})
    assert [entry["user_id"] for entry in log] == ["ada", None, None]
    assert counted == [("GET", "/posts/{post_id}", 200), ("DELETE", None, 404), ("GET", None, 400)]


async def test_route_is_the_template_when_known_and_bounded_when_not() -> None:
    log: list[Entry] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = SimpleNamespace(path="/posts/{post_id}")
        await answering()(scope, receive, send)

    await get(app, log, "/posts/7")
    await get(answering(), log, "/" + "x" * 5000)
    await get(answering(404), log, "/reset/ada@example.com/a-token")
    assert log[0]["route"] == "/posts/{post_id}"
    assert len(log[1]["route"]) == 200
    assert log[2]["route"] == "(unmatched)"


async def test_unhandled_exception_is_a_problem_and_one_line_with_the_traceback() -> None:
    log: list[Entry] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("duplicate key\nDETAIL: canary")

    answer = await get(app, log, x_request_id="seven")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "detail": "The service failed to answer this request.",
    }
    failure, access = log
    assert failure["request_id"] == access["request_id"] == "seven"
    assert (failure["event"], failure["error"]) == ("unhandled_exception", "RuntimeError")
    assert "RuntimeError: duplicate key" in failure["traceback"]
    assert 'raise RuntimeError("duplicate key' in failure["traceback"]
    assert access["status"] == 500


async def test_failure_after_the_start_leaves_the_answer_incomplete() -> None:
    log: list[Entry] = []
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("too late")

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", b"testserver")]}
    await Edge(app, allowed_hosts=["testserver"], log=log.append)(scope, nothing, send)
    assert [message["type"] for message in sent] == ["http.response.start"]
    assert [entry["event"] for entry in log] == ["unhandled_exception", "request"]


async def test_other_protocols_pass() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def send(message: Message) -> None:
        raise AssertionError(message)

    await Edge(app, allowed_hosts=[])({"type": "lifespan"}, nothing, send)
    assert seen == ["lifespan"]


def test_traceback_tells_causes_and_only_first_lines() -> None:
    def failing() -> None:
        try:
            nothing_in: dict[str, int] = {}
            nothing_in["first"] += 1
        except KeyError as cause:
            raise ExceptionGroup("several\ncanary", [ValueError("inner\ncanary")]) from cause

    text = described(failing)
    assert (
        text.index("KeyError: 'first'")
        < text.index("ExceptionGroup: several")
        < text.index("ValueError: inner")
    )
    assert "\ncanary" not in text
    assert len(described(recurse)) < 20_000


def recurse() -> None:
    recurse()


def described(failing: Callable[[], None]) -> str:
    try:
        failing()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is described
        return describe(error)
    raise AssertionError("nothing failed")


async def test_a_request_that_a_shutdown_cuts_off_can_be_tried_elsewhere() -> None:
    begun = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        begun.set()
        await asyncio.Event().wait()

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", b"testserver")]}
    log: list[Entry] = []
    edge = Edge(app, allowed_hosts=("testserver",), log=log.append)
    task = asyncio.create_task(edge(scope, waiting_forever, send))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sent[0]["status"] == 503
    assert (b"retry-after", b"1") in sent[0]["headers"]
    assert json.loads(sent[1]["body"])["status"] == 503


async def waiting_forever() -> Message:
    return await asyncio.Future()


@pytest.mark.parametrize(
    "failure", [ConnectionResetError(), RuntimeError("unable to write; the handler is closed")]
)
async def test_a_client_that_has_left_is_no_failure(failure: Exception) -> None:
    log: list[Entry] = []

    async def send(_: Message) -> None:
        raise failure

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", b"testserver")]}
    await Edge(answering(), allowed_hosts=("testserver",), log=log.append)(scope, waiting_forever, send)
    assert [entry["level"] for entry in log] == ["info"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("status", "media_type", "expected"),
    [
        (404, "application/problem+json", True),
        (404, "application/json", False),
        (200, "application/problem+json", False),
    ],
)
async def test_a_problem_has_the_id_of_its_request(
    status: int, media_type: str, expected: bool, method: str
) -> None:
    content = b'{"title":"None"}'

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", media_type.encode()), (b"content-length", b"%d" % len(content))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content if method == "GET" else b""})

    edge = Edge(app, allowed_hosts=("testserver",), request_id_in_problems=True, log=lambda _: None)
    transport = httpx.ASGITransport(edge)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
        answer = await http.request(method, "/")
    whole = {"title": "None"} | ({"request_id": answer.headers["x-request-id"]} if expected else {})
    assert int(answer.headers["content-length"]) == len(json.dumps(whole, separators=(",", ":")))
    assert method == "HEAD" or answer.json() == whole
