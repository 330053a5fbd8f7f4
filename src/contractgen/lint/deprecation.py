"""Rules for the dates of a deprecated operation."""

from collections.abc import Iterator

from contractgen.document.findings import Finding
from contractgen.lint.rule import Subject, rule
from contractgen.plan.deprecation import SINCE, SUNSET, moment
from contractgen_runtime.pointers import child


@rule("sunset-before-deprecation", "error")
def sunset_before_deprecation(subject: Subject) -> Iterator[Finding]:
    """RFC 9745 forbids a Sunset before the Deprecation, and clients cannot prepare for it: correct one of the
    dates."""
    for place in subject.operations:
        node = subject.document.at(place.pointer)
        since, sunset = moment(node.get(SINCE)), moment(node.get(SUNSET))
        if since is not None and sunset is not None and sunset < since:
            message = f"{SUNSET} {node[SUNSET]} is before {SINCE} {node[SINCE]}"
            yield subject.document.finding(child(place.pointer, SUNSET), message, "correct one of them")


@rule("dates-without-deprecated", "warning")
def dates_without_deprecated(subject: Subject) -> Iterator[Finding]:
    """The dates of an operation are sent only if it is deprecated, which tools read: add `deprecated: true`,
    or remove them."""
    for place in subject.operations:
        node = subject.document.at(place.pointer)
        for name in (SINCE, SUNSET):
            if name in node and node.get("deprecated") is not True:
                message = f"{name} of an operation that is not deprecated"
                yield subject.document.finding(child(place.pointer, name), message, "add `deprecated: true`")
