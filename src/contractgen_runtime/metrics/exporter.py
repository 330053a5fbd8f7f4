"""The port for Prometheus: one for all server processes, served by a thread of the one that started them."""

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from .families import BOUNDS
from .reporting import ALL, FOLDER, OWN

_SECONDS = 2.5
_BUCKETS = (*map(str, BOUNDS), "+Inf")
_KINDS: dict[str, Any] = {
    "counter": CounterMetricFamily,
    "gauge": GaugeMetricFamily,
    "histogram": HistogramMetricFamily,
}


@contextmanager
def exporting(host: str, port: int) -> Iterator[Mapping[str, str]]:
    """Serve the metrics at a port; yield variables for the environment of the server processes.

    OSError when the port is taken or the host unknown.
    """
    with TemporaryDirectory(prefix="metrics-") as folder:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(Processes(Path(folder)))
        server, thread = start_http_server(port, host, registry)
        try:
            yield {FOLDER: folder}
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class Processes(Collector):
    """The metrics of all processes that have a socket in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterator[Metric]:
        """Ask the processes one after the other; one that does not respond is reported as such."""
        up = GaugeMetricFamily("process_up", "Whether a server process responded.", labels=["process"])
        metrics: dict[str, Metric] = {up.name: up}
        asked = ALL
        for path in sorted(self._folder.glob("*.sock")):
            process = {"process": path.stem}
            try:
                reported = _ask(path, asked)
            except ConnectionRefusedError:  # killed: it could not remove its socket
                path.unlink(missing_ok=True)
                continue
            except (OSError, ValueError):
                up.add_metric([path.stem], 0)
                continue
            up.add_metric([path.stem], 1)
            asked = OWN
            for family in reported["own"]:
                _add(metrics, _metric(family), process)
            for family in reported["shared"]:
                _add(metrics, _metric(family), {})
            for metric in ProcessCollector(pid=partial(int, path.stem), registry=None).collect():
                _add(metrics, metric, process)
        yield from metrics.values()


def _ask(path: Path, what: bytes) -> dict[str, list[dict[str, Any]]]:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(_SECONDS)
        client.connect(str(path))
        client.sendall(what)
        with client.makefile("rb") as response:
            reported: dict[str, list[dict[str, Any]]] = json.load(response)
    return reported


def _metric(family: dict[str, Any]) -> Metric:
    """Return a family that was reported as one of prometheus_client."""
    metric: Any = _KINDS[family["kind"]](family["name"], family["help"], labels=family["labels"])
    for values, value in family["samples"]:
        if family["kind"] == "histogram":
            *counts, total = value
            metric.add_metric(values, list(zip(_BUCKETS, accumulate(counts), strict=True)), total)
        else:
            metric.add_metric(values, value)
    return cast(Metric, metric)


def _add(metrics: dict[str, Metric], metric: Metric, labels: dict[str, str]) -> None:
    """Add the samples to those that others have reported under the same name."""
    known = metrics.setdefault(metric.name, Metric(metric.name, metric.documentation, metric.type))
    for sample in metric.samples:
        known.add_sample(sample.name, sample.labels | labels, sample.value)
