"""The metrics of a server process, beside those that every service has."""

from collections.abc import Iterator

from contractgen_runtime.metrics.families import Family, number
from contractgen_runtime.metrics.reporting import Metrics
from contractgen_runtime.postgres.connections import Unavailable
from contractgen_runtime.postgres.db import UnitOfWork
from contractgen_runtime.postgres.metrics import connection_families
from pressroom.context import Services
from pressroom.outbox import count_jobs

_STATES = ("due", "running", "scheduled", "dead")


def create_metrics(services: Services) -> Metrics:
    """The metrics of a process with these services."""

    def own() -> Iterator[Family]:
        yield from connection_families(services.database)
        yield from _password_families(services)
        yield _refusals(services)

    async def shared() -> list[Family]:
        try:
            return await _job_families(services)
        except Unavailable:
            return []  # the metrics of the connections say why

    return Metrics(own, shared=shared)


def _password_families(services: Services) -> Iterator[Family]:
    hasher = services.passwords
    yield number("pressroom_passwords", "gauge", "Passwords being hashed or waiting for it.", hasher.waiting)
    yield number("pressroom_passwords_limit", "gauge", "How many passwords may.", hasher.limit)
    text = "Requests refused because so many passwords waited."
    yield number("pressroom_passwords_refused", "counter", text, hasher.refusals)


def _refusals(services: Services) -> Family:
    refusals = [(key, float(count)) for key, count in list(services.limits.refusals.items())]
    text = "Attempts refused by a rate limit (429)."
    return Family("pressroom_rate_limit_refusals", "counter", text, refusals, ("policy", "quota"))


async def _job_families(services: Services) -> list[Family]:
    found = {row["state"]: row for row in await count_jobs(UnitOfWork(services.database))}
    numbers = [((state,), found[state]["jobs"] if state in found else 0) for state in _STATES]
    late = found["due"]["waited"] if "due" in found else 0.0
    return [
        Family("pressroom_jobs", "gauge", "Jobs by state.", numbers, ("state",)),
        number("pressroom_oldest_job_seconds", "gauge", "Since when the oldest due job waits.", late),
    ]
