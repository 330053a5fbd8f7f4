"""Rate limits by account and by address, counted in PostgreSQL, where all workers share them.

An attempt is counted before any check, and stays counted whatever the response, so that guesses
that are made at once all count. A window begins with the first attempt in it.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from ipaddress import ip_address, ip_network
from math import ceil
from typing import Any, TypeAlias, TypedDict

from sqlalchemy import (
    ARRAY,
    Double,
    Index,
    LargeBinary,
    bindparam,
    case,
    extract,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, col, delete, update

from contractgen_runtime.postgres.db import UnitOfWork
from contractgen_runtime.postgres.statements import Statement
from contractgen_runtime.postgres.tables import Table
from pressroom.settings import Settings
from pressroom_api import operations

Quota: TypeAlias = operations.XRateLimitAccount | operations.XRateLimitAddress
Policy: TypeAlias = operations.XRateLimit

#: The quotas of an account, if any, and of an address, by operation; operations of one policy share counts.
POLICIES: Mapping[str, Policy] = operations.X_RATE_LIMIT


def note(scale: int, _: str, operation: Mapping[str, Any]) -> str:
    """Return the documentation of an operation's limits, as Markdown; `scale` multiplies every quota."""
    policy: Policy | None = operation.get("x-rate-limit")
    return f"**Rate limit** {_described(policy, scale)}" if policy and scale else ""


def _described(policy: Policy, scale: int) -> str:
    whose = {"an account": policy.get("account"), "an address": policy["address"]}
    said = [
        f"{each['quota'] * scale:,} in {each['window']:,} s for {who}" for who, each in whose.items() if each
    ]
    return f"`{policy['policy']}`: {', '.join(said)}"


class Exceeded(TypedDict):
    """The headers of a rejection: seconds to wait, and the fields of the IETF's draft on rate limits."""

    retry_after: int
    rate_limit: str
    rate_limit_policy: str


class Attempts(TypedDict):
    key: bytes
    attempts: int
    resets_in: float


class RateLimit(Table, table=True):
    """Attempts of the client with a digest. Unlogged: none waits for the disk, and a crash deletes them."""

    __tablename__ = "rate_limits"
    __table_args__ = (Index("rate_limits_resets_at_idx", "resets_at"), {"prefixes": ["UNLOGGED"]})

    key: bytes = Field(sa_type=LargeBinary, primary_key=True)
    attempts: int
    resets_at: datetime


_KEYS = bindparam("keys", type_=ARRAY(LargeBinary))
_WINDOWS = bindparam("windows", type_=ARRAY(Double))
_given = func.unnest(_KEYS, _WINDOWS).table_valued("key", "seconds").render_derived(name="given")
_is_over = col(RateLimit.resets_at) <= func.now()
# Always in the order of the keys, so that two requests which share both wait for each other only once.
_attempt = insert(RateLimit).from_select(
    ["key", "attempts", "resets_at"],
    select(
        _given.c.key,
        literal_column("1"),
        func.now() + _given.c.seconds.cast(Double) * literal_column("interval '1 second'"),
    ).order_by(_given.c.key),
)
COUNT: Statement[Attempts] = Statement(
    _attempt.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "attempts": case((_is_over, 1), else_=col(RateLimit.attempts) + 1),
            "resets_at": case((_is_over, _attempt.excluded.resets_at), else_=col(RateLimit.resets_at)),
        },
    ).returning(
        col(RateLimit.key),
        col(RateLimit.attempts),
        extract("epoch", col(RateLimit.resets_at) - func.now()).cast(Double).label("resets_in"),
    )
)

_mine = (
    select(col(RateLimit.key))
    .where(col(RateLimit.key) == func.any(_KEYS))
    .order_by(col(RateLimit.key))
    .with_for_update()
    .cte("mine")
)
FORGIVE: Statement[Any] = Statement(
    update(RateLimit)
    .where(col(RateLimit.key) == _mine.c.key, col(RateLimit.attempts) > 0)
    .values(attempts=col(RateLimit.attempts) - 1)
)

DELETE_PAST: Statement[Any] = Statement(delete(RateLimit).where(_is_over))


async def delete_past_windows(unit: UnitOfWork) -> None:
    await unit.execute(DELETE_PAST)


class Limits:
    """Counts attempts against the quotas, each multiplied by the configured scale; 0 counts nothing."""

    def __init__(self, settings: Settings) -> None:
        secret = settings.token_secret.get_secret_value().encode("utf-8", "surrogateescape")
        self._key = hashlib.blake2b(secret, person=b"rate limit").digest()
        self._scale = settings.rate_limit_scale
        #: How many attempts each quota has refused, by policy and the quota's name.
        self.refusals: Counter[tuple[str, str]] = Counter()

    async def count(self, unit: UnitOfWork, operation: str, *, account: str, address: str) -> Exceeded | None:
        """Count an attempt; None while it is within both quotas. Before the unit's transaction begins."""
        if not self._scale:
            return None
        quotas = dict(self._quotas(operation, account, address))
        windows = [float(quota["window"]) for _, quota in quotas.values()]
        rows = await unit.fetch_durably(COUNT, keys=list(quotas), windows=windows)
        spent = [(row["resets_in"], *quotas[row["key"]]) for row in rows if self._is_spent(row, quotas)]
        if not spent:
            return None
        resets_in, name, _ = max(spent, key=lambda each: each[0])
        wait = max(1, ceil(resets_in))
        self.refusals[POLICIES[operation]["policy"], name] += 1
        return {
            "retry_after": wait,
            "rate_limit": f'"{name}";r=0;t={wait}',
            "rate_limit_policy": ", ".join(
                f'"{name}";q={quota["quota"] * self._scale};w={quota["window"]}'
                for name, quota in quotas.values()
            ),
        }

    async def forgive(self, unit: UnitOfWork, operation: str, *, account: str, address: str) -> None:
        """Refund an attempt that was no guess."""
        if self._scale:
            await unit.fetch_durably(FORGIVE, keys=list(dict(self._quotas(operation, account, address))))

    def _is_spent(self, row: Attempts, quotas: Mapping[bytes, tuple[str, Quota]]) -> bool:
        _, quota = quotas[row["key"]]
        return row["attempts"] > quota["quota"] * self._scale

    def _quotas(
        self, operation: str, account: str, address: str
    ) -> Iterator[tuple[bytes, tuple[str, Quota]]]:
        policy = POLICIES[operation]
        for name, subject, quota in (
            ("account", account, policy.get("account")),
            ("address", _neighbourhood(address), policy["address"]),
        ):
            if quota is None:
                continue
            text = f"{policy['policy']} {name} {subject}".encode()
            yield hashlib.blake2b(text, key=self._key, digest_size=16).digest(), (name, quota)


def _neighbourhood(address: str) -> str:
    """Return the network prefix of the addresses that one client can choose from: a /64 for IPv6."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return address if parsed.version == 4 else str(ip_network(f"{address}/64", strict=False))
