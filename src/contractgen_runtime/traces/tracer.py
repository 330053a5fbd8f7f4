"""Spans of requests and statements, exported by OTLP over HTTP as the standard variables OTEL_* say."""

import asyncio
import os
from collections.abc import Awaitable
from contextvars import Token
from typing import TypeVar

from opentelemetry import context
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, format_trace_id, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import Scope

T = TypeVar("T")

_ERROR = Status(StatusCode.ERROR)
_PROPAGATOR = TraceContextTextMapPropagator()
_PROPAGATED = (b"traceparent", b"tracestate")


class Tracer:
    """Makes the spans of a process. They wait in a bounded queue, and are dropped when nobody takes them.

    A span says which route and which statement it is of, and never what a client has sent.
    """

    def __init__(self, service: str, version: str, exporter: SpanExporter | None = None) -> None:
        if "service.name=" not in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", ""):
            os.environ.setdefault("OTEL_SERVICE_NAME", service)
        resource = Resource.create({"service.version": version})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("contractgen_runtime")

    def begin(self, scope: Scope) -> "RequestSpan":
        """Begin the span of a request, in the trace that its `traceparent` names if it has one."""
        span = self._tracer.start_span(
            str(scope["method"]),
            context=_parent(scope),
            kind=SpanKind.SERVER,
            attributes={"http.request.method": scope["method"]},
        )
        scope["trace_id"] = format_trace_id(span.get_span_context().trace_id)
        return RequestSpan(span, str(scope["method"]))

    async def statement(self, sql: str, work: Awaitable[T]) -> T:
        """Await what runs a statement within a span; values are parameters, so its text has none."""
        operation = sql.split(maxsplit=1)[0]
        span = self._tracer.start_span(
            operation,
            kind=SpanKind.CLIENT,
            attributes={
                "db.system.name": "postgresql",
                "db.operation.name": operation,
                "db.query.text": sql,
            },
        )
        try:
            return await work
        except BaseException as error:
            span.set_attribute("error.type", type(error).__qualname__)
            span.set_status(_ERROR)
            raise
        finally:
            span.end()

    async def close(self) -> None:
        """Export what is left, without holding up the event loop."""
        await asyncio.to_thread(self._provider.shutdown)


class RequestSpan:
    """The span of one request, the parent of those that begin before its end."""

    __slots__ = ("_method", "_span", "_token")

    def __init__(self, span: Span, method: str) -> None:
        self._span = span
        self._method = method
        self._token: Token[Context] = context.attach(set_span_in_context(span))

    def end(self, template: str | None, status: int) -> None:
        """End the span; only now its route is known."""
        if template is not None:
            self._span.update_name(f"{self._method} {template}")
            self._span.set_attribute("http.route", template)
        self._span.set_attribute("http.response.status_code", status)
        if status >= 500:
            self._span.set_status(_ERROR)
        self._span.end()
        context.detach(self._token)


def _parent(scope: Scope) -> Context:
    """Return the context of the header `traceparent`; without it the request begins a trace."""
    if "trace_id" not in scope:
        return Context()
    carrier = {
        name.decode("ascii"): value.decode("latin-1")
        for name, value in scope["headers"]
        if name in _PROPAGATED
    }
    return _PROPAGATOR.extract(carrier, Context())
