"""Metrics of the connections of a process."""

from collections.abc import Iterator

from contractgen_runtime.metrics.families import Family, number

from .connections import Connections


def connection_families(connections: Connections) -> Iterator[Family]:
    """Yield how many connections there are, how many there may be, and how many callers wait for one."""
    states = [(("in_use",), connections.in_use), (("free",), connections.free)]
    yield Family("database_connections", "gauge", "Open connections to the database.", states, ("state",))
    yield number("database_connections_limit", "gauge", "How many connections may be open.", connections.size)
    yield number(
        "database_connection_waiters", "gauge", "Requests that wait for a connection.", connections.waiting
    )
