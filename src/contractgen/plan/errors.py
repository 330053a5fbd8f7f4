"""The form of a contract's rejections: problems of RFC 9457, or its own."""

from contractgen.plan.contract import Header, ResponseContent
from contractgen_runtime.schemas import Schemas

_PROBLEM_TYPE = "application/problem+json"
# Headers that a refusal has by itself.
_OF_REFUSALS = {"www-authenticate", "retry-after"}
_PROBLEM = {
    "type": "about:blank",
    "title": "Unprocessable Content",
    "status": 422,
    # A pattern for it has to admit what the details of a service have: names, figures and signs.
    "detail": 'The body is not valid JSON: expected "," or "}" at line 1 column 1; it must be text/json.',
}
# The property of a violation that has the part of the request; contracts without either take the first.
_LOCATIONS = ("in", "location")


def has_own_headers(headers: tuple[Header, ...]) -> bool:
    """Return whether a response must have headers that only the service can give a value."""
    return any(header.required and header.name.lower() not in _OF_REFUSALS for header in headers)


def violation_location(schemas: Schemas, content: ResponseContent, headers: tuple[Header, ...]) -> str | None:
    """Return the property of a violation that has the part of the request; None if no problem fits in."""
    if has_own_headers(headers):
        return None
    if _PROBLEM_TYPE not in content.media_types:
        return None
    if content.schema is None:
        return _LOCATIONS[0]
    is_valid = schemas.validator(content.schema).is_valid
    if not is_valid(_PROBLEM):
        return None
    return next((name for name in _LOCATIONS if is_valid(_PROBLEM | {"errors": [_violation(name)]})), None)


def _violation(location: str) -> dict[str, str]:
    return {location: "body", "pointer": "/name", "detail": "The member is required"}
