"""The client's address of a request: the peer of its connection, or the client that a trusted proxy names."""

from collections.abc import Collection, Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import TypeAlias

from starlette.types import Scope

Network: TypeAlias = IPv4Network | IPv6Network


def client_address(scope: Scope, trusted: Collection[Network]) -> str:
    """Return the client's IP address; empty if it is unknown.

    Each trusted proxy vouches for the entry of `X-Forwarded-For` that it has appended. So they are read from
    the last one backwards: the first that is no trusted proxy is the client, what is before it is hearsay.
    """
    peer = scope.get("client")
    address = peer[0] if peer else ""
    if not trusted:
        return address
    for entry in _forwarded(scope):
        if not _is_in(address, trusted):
            break
        claimed = _host(entry)
        if claimed is None:
            break
        address = claimed
    return address


def _forwarded(scope: Scope) -> Iterator[str]:
    lines = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return reversed([entry.strip() for entry in b",".join(lines).decode("latin-1").split(",")])


def _host(entry: str) -> str | None:
    """Return the address of an entry, which may have a port behind it; None for anything else."""
    if entry.startswith("["):
        entry = entry[1:].partition("]")[0]
    elif entry.count(":") == 1:
        entry = entry.partition(":")[0]
    try:
        return str(ip_address(entry))
    except ValueError:
        return None


def _is_in(address: str, networks: Collection[Network]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)
