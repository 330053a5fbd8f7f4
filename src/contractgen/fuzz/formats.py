"""Responses that are valid only by a format which schemathesis does not check."""

import json
from urllib.parse import quote

import jsonschema_rs

from contractgen.document.load import Document
from contractgen.fuzz.events import Failure
from contractgen.fuzz.operations import Operation
from contractgen_runtime.pointers import child, find_at
from contractgen_runtime.schemas import Schemas

UNCHECKED = "schemathesis does not check the formats byte and decimal, by which subschemas of a union differ"
_DOCUMENT = "urn:document"


class Formats:
    """The formats of OpenAPI in the responses of a document in its normal form."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._strict = Schemas(document.value)
        self._registry = jsonschema_rs.Registry([(_DOCUMENT, document.value)])

    def decide(self, failure: Failure, operation: Operation) -> bool:
        """Return whether the body of a response is valid, and would not be without these formats."""
        key = operation.response_key(failure.status)
        if failure.check != "response_schema_conformance" or key is None:
            return False
        try:
            value = json.loads(failure.answer)
        except ValueError:
            return False
        response = self._document.resolve(child(operation.pointer, "responses", key))[1]
        contents = find_at(self._document.value, child(response, "content")) or {}
        schemas = [child(response, "content", name, "schema") for name in contents if "json" in name]
        return any(
            self._strict.validator(each).is_valid(value) and not self._is_valid_without(each, value)
            for each in schemas
            if find_at(self._document.value, each) is not None
        )

    def _is_valid_without(self, schema: str, value: object) -> bool:
        reference = {"$ref": f"{_DOCUMENT}#{quote(schema)}"}
        return jsonschema_rs.Draft202012Validator(
            reference, registry=self._registry, validate_formats=True
        ).is_valid(value)
