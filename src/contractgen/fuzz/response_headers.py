"""Headers of responses that are valid, and that schemathesis does not read by their schema."""

import json
import re

from contractgen.document.load import Document
from contractgen.fuzz.events import Failure
from contractgen.fuzz.operations import Operation
from contractgen_runtime.pointers import child, find_at
from contractgen_runtime.schemas import Schemas

_IGNORED = "OpenAPI ignores a header of a response that is called Content-Type"
_MISSING = re.compile(r"^- `([^`]+)`$", re.MULTILINE)
_UNREAD = "schemathesis reads a header as a text where its schema has not one type"
# The text of the header at the end of a message, which schemathesis has shortened if it is long.
_VALUE = re.compile(r"\nValue:\s+(\".*\")\s*$")


class ResponseHeaders:
    """The headers of the responses of a document in its normal form."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._schemas = Schemas(document.value)

    def reason(self, failure: Failure, operation: Operation) -> str | None:
        """Return why a header that schemathesis rejects or misses is none, or a JSON value of its schema.

        A message has the text of the header, not its name: all declared headers of that text must be so.
        """
        if failure.check != "response_headers_conformance":
            return None
        if {each.lower() for each in _MISSING.findall(failure.message)} == {"content-type"}:
            return _IGNORED
        key, value = operation.response_key(failure.status), _VALUE.search(failure.message)
        if key is None or value is None:
            return None
        text = json.loads(value[1])
        response, place = self._document.resolve(child(operation.pointer, "responses", key))
        sent = {name for name, each in failure.answered if each == text}
        names = [name for name in response.get("headers", {}) if name.lower() in sent]
        if names and all(name.lower() == "content-type" for name in names):
            return _IGNORED
        is_unread = names and all(self._admits(child(place, "headers", each), text) for each in names)
        return _UNREAD if is_unread else None

    def _admits(self, header: str, text: str) -> bool:
        """Return whether a schema has not one type, and admits the JSON value of a text that is no string."""
        schema = child(self._document.resolve(header)[1], "schema")
        node = find_at(self._document.value, schema)
        if not isinstance(node, dict) or isinstance(node.get("type"), str):
            return False
        try:
            value = json.loads(text)
        except ValueError:
            return False
        return not isinstance(value, str) and self._schemas.validator(schema).is_valid(value)
