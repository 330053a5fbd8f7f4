"""Streams of events that are valid by the contract, and that schemathesis reads otherwise."""

import json
import re
from collections.abc import Iterator
from typing import Any

from contractgen.document.load import Document
from contractgen.fuzz.events import Failure
from contractgen.fuzz.nesting import types_of
from contractgen.fuzz.operations import Operation
from contractgen.plan.media import event_data, event_of
from contractgen_runtime.pointers import child, find_at
from contractgen_runtime.schemas import Schemas

_STREAM = "schemathesis compares each event with the schema of the whole stream or of the data of an event"
_JSON = "schemathesis takes the data of an event for a text, which its schema describes as JSON"
_EVENTS, _OF_EVENT = "text/event-stream", "Event #"
_LINE_ENDS, _FIELD = re.compile(r"\r\n?"), re.compile(r"^(\w+)(?:: ?(.*))?$", re.MULTILINE)


class Streams:
    """The streams of a document in its normal form."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._schemas = Schemas(document.value)

    def reason(self, failure: Failure, operation: Operation) -> str | None:
        """Return why an event that violates a schema is valid; None if it is not."""
        key = operation.response_key(failure.status)
        if key is None or not failure.message.startswith(_OF_EVENT):
            return None
        response = self._document.resolve(child(operation.pointer, "responses", key))[1]
        media = child(response, "content", _EVENTS)
        types = types_of(self._document, child(media, "schema"))
        whole, data = event_of(self._document, media), event_data(self._document, media)
        # An event is no list. The data of one that the items describe are checked.
        if types == {"string"} or (types == {"array"} and not data):
            return _STREAM
        events = [*_events(failure.answer)]
        if whole:
            read = [[each, each | {"data": _json(each["data"])}] for each in events]
            return _JSON if self._are_valid(whole, read) else None
        is_valid = bool(data) and self._are_valid(data, [[_json(each["data"])] for each in events])
        return _STREAM if is_valid and "schema" in (find_at(self._document.value, media) or {}) else None

    def _are_valid(self, schema: str, read: list[list[Any]]) -> bool:
        """Return whether a schema admits one reading of each of several values."""
        validator = self._schemas.validator(schema)
        return bool(read) and all(any(map(validator.is_valid, each)) for each in read)


def _events(answer: bytes) -> Iterator[dict[str, Any]]:
    text = _LINE_ENDS.sub("\n", answer.decode(errors="replace"))
    for block in filter(None, (each.strip("\n") for each in text.split("\n\n"))):
        fields = _FIELD.findall(block)
        event: dict[str, Any] = {"event": "message"} | {name: value for name, value in fields if value}
        event["data"] = "\n".join(value for name, value in fields if name == "data")
        if str(event.get("retry", "")).isdecimal():
            event["retry"] = int(event["retry"])
        yield event


def _json(text: str) -> Any:
    """Return the value of a JSON text, any other text as it is."""
    try:
        return json.loads(text)
    except ValueError:
        return text
