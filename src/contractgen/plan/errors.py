"""Which refusals a contract has in a form of its own, and not in that of RFC 9457."""

from typing import Any

from contractgen.plan.contract import Header, ResponseContent
from contractgen_runtime.schemas import Schemas

_PROBLEM_TYPE = "application/problem+json"
# Headers that a refusal has by itself.
_OF_REFUSALS = {"www-authenticate", "retry-after"}
_PROBLEM = {
    "type": "about:blank",
    "title": "Unprocessable Content",
    "status": 422,
    "detail": "It is refused.",
}
_PROBLEMS: tuple[dict[str, Any], ...] = (
    _PROBLEM,
    _PROBLEM | {"errors": [{"in": "body", "pointer": "/name", "detail": "The member is required"}]},
)


def is_own_form(schemas: Schemas, content: ResponseContent, headers: tuple[Header, ...]) -> bool:
    """Whether an error's response is none that a problem of RFC 9457 fits into."""
    if any(header.required and header.name.lower() not in _OF_REFUSALS for header in headers):
        return True
    if _PROBLEM_TYPE not in content.media_types:
        return not content.is_streamed
    if content.schema is None:
        return False
    return not all(map(schemas.validator(content.schema).is_valid, _PROBLEMS))
