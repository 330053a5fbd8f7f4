"""Entity tags: the version of a row is its `updated_at` in hexadecimal microseconds, which every change moves
forward."""

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TAG = re.compile(r'(W/)?"([^"]*)"')
_VERSION = re.compile(r"[0-9a-f]{14}", re.ASCII)  # up to the year 4253


def etag_of(version: str) -> str:
    """Return the strong entity tag of a version."""
    return f'"{version}"'


def is_known(if_none_match: str | None, etag: str) -> bool:
    """Return whether a client has this version already; weak tags count (RFC 9110, 13.1.2)."""
    return if_none_match is not None and (if_none_match == "*" or etag in if_none_match)


def versions(if_match: str) -> list[datetime] | None:
    """Return the versions that a client wants to change, None for any.

    Weak tags do not count (RFC 9110, 13.1.1).
    """
    if if_match == "*":
        return None
    strong = (tag for weak, tag in _TAG.findall(if_match) if not weak)
    return [_EPOCH + int(tag, 16) * _MICROSECOND for tag in strong if _VERSION.fullmatch(tag)]


def is_wanted(updated_at: datetime, if_match: str) -> bool:
    """Return whether a row is in a version that a client wants to change."""
    known = versions(if_match)
    return known is None or updated_at in known
