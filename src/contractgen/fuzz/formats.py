"""Formats that schemathesis does not check and a contract does, and those that only schemathesis checks."""

import json
import re
from urllib.parse import quote

import jsonschema_rs

from contractgen.document.load import Document
from contractgen.fuzz.events import Failure
from contractgen.fuzz.operations import Operation
from contractgen.schema.schemas import KNOWN_FORMATS, UNCHECKED_FORMATS
from contractgen_runtime.pointers import child, find_at, tokens
from contractgen_runtime.schemas import Schemas

UNCHECKED = "schemathesis does not check the formats byte and decimal, by which subschemas of a union differ"
CHECKED = "schemathesis sent a text as invalid by a format that says nothing of texts, such as binary"
_VIOLATED = re.compile(r"Invalid component: in body - violates `format` at (?P<place>/\S*)\s*\Z")
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

    def have_no_effect(self, failure: Failure, operation: Operation) -> bool:
        """Return whether a valid body was sent as invalid by a format that no validator checks."""
        violated, place = _VIOLATED.search(failure.message), operation.media_type(failure.media_type)
        if failure.check != "negative_data_rejection" or violated is None or place is None:
            return False
        pointer = schema = child(place, "schema")
        for token in tokens(violated["place"]):
            pointer = child(self._document.resolve(pointer)[1], token)
            if find_at(self._document.value, pointer) is None:
                return False
        name = self._document.resolve(pointer)[0].get("format")
        try:
            is_valid = self._strict.validator(schema).is_valid(json.loads(failure.body))
        except ValueError:  # no JSON
            return False
        return is_valid and (name in UNCHECKED_FORMATS or name not in KNOWN_FORMATS)

    def _is_valid_without(self, schema: str, value: object) -> bool:
        reference = {"$ref": f"{_DOCUMENT}#{quote(schema)}"}
        return jsonschema_rs.Draft202012Validator(
            reference, registry=self._registry, validate_formats=True
        ).is_valid(value)
