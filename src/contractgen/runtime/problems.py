"""Refusals of a request and what they look like: RFC 9457, `application/problem+json`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypedDict

from pydantic_core import to_json

from .pointers import child

Headers = list[tuple[bytes, bytes]]
Encoded = tuple[int, Headers, bytes]

# As RFC 9110 has them; Python before 3.13 has older names.
_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}
MAX_VIOLATIONS = 100
_MAX_TEXT = 1000


# `in` is a keyword of Python: a TypedDict has it only when it is made this way.
Violation = TypedDict("Violation", {"in": str, "pointer": str, "detail": str})


@dataclass(slots=True)
class Refusal(Exception):
    """An answer that generated code gives without asking a handler.

    `headers` are added to the answer; `violations` say which members of the request are wrong.
    """

    status: int
    detail: str
    headers: Headers = field(default_factory=list)
    violations: Sequence[Violation] = ()

    def encode(self) -> Encoded:
        """Status, headers and body of the answer."""
        title = _TITLES.get(self.status) or HTTPStatus(self.status).phrase
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.violations:
            body["errors"] = self.violations[:MAX_VIOLATIONS]
        return self.status, [(b"content-type", b"application/problem+json"), *self.headers], to_json(body)


def violation(location: str, pointer: str, detail: str) -> Violation:
    """One violation, cut to the length that a problem takes."""
    return {"in": location, "pointer": pointer[:_MAX_TEXT], "detail": detail[:_MAX_TEXT]}


def invalid(violations: Sequence[Violation]) -> Refusal:
    """422: the request violates the contract."""
    return Refusal(422, "The request violates the contract.", violations=violations)


def not_json(reason: str, path: Sequence[str | int] = ()) -> Refusal:
    """400: the body, or the part of it at a path, is not JSON."""
    place = f" at {child('', *path)}" if path else ""
    return Refusal(400, f"The body is not valid JSON{place}: {reason}.")
