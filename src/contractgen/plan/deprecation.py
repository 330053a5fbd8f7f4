"""Dates at which a deprecated operation was deprecated and ends, from the extensions of the operation."""

from datetime import UTC, datetime
from typing import Any

import jsonschema_rs

from contractgen.plan.planning import Planning
from contractgen_runtime.deprecation import Deprecation
from contractgen_runtime.pointers import child

SINCE, SUNSET = "x-deprecated-since", "x-sunset"
_FORMATS = jsonschema_rs.Draft202012Validator(
    {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}, validate_formats=True
)


def deprecation_of(planning: Planning, pointer: str, node: dict[str, Any]) -> Deprecation | None:
    """Return the dates of a deprecated operation; None if it is not deprecated or no date is known."""
    for name in (SINCE, SUNSET):
        if name in node and moment(node[name]) is None:
            message = f"{node[name]!r} is neither a date nor a date-time with an offset"
            planning.refuse(child(pointer, name), message, "write 2026-11-01 or 2026-11-01T12:00:00Z")
    since, sunset = moment(node.get(SINCE)), moment(node.get(SUNSET))
    if node.get("deprecated") is not True or (since is None and sunset is None):
        return None
    page = str(node.get("externalDocs", {}).get("url", ""))
    # A relative URL would be resolved by the address of the request, not by that of the document.
    return Deprecation(since, sunset, page if page.startswith(("http://", "https://")) else "")


def moment(value: object) -> datetime | None:
    """Return the second in UTC that a date or a date-time of RFC 3339 names: a date is its midnight."""
    if not _FORMATS.is_valid(value):
        return None
    try:
        found = datetime.fromisoformat(str(value).upper())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):  # a leap second, or a year that datetime does not have
        return None
