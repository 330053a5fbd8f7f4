"""Forms that are not what schemathesis takes them for: a form is text, whatever type a value had."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

from contractgen.document.load import Document
from contractgen.fuzz.events import Failure
from contractgen.fuzz.operations import Operation
from contractgen_runtime.pointers import child, find_at
from contractgen_runtime.schemas import Schemas
from contractgen_runtime.values import Coercion, Known, Texts

NAMES = (
    "schemathesis wrote an object within a form as the names of its properties alone, mixed with another, "
    "or in brackets that have no meaning"
)
ENCODING = "schemathesis wrote a property of an encoded form otherwise than as the JSON of its encoding"
NOTHING = "schemathesis wrote an empty list within a form as nothing, or one without a type as several texts"
PARTLESS = "schemathesis wrote null, or another value that is no object, as a form without parts"
BARE = "schemathesis wrote a text into a part of JSON as it is, without quotes"
NO_PARTS = "schemathesis wrote an empty form of parts as no body"
TEXTS = "schemathesis wrote the invalid form as a valid one: an object or number is sent as a text"
_ENCODED, _PARTS = "application/x-www-form-urlencoded", "multipart/form-data"

# schemathesis names no location of a property that a body lacks.
OF_BODY = re.compile(r"\bin body\b|Invalid component: Missing required property\b")


class Forms:
    """The forms of a document in its normal form."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._schemas = Schemas(document.value)

    def is_valid(self, failure: Failure, operation: Operation) -> bool:
        """Return whether a form that should be rejected has only texts that its schema admits.

        An empty text is an empty list, too, although schemathesis may have meant a list with an empty text.
        """
        place = operation.media_type(failure.media_type)
        if not OF_BODY.search(failure.message) or place is None:
            return False
        schema, pairs = child(place, "schema"), _pairs(failure)
        if not pairs or find_at(self._document.value, schema) is None:
            return False
        found: dict[str, list[Texts]] = {}
        of_json = [part.get_content_type() == "application/json" for part in _parts(failure)]
        for index, (name, text) in enumerate(pairs):
            is_json = of_json[index : index + 1] == [True]
            found.setdefault(name, []).append(_known(text) if is_json else text)
        form = {name: texts[0] if len(texts) == 1 else texts for name, texts in found.items()}
        read = Coercion(self._schemas, schema)
        lists = (name for name in found if "array" in read.kinds_of(read.places_of(name)))
        emptied = form | {name: [] for name in lists if found[name] == [""]}
        return any(self._admits(schema, each) for each in (form, emptied, self._gathered(read, form)))

    def _gathered(self, read: Coercion, form: dict[str, Texts]) -> dict[str, Texts]:
        """Return a form with the properties of each spread object as one of its own."""
        own = read.members[0]
        gathered = dict(form)
        for name in sorted(own - form.keys()):
            places = read.places_of(name)
            if "object" in read.kinds_of(places):
                members = (Coercion(self._schemas, each).members[0] for each in places)
                names = frozenset[str]().union(*members) - own
                if spread := {each: gathered.pop(each) for each in names & gathered.keys()}:
                    gathered[name] = spread
        return gathered

    def _admits(self, schema: str, form: dict[str, Texts]) -> bool:
        try:
            value = Coercion(self._schemas, schema).read(form)
        except ValueError:
            return False
        return self._schemas.validator(schema).is_valid(value)

    def has_lost_object(self, failure: Failure, operation: Operation) -> bool:
        """Return whether a form has an object without its values, or mixed with another of the same names.

        The other one can be one that was not sent, but that the form has by its schema.
        """
        if not isinstance(failure.meant, dict):
            return False
        sent: dict[str, list[str]] = {}
        for name, text in _pairs(failure):
            sent.setdefault(name, []).append(text)
        spread = Counter(failure.meant.keys() & sent.keys())
        for name, value in failure.meant.items():
            objects = value if isinstance(value, list) else [value]
            if not objects or not all(isinstance(each, dict) for each in objects):
                continue
            keys = [key for each in objects for key in each]
            if any(each.startswith(f"{name}[") for each in sent) and any(map(_is_beyond_brackets, objects)):
                return True
            if keys and sorted(sent.get(name, ())) == sorted(keys):
                return True
            if name not in sent:
                is_spread = not any(each.startswith(f"{name}[") for each in sent)
                if is_spread and any(
                    self._is_beyond_names(name, each, failure, operation) for each in objects
                ):
                    return True
                spread.update(keys)
                for others in self._members_beside(name, failure, operation):
                    spread.update(others.intersection(keys))
        return any(count > 1 for count in spread.values())

    def _is_beyond_names(
        self, name: str, value: dict[str, Any], failure: Failure, operation: Operation
    ) -> bool:
        """Return whether a spread object has objects within it, or names that its schema does not have."""
        place = operation.media_type(failure.media_type)
        if place is None:
            return False
        form = Coercion(self._schemas, child(place, "schema"))
        members = [Coercion(self._schemas, each).members for each in form.places_of(name)]
        known = frozenset[str]().union(*(names for names, _ in members))
        is_open = any(each for _, each in members)
        is_deep = any(isinstance(each, dict) and each for each in value.values())
        return is_deep or not (is_open or value.keys() <= known)

    def has_lost_encoding(self, failure: Failure, operation: Operation) -> bool:
        """Return whether a property of an encoded form is not the JSON that its encoding says."""
        place = operation.media_type(failure.media_type)
        if failure.media_type != _ENCODED or not isinstance(failure.meant, dict) or place is None:
            return False
        sent = dict(_pairs(failure))
        encodings = self._document.at(place).get("encoding", {})
        return any(
            "json" in encodings.get(name, {}).get("contentType", "")
            and not _is_json_of(sent.get(name), value)
            for name, value in failure.meant.items()
        )

    def _members_beside(self, name: str, failure: Failure, operation: Operation) -> Iterator[frozenset[str]]:
        """Yield the names of the properties of each object in a form but one."""
        place = operation.media_type(failure.media_type)
        if place is None:
            return
        form = Coercion(self._schemas, child(place, "schema"))
        for other in form.members[0] - {name}:
            kinds = form.kinds_of(form.places_of(other))
            for each in form.places_of(other) if "object" in kinds else ():
                yield Coercion(self._schemas, each).members[0]

    def was_invalid(self, failure: Failure, operation: Operation) -> bool:
        """Return whether the value of a form violates its schema, as schemathesis meant it.

        The report has bytes in an object of their own, which no schema describes.
        """
        place = operation.media_type(failure.media_type)
        if failure.media_type not in (_ENCODED, _PARTS) or place is None:
            return False
        if not isinstance(failure.meant, dict) or _has_bytes(failure.meant):
            return False
        schema = child(place, "schema")
        if find_at(self._document.value, schema) is None:
            return False
        return not self._schemas.validator(schema).is_valid(failure.meant)

    def has_no_parts(self, failure: Failure) -> bool:
        """Return whether a form of parts has none, and its media type no boundary."""
        media_type = dict(failure.headers).get("content-type", "")
        return failure.media_type == _PARTS and not failure.body and "boundary=" not in media_type

    def is_no_form(self, failure: Failure) -> bool:
        """Return whether null, or another value that is no object, was sent as parts."""
        is_value = failure.media_type == _PARTS and not isinstance(failure.meant, dict)
        text = failure.body.partition(b"\r\n")[2].strip().lower()  # behind the first boundary
        return is_value and bool(text) and b"content-disposition" not in text

    def has_bare_text(self, failure: Failure) -> bool:
        """Return whether a part is not the JSON that its Content-Type announces."""
        for part in _parts(failure):
            payload = part.get_payload(decode=True)
            if part.get_content_type() == "application/json" and isinstance(payload, bytes):
                try:
                    json.loads(payload)
                except ValueError:
                    return True
        return False

    def has_lost_list(self, failure: Failure, operation: Operation) -> bool:
        """Return whether a form lacks what is required and empty, or repeats what has no type."""
        place = operation.media_type(failure.media_type)
        if not isinstance(failure.meant, dict) or place is None:
            return False
        sent = {name for name, _ in _pairs(failure)}
        read = Coercion(self._schemas, child(place, "schema"))
        required = {name for each in read.variants.values() for name in each.get("required", ())}
        return any(
            (value in ([], {}) and name in required - sent)
            or (isinstance(value, list) and name in sent and not read.is_typed(read.places_of(name)))
            for name, value in failure.meant.items()
        )


def _is_beyond_brackets(value: dict[str, Any]) -> bool:
    """Return whether an object has what the names of deepObject do not define: `a[b]` is all they have."""
    return any(not key or {"[", "]"} & {*key} or isinstance(each, dict | list) for key, each in value.items())


def _is_json_of(text: str | None, value: Any) -> bool:
    try:
        return text is not None and bool(json.loads(text) == value)
    except ValueError:
        return False


def _pairs(failure: Failure) -> list[tuple[str, str]]:
    """Return the names and texts of a form, none if the body is not one."""
    if failure.media_type == _ENCODED:
        return parse_qsl(failure.body.decode("latin-1"), keep_blank_values=True)
    return [_pair(part.get_param("name", header="content-disposition"), part) for part in _parts(failure)]


def _parts(failure: Failure) -> Iterator[Message]:
    """Yield the parts of a body, none if it has no parts."""
    if failure.media_type == _PARTS:
        header = dict(failure.headers).get("content-type", "").encode("latin-1")
        message = message_from_bytes(b"Content-Type: %b\r\n\r\n%b" % (header, failure.body), policy=HTTP)
        yield from message.iter_parts() if message.is_multipart() else ()


def _has_bytes(value: Any) -> bool:
    """Return whether a value has bytes, as reports of schemathesis write them."""
    if isinstance(value, list):
        return any(map(_has_bytes, value))
    return isinstance(value, dict) and ("$base64" in value or any(map(_has_bytes, value.values())))


def _known(text: str) -> Texts:
    try:
        return Known(json.loads(text))
    except ValueError:
        return text


def _pair(name: object, part: Message) -> tuple[str, str]:
    payload = part.get_payload(decode=True)
    return str(name), payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
