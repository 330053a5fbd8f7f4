"""Rejections of a request as problems of RFC 9457, `application/problem+json`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypedDict

from pydantic_core import to_json

from .pointers import child

Headers = list[tuple[bytes, bytes]]
Encoded = tuple[int, Headers, bytes]

# Reason phrases of RFC 9110; Python before 3.13 has older ones.
_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}
MAX_VIOLATIONS = 100
_MAX_TEXT = 1000


# `in` is a keyword of Python, so the class syntax of TypedDict cannot declare it.
Violation = TypedDict("Violation", {"in": str, "pointer": str, "detail": str})


@dataclass(slots=True)
class Refusal(Exception):
    """The rejection of a request: a response that generated code creates without a handler.

    `headers` are added to the response; `violations` report the invalid parts of the request.
    """

    status: int
    detail: str
    headers: Headers = field(default_factory=list)
    violations: Sequence[Violation] = ()

    def encode(self, location: str = "in") -> Encoded:
        """Return status, headers and body of the response; `location` is the property for a violation's part
        of the request."""
        title = _TITLES.get(self.status) or HTTPStatus(self.status).phrase
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.violations:
            found = self.violations[:MAX_VIOLATIONS]
            body["errors"] = found if location == "in" else [_renamed(each, location) for each in found]
        return self.status, [(b"content-type", b"application/problem+json"), *self.headers], to_json(body)


def _renamed(violation: Violation, location: str) -> dict[str, str]:
    return {location: violation["in"], "pointer": violation["pointer"], "detail": violation["detail"]}


def violation(location: str, pointer: str, detail: str) -> Violation:
    """Return a violation, cut to the lengths that the schema of problems permits."""
    return {"in": location, "pointer": pointer[:_MAX_TEXT], "detail": detail[:_MAX_TEXT]}


def invalid(violations: Sequence[Violation]) -> Refusal:
    """Return a 422 with the violations of the contract."""
    return Refusal(422, "The request violates the contract.", violations=violations)


def not_json(reason: str, path: Sequence[str | int] = ()) -> Refusal:
    """Return a 400: the body, or its value at a path, is not JSON."""
    place = f" at {child('', *path)}" if path else ""
    return Refusal(400, f"The body is not valid JSON{place}: {reason}.")
