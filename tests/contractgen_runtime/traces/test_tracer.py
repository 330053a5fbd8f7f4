"""Spans as a collector receives them: by OTLP over HTTP, decoded by OpenTelemetry's own protocol buffers."""

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from starlette.types import ASGIApp, Receive, Scope, Send

from contractgen_runtime.service.edge import Edge
from contractgen_runtime.traces.tracer import Tracer

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Collector:
    """What an OpenTelemetry collector has received."""

    def __init__(self) -> None:
        self.services: set[str] = set()
        self.spans: list[Span] = []

    def take(self, body: bytes) -> None:
        for each in ExportTraceServiceRequest.FromString(body).resource_spans:
            attributes = {pair.key: pair.value.string_value for pair in each.resource.attributes}
            self.services.add(attributes["service.name"])
            self.spans += [span for scope in each.scope_spans for span in scope.spans]

    def named(self, name: str) -> Span:
        (span,) = (span for span in self.spans if span.name == name)
        return span


def attributes(span: Span) -> dict[str, object]:
    kinds = ((pair.key, pair.value, pair.value.WhichOneof("value")) for pair in span.attributes)
    return {key: getattr(value, kind) for key, value, kind in kinds if kind}


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            collector.take(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.delenv("OTEL_SERVICE_NAME", raising=False)
        yield collector
        server.shutdown()
        thread.join()


async def ask(tracer: Tracer, app: ASGIApp, log: list[dict[str, object]], **headers: str) -> httpx.Response:
    edge = Edge(app, allowed_hosts=["testserver"], log=log.append, tracing=tracer)
    transport = httpx.ASGITransport(edge)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
        return await http.get("/posts/7?token=canary", headers=headers)


def running(tracer: Tracer, status: int = 200) -> ASGIApp:
    """An application that runs a statement for each request."""

    async def rows() -> int:
        await asyncio.sleep(0)
        return 7

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = SimpleNamespace(path="/posts/{post_id}")
        assert await tracer.statement("SELECT * FROM posts WHERE id = $1", rows()) == 7
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body"})

    return app


async def test_a_request_and_its_statements_are_spans_of_the_callers_trace(collector: Collector) -> None:
    tracer, log = Tracer("shop", "1.2"), list[dict[str, object]]()
    await ask(tracer, running(tracer), log, traceparent=f"00-{TRACE}-{PARENT}-01", tracestate="vendor=1")
    await tracer.close()
    request, statement = collector.named("GET /posts/{post_id}"), collector.named("SELECT")
    assert collector.services == {"shop"}
    assert {request.trace_id.hex(), statement.trace_id.hex()} == {TRACE}
    assert (request.parent_span_id.hex(), request.trace_state) == (PARENT, "vendor=1")
    assert statement.parent_span_id == request.span_id
    assert request.start_time_unix_nano <= statement.start_time_unix_nano
    assert statement.end_time_unix_nano <= request.end_time_unix_nano
    assert (request.kind, statement.kind) == (Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CLIENT)
    assert attributes(request) == {
        "http.request.method": "GET",
        "http.route": "/posts/{post_id}",
        "http.response.status_code": 200,
    }
    assert attributes(statement)["db.query.text"] == "SELECT * FROM posts WHERE id = $1"
    assert "canary" not in str(collector.spans)
    assert log[0]["trace_id"] == TRACE


async def test_without_a_parent_each_request_begins_a_trace_that_the_log_names(collector: Collector) -> None:
    tracer, log = Tracer("shop", "1.2"), list[dict[str, object]]()
    for _ in range(2):
        await ask(tracer, running(tracer, 503), log, traceparent="canary")
    await tracer.close()
    requests = [span for span in collector.spans if span.kind == Span.SPAN_KIND_SERVER]
    assert [span.trace_id.hex() for span in requests] == [entry["trace_id"] for entry in log]
    assert len({entry["trace_id"] for entry in log}) == 2
    assert [span.parent_span_id for span in requests] == [b"", b""]
    assert {span.status.code for span in requests} == {Status.STATUS_CODE_ERROR}


async def test_a_statement_that_fails_says_of_which_kind_and_not_with_what(collector: Collector) -> None:
    tracer = Tracer("shop", "1.2")

    async def failing() -> None:
        raise ValueError("canary")

    with pytest.raises(ValueError, match="canary"):
        await tracer.statement("INSERT INTO posts VALUES ($1)", failing())
    await tracer.close()
    span = collector.named("INSERT")
    assert span.status.code == span.status.STATUS_CODE_ERROR
    assert attributes(span)["error.type"] == "ValueError"
    assert "canary" not in str(span)


async def test_standard_variables_name_the_service_and_sample(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "blue")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_always_off")
    tracer, log = Tracer("shop", "1.2"), list[dict[str, object]]()
    await ask(tracer, running(tracer), log)
    await ask(tracer, running(tracer), log, traceparent=f"00-{TRACE}-{PARENT}-01")
    await tracer.close()
    assert collector.services == {"blue"}
    assert {span.trace_id.hex() for span in collector.spans} == {TRACE}


async def test_a_collector_that_is_away_holds_no_request_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    tracer = Tracer("shop", "1.2")
    started = asyncio.get_running_loop().time()
    for _ in range(20):
        assert (await ask(tracer, running(tracer), [])).status_code == 200
    assert asyncio.get_running_loop().time() - started < 2
    async with asyncio.timeout(20):
        await tracer.close()
