"""Metrics of a process, and the port where Prometheus's own parser reads those of all processes."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from contractgen_runtime.metrics.exporter import Processes, exporting
from contractgen_runtime.metrics.families import BOUNDS, Family
from contractgen_runtime.metrics.reporting import FOLDER, Metrics
from contractgen_runtime.metrics.requests import RequestCounts
from tests.tiers import slow


def scrape(port: int) -> list[Sample]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as response:
        families = text_string_to_metric_families(response.read().decode())
        return [sample for family in families for sample in family.samples]


def values(samples: list[Sample], name: str, **labels: str) -> list[float]:
    return [
        sample.value for sample in samples if sample.name == name and labels.items() <= sample.labels.items()
    ]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A port where the metrics of processes are served that have this environment."""
    port = free_port()
    with exporting("127.0.0.1", port) as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield port


async def test_a_scrape_has_what_was_counted(port: int) -> None:
    metrics = Metrics(lambda: [Family("pool", "gauge", "Pool.", [(("free",), 3)], ("state",))])
    for seconds in (0.0009, 0.02, 0.02, 60):
        metrics.requests.observe("GET", "/posts/{id}", 200, seconds)
    metrics.requests.observe("GET", "/posts/{id}", 404, 0.02)
    async with metrics.reporting():
        await asyncio.sleep(0.6)
        samples = await asyncio.to_thread(scrape, port)
    of_posts = {"method": "GET", "route": "/posts/{id}", "process": str(os.getpid())}
    assert values(samples, "http_requests_total", status="200", **of_posts) == [4]
    assert values(samples, "http_requests_total", status="404", **of_posts) == [1]
    buckets = values(samples, "http_request_duration_seconds_bucket", **of_posts)
    assert len(buckets) == len(BOUNDS) + 1
    assert values(samples, "http_request_duration_seconds_bucket", le="0.01", **of_posts) == [1]
    assert values(samples, "http_request_duration_seconds_bucket", le="0.025", **of_posts) == [4]
    assert values(samples, "http_request_duration_seconds_count", **of_posts) == [5]
    assert values(samples, "http_request_duration_seconds_sum", **of_posts) == [pytest.approx(60.0609)]
    assert values(samples, "pool", state="free", process=str(os.getpid())) == [3]
    assert values(samples, "process_up", process=str(os.getpid())) == [1]
    assert values(samples, "event_loop_lag_seconds_count") >= [2]
    assert values(samples, "process_resident_memory_bytes", process=str(os.getpid())) > [1e6]


async def test_nothing_of_a_process_that_has_ended(port: int) -> None:
    async with Metrics().reporting():
        pass
    assert values(await asyncio.to_thread(scrape, port), "process_up") == []


async def test_a_busy_event_loop_shows(port: int) -> None:
    metrics = Metrics()
    async with metrics.reporting():
        await asyncio.sleep(0)  # let it begin
        asyncio.get_running_loop().call_soon(time.sleep, 0.8)
        await asyncio.sleep(0)
        samples = await asyncio.to_thread(scrape, port)
    assert values(samples, "event_loop_lag_seconds_sum")[0] > 0.5
    assert values(samples, "event_loop_lag_seconds_bucket", le="0.5") == [0]


def test_labels_are_bounded_whatever_is_sent() -> None:
    counts = RequestCounts()
    for number in range(1000):
        counts.observe(f"METHOD{number}", None, 404, 0.001)
    requests, durations = counts.families()
    assert list(requests.samples) == [(["other", "(unmatched)", "404"], 1000)]
    assert len(durations.samples) == 1


# Processes --------------------------------------------------------------------------------------------------

PROCESS = """
import asyncio, sys
from contractgen_runtime.metrics.families import number
from contractgen_runtime.metrics.reporting import Metrics

async def shared():
    return [number("jobs", "gauge", "Jobs.", 7)]

async def main():
    metrics = Metrics(shared=shared)
    for _ in range(int(sys.argv[1])):
        metrics.requests.observe("GET", "/", 200, 0.001)
    async with metrics.reporting():
        print("reporting", flush=True)
        await asyncio.to_thread(sys.stdin.readline)

asyncio.run(main())
"""


def start(count: int) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", PROCESS, str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "reporting\n"
    return process


@slow
def test_one_port_has_every_process_and_shared_facts_once(port: int) -> None:
    with start(2) as one, start(3) as other, start(4) as killed:
        samples = scrape(port)
        counted = {sample.labels["process"]: sample.value for sample in named(samples, "http_requests_total")}
        assert counted == {str(one.pid): 2, str(other.pid): 3, str(killed.pid): 4}
        assert [(sample.labels, sample.value) for sample in named(samples, "jobs")] == [({}, 7)]
        killed.kill()
        killed.wait()
        assert {sample.labels["process"] for sample in named(scrape(port), "process_up")} == {
            str(one.pid),
            str(other.pid),
        }
        one.communicate("\n")
        other.send_signal(signal.SIGSTOP)  # it hangs: the port still responds, and says so
        assert values(scrape(port), "process_up", process=str(other.pid)) == [0]
        other.send_signal(signal.SIGCONT)
        other.communicate("\n")


def named(samples: list[Sample], name: str) -> list[Sample]:
    return [sample for sample in samples if sample.name == name]


def test_without_a_port_nothing_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER, raising=False)

    async def report() -> set[str]:
        before = len(asyncio.all_tasks())
        async with Metrics().reporting():
            return {str(len(asyncio.all_tasks()) - before)}

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        assert runner.run(report()) == {"0"}


def test_a_folder_without_processes_is_an_empty_scrape(tmp_path: Path) -> None:
    assert [metric.samples for metric in Processes(tmp_path).collect()] == [[]]
