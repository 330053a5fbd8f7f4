"""Headers and cookies of requests that mean something else to HTTP or OpenAPI than to schemathesis."""

import re

from contractgen.document.load import Document
from contractgen.document.operations import declared_parameters
from contractgen.fuzz.events import Failure
from contractgen.fuzz.operations import Operation

# The status of a request whose header of HTTP is another one than HTTP, or the contract elsewhere, wants.
_OF_HTTP = {
    "accept": "406",
    "authorization": "401",
    "content-type": "415",
    "content-encoding": "415",
    "content-length": "400",
    "host": "400",
    "transfer-encoding": "400",
}
# The names of the headers that the invalid part of a request consists of, each in a group of its own.
_OF_HEADERS = (
    re.compile(r"Invalid component: parameter `([^`]+)` in header"),
    re.compile(r"Invalid component: Missing `([^`]+)` at header"),
    re.compile(r"Invalid component: in header - violates `required` \(was ([^)]+)\)"),
    re.compile(r"missing required '([^']+)' header"),
)
_UNKNOWN = re.compile(r"Invalid component: in (?:header|cookie) - object with unexpected properties\s*$")


def is_of_http(document: Document, failure: Failure, operation: Operation) -> bool:
    """Return whether a failure is that of a header parameter that is no parameter for OpenAPI or HTTP."""
    parameters = declared_parameters(document, operation.pointer)
    names = {name.lower() for location, name in parameters if location == "header"} & _OF_HTTP.keys()
    if failure.check in ("negative_data_rejection", "missing_required_header"):
        matches = (each.search(failure.message) for each in _OF_HEADERS)
        found = next(({*each[1].lower().split(", ")} for each in matches if each), set[str]())
        # A credential is among them, too, and is sent all the same.
        return bool(found & names) and found - names <= {name for name, _ in failure.headers}
    is_rejected = failure.check in ("positive_data_acceptance", "status_code_conformance")
    return is_rejected and failure.status in {_OF_HTTP[name] for name in names}


def has_unknown_header(failure: Failure) -> bool:
    """Return whether the invalid part of a request is a header or cookie that the contract does not have."""
    return _UNKNOWN.search(failure.message) is not None
