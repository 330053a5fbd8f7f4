"""Put the status and the reason of a rejection into the body of an error of any schema."""

from typing import Any

# Usual properties of an error for its reason and its status.
_DETAILS = ("detail", "message", "error_description", "description")
_STATUSES = ("status", "statusCode", "code")


def with_reason(value: Any, status: int, detail: str) -> Any:
    """Return the body of an error with its status and reason in their usual properties, at any depth."""
    if not isinstance(value, dict):
        return value
    filled = {name: with_reason(each, status, detail) for name, each in value.items()}
    filled |= {name: detail for name in _DETAILS if isinstance(value.get(name), str)}
    return filled | {name: status for name in _STATUSES if type(value.get(name)) is int}
