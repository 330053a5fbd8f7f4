"""Pitfalls of schemathesis 4.32 on a correct service: a table of its configuration each, with the reason."""

from collections.abc import Iterable, Iterator, Sequence

from contractgen.fuzz.credentials import schemes
from contractgen.fuzz.operations import Operation
from contractgen.fuzz.toml import Table

# What schemathesis accepts itself, and what it leaves out though it is right.
_REJECTIONS = [*("400", "401", "403", "404", "405", "406", "409", "415", "422", "428", "429", "5xx")]
_TOO_LARGE = ["413", "414", "431"]
_ACCEPTANCES = ["2xx", "3xx", "401", "403", "404", "409", "429", "5xx"]
_HEADERLESS = ["400", "401", "403", "406", "415", "422"]
_OTHER_VERSION = ["412", "428"]
_OF_CREDENTIALS = ("authorization", "proxy-authorization", "cookie", "set-cookie")


def pitfalls(operations: Sequence[Operation]) -> Iterator[Table]:
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
    secret = _secret(operations)
    yield Table(
        ("output", "sanitization"),
        {"keys-to-sanitize": secret, "sensitive-markers": [*_OF_CREDENTIALS]},
        "schemathesis hides the value of every parameter with `key` or `token` in its name, so that a report "
        "does not say what was sent: only credentials are hidden. A marker is part of a name.",
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


def _secret(operations: Iterable[Operation]) -> list[str]:
    """Return the names of the headers and parameters that carry credentials, in lower case."""
    documents = {id(each.document): each.document for each in operations}
    nodes = [scheme.node for document in documents.values() for scheme in schemes(document).values()]
    keys = {str(node["name"]).lower() for node in nodes if node.get("type") == "apiKey"}
    return sorted({*_OF_CREDENTIALS, *keys})


def _expecting(check: str, statuses: list[str]) -> Table:
    """Return the statuses of a check for the operations that were named last."""
    return Table(("operations", "checks", check), {"expected-statuses": statuses})
