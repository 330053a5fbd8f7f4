"""Properties that only responses have: no request needs one, whichever part of `allOf` requires it."""

import json
import re
from functools import cached_property
from typing import Any

from contractgen.document.load import Document
from contractgen.fuzz.events import Failure
from contractgen.fuzz.operations import Operation
from contractgen.schema.directions import directed, hidden_members, parts
from contractgen.schema.walk import reached
from contractgen_runtime.pointers import child, find_at
from contractgen_runtime.schemas import Schemas

READ_ONLY = (
    "a part of allOf requires a property that is readOnly in another: schemathesis demands it of requests, "
    "which must not have it"
)
_JSON = ("/json", "+json")
# The error for a body whose parts rule one another out.
_CONFLICTING = re.compile(
    r"request body \((?P<media_type>[^)]+)\) .* the schema at /\S+ conflicts with the schema at /\S+$"
)


class ReadOnly:
    """The properties of a document in its normal form that requests do not have."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._written = Schemas(document.value)

    @cached_property
    def _requested(self) -> Schemas:
        return Schemas(directed(self._document, "request"))

    def is_lacking(self, failure: Failure, operation: Operation) -> bool:
        """Return whether a body was sent as invalid that lacks nothing but such properties."""
        place = operation.media_type(failure.media_type)
        if place is None or not failure.media_type.endswith(_JSON):
            return False
        schema = child(place, "schema")
        if find_at(self._document.value, schema) is None:
            return False
        try:
            value = json.loads(failure.body)
        except ValueError:
            return False
        is_valid = self._requested.validator(schema).is_valid(value)
        return is_valid and not self._written.validator(schema).is_valid(value)

    def rules_out(self, operation: Operation, text: str) -> bool:
        """Return whether an error is about a body that requires such a property."""
        found = _CONFLICTING.search(text)
        place = operation.media_type(found["media_type"]) if found else None
        if place is None or find_at(self._document.value, child(place, "schema")) is None:
            return False
        return any(map(self._requires_hidden, reached(self._document, child(place, "schema"))))

    def _requires_hidden(self, schema: Any) -> bool:
        required = {
            name for part in parts(self._document, schema, set()) for name in part.get("required", ())
        }
        return bool(required & hidden_members(self._document, schema, "request"))
