"""What operators see of the service: metrics, traces, who called, and which version runs."""

import asyncio
import hashlib
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families

import pressroom
from contractgen_runtime.metrics.exporter import exporting
from contractgen_runtime.postgres.db import Database
from contractgen_runtime.service import log
from contractgen_runtime.traces import tracer
from load.service import isolated_environment, service
from pressroom import outbox
from pressroom.main import create_app
from pressroom.settings import Settings
from tests.house.project import ROOT
from tests.service import Actor, serving


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port: int = taken.getsockname()[1]
    return port


@pytest.fixture
def metrics_port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of an exporter that asks this process."""
    port = free_port()
    with exporting("127.0.0.1", port) as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield port


def scrape(port: int) -> dict[tuple[str, str], float]:
    """Return the values by name and labels, those of a process without its number."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as response:
        families = text_string_to_metric_families(response.read().decode())
    return {
        (
            sample.name,
            " ".join(value for name, value in sorted(sample.labels.items()) if name != "process"),
        ): (sample.value)
        for family in families
        for sample in family.samples
    }


async def test_metrics_of_requests_jobs_and_limits(
    settings: Settings, database: Database, user: Actor, metrics_port: int
) -> None:
    limited = settings.model_copy(update={"metrics_port": metrics_port, "rate_limit_scale": 1})
    async with database.transaction() as unit:
        for _ in range(3):
            await outbox.enqueue(unit, "some_mail", {})
    connection = await database.connect()
    await connection.execute(
        "UPDATE jobs SET dead_at = now() WHERE id = (SELECT min(id::text)::uuid FROM jobs)"
    )
    await connection.execute("UPDATE jobs SET run_at = now() - interval '90 seconds' WHERE dead_at IS NULL")
    await connection.close()
    async with serving(create_app(limited)) as client:
        for _ in range(2):
            await client.get("/api/v1/users/me", auth=user)
        await client.get("/api/v1/users/me")
        body = {"email": user.email, "password": "a wrong password"}
        refused = [await client.post("/api/v1/auth/login", json=body) for _ in range(30)]
        found = await asyncio.to_thread(scrape, metrics_port)
    assert found["http_requests_total", "GET /api/v1/users/me 200"] == 2
    assert found["http_requests_total", "GET /api/v1/users/me 401"] == 1
    assert found["http_request_duration_seconds_count", "GET /api/v1/users/me"] == 3
    refusals = sum(response.status_code == 429 for response in refused)
    assert sum(value for (name, _), value in found.items() if "limit_refusals_total" in name) == refusals > 0
    assert (found["pressroom_jobs", "due"], found["pressroom_jobs", "dead"]) == (2, 1)
    assert (found["pressroom_jobs", "running"], found["pressroom_jobs", "scheduled"]) == (0, 0)
    assert 90 <= found["pressroom_oldest_job_seconds", ""] < 150
    assert found["database_connections_limit", ""] == settings.pool_size
    assert found["database_connections", "free"] + found["database_connections", "in_use"] >= 1
    assert found["pressroom_passwords", ""] == 0
    assert found["pressroom_passwords_limit", ""] > settings.password_queue
    assert ("event_loop_lag_seconds_count", "") in found


async def test_nothing_is_counted_unless_there_is_a_port(
    settings: Settings, database: Database, metrics_port: int
) -> None:
    async with serving(create_app(settings)) as client:
        await client.get("/livez")
        found = await asyncio.to_thread(scrape, metrics_port)
    assert [name for name, _ in found if name.startswith("http_requests")] == []


@pytest.mark.parametrize("log_clients", [True, False])
async def test_the_log_names_callers_only_where_the_settings_say_so(
    settings: Settings, user: Actor, monkeypatch: pytest.MonkeyPatch, log_clients: bool
) -> None:
    entries: list[dict[str, object]] = []
    monkeypatch.setattr(log, "_writer", SimpleNamespace(write=entries.append))
    async with serving(create_app(settings.model_copy(update={"log_clients": log_clients}))) as client:
        await client.get("/api/v1/users/me", auth=user)
        await client.get("/livez")
    called = [(entry.get("client"), entry.get("user_id")) for entry in entries]
    assert called == ([("127.0.0.1", user.id), ("127.0.0.1", None)] if log_clients else [(None, None)] * 2)


async def test_version(settings: Settings, database: Database) -> None:
    app = create_app(settings.model_copy(update={"revision": "0a1b2c3"}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as client:
        answer = await client.get("/version")
        contract = (await client.get("/openapi.json")).json()["info"]["version"]
    digest = hashlib.sha256((ROOT / "openapi/openapi.yaml").read_bytes()).hexdigest()
    assert answer.json() == {
        "version": pressroom.__version__,
        "contract": {"version": contract, "sha256": digest},
        "revision": "0a1b2c3",
    }


async def test_traces_reach_a_statement(
    settings: Settings, user: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both spans of a request with one statement, as OpenTelemetry's exporter would send them."""
    memory = InMemorySpanExporter()
    monkeypatch.setattr(tracer, "OTLPSpanExporter", lambda: memory)
    async with serving(create_app(settings.model_copy(update={"traces": True}))) as client:
        await client.get("/api/v1/users/me", auth=user)
        await client.post("/api/v1/auth/logout", auth=user)
    spans = {span.name: span for span in memory.get_finished_spans()}
    request = spans["GET /api/v1/users/me"]
    statements = [span for span in memory.get_finished_spans() if span.parent == request.context]
    assert [span.name for span in statements] == ["SELECT"]
    assert "COMMIT" in spans


@pytest.mark.usefixtures("database")
def test_one_port_for_two_server_processes(database_url: str, tmp_path: Path) -> None:
    """The port belongs to the process that starts them; both are in one scrape."""
    port = free_port()
    environment = isolated_environment(tmp_path) | {
        "DATABASE_URL": database_url,
        "PRESSROOM_METRICS_PORT": str(port),
    }
    with service(str(tmp_path), environment, "--workers", "2"):
        deadline = time.monotonic() + 120
        while len(found := processes(port)) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    assert len(found) == 2


def processes(port: int) -> set[str]:
    """Return the processes that a scrape has counters of."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as response:
        families = text_string_to_metric_families(response.read().decode())
    return {
        sample.labels["process"]
        for family in families
        for sample in family.samples
        if sample.name == "event_loop_lag_seconds_count"
    }
