"""Rules for request and response bodies: what HTTP, a form or a media type cannot carry."""

from collections.abc import Iterator

from contractgen.document.findings import Finding
from contractgen.document.grammar import objects_of
from contractgen.document.load import Document
from contractgen.lint.rule import Subject, rule
from contractgen.plan.bodies import hint_for
from contractgen.plan.readers import body_kinds, is_of_bytes
from contractgen_runtime.media import parse_media_type
from contractgen_runtime.pointers import child, tokens

_FORM = "application/x-www-form-urlencoded"
_COMPONENTS = "/components/mediaTypes/"
_BODILESS_METHODS = {"GET", "HEAD", "TRACE"}
_BODILESS_STATUSES = {"204", "205", "304"}


def _request_bodies(subject: Subject) -> Iterator[str]:
    """Yield the pointer of each request body, once."""
    bodies = (child(place.pointer, "requestBody") for place in subject.operations)
    holders = [body for body in bodies if "requestBody" in subject.document.at(body.rpartition("/")[0])]
    yield from dict.fromkeys(subject.document.resolve(body)[1] for body in holders)


@rule("unsupported-media-type", "warning")
def unsupported_media_type(subject: Subject) -> Iterator[Finding]:
    """A body of this media type is rejected with 415, because its schema cannot be applied to it: describe
    it as a string of format binary, or remove it."""
    for body in _request_bodies(subject):
        for media_type, kind in body_kinds(subject.document, body).items():
            if kind is None:
                message = f"a body of {media_type} is rejected with 415: its schema is not supported"
                yield subject.document.finding(
                    child(body, "content", media_type), message, hint_for(media_type)
                )


@rule("malformed-media-type", "error")
def malformed_media_type(subject: Subject) -> Iterator[Finding]:
    """A name without a type and a subtype is no media type, so clients cannot read the body: write one, such
    as application/json."""
    for place, _ in objects_of(subject.document.value, "media type"):
        name = tokens(place)[-1]
        if not place.startswith(_COMPONENTS) and parse_media_type(name) is None:
            hint = "write */*" if name == "*" else "write one such as application/json"
            yield subject.document.finding(place, f"{name!r} is no media type", hint)


@rule("binary-schema-ignored", "warning")
def binary_schema_ignored(subject: Subject) -> Iterator[Finding]:
    """A body of bytes reaches the handler unread, whatever its schema says: use a schema of type string,
    format binary."""
    for body in _request_bodies(subject):
        for media_type, kind in body_kinds(subject.document, body).items():
            where = child(body, "content", media_type)
            if kind == "binary" and "schema" in subject.document.at(where):
                schema = subject.document.resolve(child(where, "schema"))[0]
                if isinstance(schema, dict) and not is_of_bytes(schema):
                    message = f"a body of {media_type} is not validated: its schema has no effect"
                    hint = "use `type: string, format: binary`"
                    yield subject.document.finding(child(where, "schema"), message, hint)


@rule("form-empty-array", "warning")
def form_empty_array(subject: Subject) -> Iterator[Finding]:
    """A form cannot carry an empty array: make the property optional, or require an item by minItems."""
    for body in _request_bodies(subject):
        for media_type, content in subject.document.at(body).get("content", {}).items():
            if media_type.partition(";")[0] == _FORM and "schema" in content:
                where = child(body, "content", media_type)
                for name in _required_arrays(subject.document, child(where, "schema")):
                    message = f"a form cannot carry the required array {name!r} if it is empty"
                    hint = "make it optional, or set `minItems: 1`"
                    yield subject.document.finding(where, message, hint)


def _required_arrays(document: Document, schema: str) -> Iterator[str]:
    """Yield the arrays that an object must have, and that may be empty."""
    node, pointer = document.resolve(schema)
    if not isinstance(node, dict):
        return
    for name in node.get("required", ()):
        if name in node.get("properties", {}):
            value = document.resolve(child(pointer, "properties", name))[0]
            if isinstance(value, dict) and value.get("type") == "array" and not value.get("minItems"):
                yield name


@rule("body-not-allowed", "warning")
def body_not_allowed(subject: Subject) -> Iterator[Finding]:
    """HTTP gives this body no meaning, and clients or proxies drop it: use parameters, another method or
    another status."""
    document = subject.document
    for place in subject.operations:
        operation = document.at(place.pointer)
        if "requestBody" in operation and place.method in _BODILESS_METHODS:
            message, hint = f"a {place.method} request has no body in HTTP", "use parameters, or POST"
            yield document.finding(child(place.pointer, "requestBody"), message, hint)
        for status in sorted(_BODILESS_STATUSES & operation.get("responses", {}).keys()):
            response, pointer = document.resolve(child(place.pointer, "responses", status))
            if response.get("content"):
                message, hint = f"a {status} response has no body in HTTP", "remove the content, or use 200"
                yield document.finding(child(pointer, "content"), message, hint)
