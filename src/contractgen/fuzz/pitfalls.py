"""Pitfalls of schemathesis 4.32 on a correct service: a table of its configuration each, with the reason."""

from collections.abc import Iterable, Iterator

from contractgen.fuzz.operations import Operation
from contractgen.fuzz.toml import Table

# What schemathesis accepts itself, and what it leaves out though it is right.
_REJECTIONS = [*("400", "401", "403", "404", "405", "406", "409", "415", "422", "428", "429", "5xx")]
_TOO_LARGE = ["413", "414", "431"]
_ACCEPTANCES = ["2xx", "3xx", "401", "403", "404", "409", "429", "5xx"]
_HEADERLESS = ["400", "401", "403", "406", "415", "422"]
_OTHER_VERSION = ["412", "428"]


def pitfalls(operations: Iterable[Operation]) -> Iterator[Table]:
    """Yield the tables for the operations that are fuzzed."""
    yield Table(
        ("auth",),
        {"auto-signup": False},
        "schemathesis signs up and logs in where it finds operations for it. It ends with a StopIteration if "
        "the body of the sign-up is a `$ref`, and a call of the log-out operation ends the session for good.",
    )
    yield Table(
        ("checks", "negative_data_rejection"),
        {"expected-statuses": [*_REJECTIONS, *_TOO_LARGE]},
        "Content that is longer than the schema permits can be rejected before it is read: 413, 414 and 431 "
        "are added to the statuses that schemathesis expects.",
    )
    conditional = [each.label for each in operations if each.is_conditional]
    if conditional:
        yield Table(
            ("operations",),
            {"include-name": conditional},
            "A valid request may name no version (428) or an old one (412): no schema says which is current.",
            repeated=True,
        )
        yield _expecting("positive_data_acceptance", [*_ACCEPTANCES, *_OTHER_VERSION])
        yield _expecting("negative_data_rejection", [*_REJECTIONS, *_TOO_LARGE, "412"])
        yield _expecting("missing_required_header", [*_HEADERLESS, "428"])


def _expecting(check: str, statuses: list[str]) -> Table:
    """Return the statuses of a check for the operations that were named last."""
    return Table(("operations", "checks", check), {"expected-statuses": statuses})
