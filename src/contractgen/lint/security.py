"""Rules for security requirements: that a request can meet them."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from contractgen.document.findings import Finding
from contractgen.lint.rule import Subject, rule
from contractgen_runtime.pointers import child, find_at

_SCHEMES = "/components/securitySchemes"


@rule("security-never-met", "error")
def security_never_met(subject: Subject) -> Iterator[Finding]:
    """A request has one value of a header, so credentials of two kinds in the same one are never both sent:
    make them alternatives, each a requirement of its own."""
    places = [child(place.pointer, "security") for place in subject.operations]
    for place in ("/security", *places):
        for index, requirement in enumerate(find_at(subject.document.value, place) or ()):
            for one, other in combinations(requirement, 2):
                (carrier, kind), (same, another) = _carried(subject, one), _carried(subject, other)
                if carrier and carrier == same and kind != another:
                    message = f"{one!r} and {other!r} are both sent as one {' '.join(carrier)}"
                    hint = "make them alternatives, each a requirement of its own"
                    yield subject.document.finding(child(place, index), message, hint)


def _carried(subject: Subject, name: str) -> tuple[tuple[str, str] | None, str]:
    """Return what carries the credential of a scheme, None for a certificate, and the credential's kind."""
    place = child(_SCHEMES, name)
    if find_at(subject.document.value, place) is None:
        return None, ""
    scheme: dict[str, Any] = subject.document.resolve(place)[0]
    match scheme.get("type"):
        case "apiKey":
            location, key = scheme["in"], scheme["name"]
            return (location, key.lower() if location == "header" else key), "key"
        case "mutualTLS":
            return None, ""
    return ("header", "authorization"), str(scheme.get("scheme", "bearer")).lower()
