"""Requests, counted by method, route template and status."""

from bisect import bisect_left
from collections.abc import Iterator
from typing import TypeAlias

from .families import BOUNDS, Family, Histogram

UNMATCHED = "(unmatched)"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "TRACE"})

_Key: TypeAlias = tuple[str, str | None, int]


class RequestCounts:
    """Durations of requests as plain integers; a scrape reads them, a request adds one.

    The label values are bounded: templates instead of paths, and the standard methods.
    """

    def __init__(self) -> None:
        self._series: dict[_Key, Histogram] = {}

    def observe(self, method: str, template: str | None, status: int, seconds: float) -> None:
        """Count a request; without a template it is one of no route."""
        series = self._series.get((method, template, status)) or self._open(method, template, status)
        series.counts[bisect_left(BOUNDS, seconds)] += 1
        series.total += seconds

    def _open(self, method: str, template: str | None, status: int) -> Histogram:
        known = method if method in _METHODS else "other"
        return self._series.setdefault((known, template, status), Histogram())

    def families(self) -> Iterator[Family]:
        """Yield the number of requests by status, and the histogram of their durations."""
        numbers: list[tuple[list[str], float]] = []
        durations: dict[tuple[str, str], list[float]] = {}
        for (method, template, status), series in list(self._series.items()):
            route = template or UNMATCHED
            numbers.append(([method, route, str(status)], float(sum(series.counts))))
            earlier = durations.get((method, route), [0.0] * len(series.value()))
            durations[method, route] = [
                one + other for one, other in zip(earlier, series.value(), strict=True)
            ]
        yield Family(
            "http_requests", "counter", "Requests by status.", numbers, ("method", "route", "status")
        )
        yield Family(
            "http_request_duration_seconds",
            "histogram",
            "Seconds from the first byte of a request's head to the end of its response.",
            list(durations.items()),
            ("method", "route"),
        )
