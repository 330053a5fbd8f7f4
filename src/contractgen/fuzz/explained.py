"""Tell failures of the service from those that the contract, or the way to the service, explains.

A contract that contradicts itself fails under every service: what `contractgen lint` has found at the place
of a failure explains it. The same holds for a request that reaches another operation, or none.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from typing import Any

from contractgen.document.findings import Finding
from contractgen.document.grammar import objects_of
from contractgen.document.load import Document
from contractgen.document.operations import declared_parameters
from contractgen.fuzz.events import Failure, essence
from contractgen.fuzz.formats import CHECKED, UNCHECKED, Formats
from contractgen.fuzz.mistakes import Mistakes
from contractgen.fuzz.operations import Operation, operations
from contractgen.fuzz.read_only import READ_ONLY, ReadOnly
from contractgen.fuzz.response_headers import ResponseHeaders
from contractgen.fuzz.routing import is_routed, methods_at
from contractgen_runtime.pointers import child, pointer_of

# The lint rules that explain failures: a body in a media type or of a schema that is not enforced.
_NOT_READ, _OF_LISTS, _OF_BYTES = "unsupported-media-type", "form-empty-array", "binary-schema-ignored"
_OF_DISCRIMINATORS, _NO_SUCCESS = "discriminator-value", "success-response-missing"
_OF_MAPPINGS = "discriminator-mapping"
_OF_CLOSED = "required-property-not-allowed"
# Those about schemas that admit no value, and about discriminators that decide nothing.
_OF_NOTHING = {
    *("one-of-never-valid", "contradictory-bounds", "enum-type-mismatch", "string-never-valid"),
    *("schema-never-valid", _OF_CLOSED),
}
_OF_UNIONS = {"discriminator-const", "discriminator-mapping", "one-of-never-valid", _OF_DISCRIMINATORS}
_OF_SECURITY, _OF_HEADERS, _OF_MEDIA = "security-never-met", "header-example", "malformed-media-type"
# The errors for links by the rules that find them, and what the finding names, too.
_OF_LINKS = {
    "link-operation": re.compile(r"(?: - )?Operation ('.*?') not found"),
    "link-parameter": re.compile(r"(?: - )?Parameter (`[^`]+`) is not defined in API operation `[^`]+`"),
    "link-expression": re.compile(
        r"(?: - )?Expression `([^`]+)` references non-existent \w+ parameter `[^`]+` in `[^`]+`"
    ),
}
# The errors for a body that no value fits, with the pointers of what rules it out.
_UNFIT = re.compile(r"conflicts with `additionalProperties: false` at (?P<pointer>/\S+)$")
_CONFLICTING = re.compile(r"the schema at (/\S+) conflicts with the schema at (/\S+)$")
# The error for what schemathesis cannot resolve.
_SCHEMA_ERROR, _OF_VALUES = (
    "Ensure that the definition complies with the OpenAPI specification",
    "reference-in-value",
)
# The error for a part of a request that no value fits.
_UNMADE = re.compile(
    r"Cannot generate test data for (?:request body \((?P<body>[^)]*)\)"
    r"|(?P<where>\w+) parameter '(?P<name>.*?)')(?=\s)"
)
# The error for a name that is no media type.
_MALFORMED = re.compile(r"Malformed media type: `(?P<name>[^`]*)`")
# The error for examples of headers, and the name of each.
_UNSENDABLE = re.compile(r"some header examples are invalid:\s+(?P<examples>- .*)")
_OF_EXAMPLE = re.compile(r"- ('(?:[^']|\\')*')=")
# The discriminator value that schemathesis takes for unknown.
_OF_VALUE = re.compile(r"discriminator property '(?P<name>.*?)' with value (?P<value>'.*?'),\n")
# The invalid part of a request, if it is not the body.
_ELSEWHERE = re.compile(r"Invalid component: (?:parameters? |in (?:path|query|headers?|cookies?)\b)")
# What a mock says of a response whose schema no value of its fits.
_VALUELESS = re.compile(rb"The mock has no value for a (?P<status>[0-9]{3}) of ")
_MOCKED = ("x-contractgen-mocked", "true")
# The checks that expect a response of an operation.
_OF_RESPONSE = frozenset(
    {
        "status_code_conformance",
        "positive_data_acceptance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    }
)
_ROUTER = (
    "the request reaches another operation of the contract, or none: the router's 404 or 405 belongs to none"
)
# The operation that does not find what another one has made.
_UNAVAILABLE = re.compile(r"Not available with: `(?P<label>[^`]+)`")
# The methods that schemathesis misses in the contract, at the path of the operation alone.
_ADVERTISED = re.compile(r"Undocumented methods advertised: ([A-Z]+(?:, [A-Z]+)*)")
_MISSED = re.compile(r"Missing documented methods: ([A-Z]+(?:, [A-Z]+)*)")
# What lint says of the content of a 204, which no response can have.
_BODILESS = "response has no body in HTTP"
_TOO_LARGE = "the contract declares 413: a body can be valid and yet too large, which no schema can say"
_SHARED = "the URL is also that of another path of the contract, whose methods it has too"
_TOO_LARGE_KEYS = {"413", "4XX", "default"}


class Explanations:
    """Explains failures by the findings of lint about a document."""

    def __init__(self, document: Document, findings: Sequence[Finding], base_path: str = "") -> None:
        self._document = document
        self._findings = findings
        self._base_path = base_path
        self._mistakes = Mistakes(document)
        self._formats = Formats(document)
        self._response_headers = ResponseHeaders(document)
        self._read_only = ReadOnly(document)
        self.operations = operations(document)
        self._by_label = {each.label: each for each in self.operations}

    def of(self, failure: Failure) -> str | None:
        """Return the reason why a failure is not one of the service; None if it is."""
        operation = self._by_label.get(failure.operation)
        if operation is None:
            return None
        if self._is_routers(failure, operation):
            return _ROUTER
        if self._is_shared(failure, operation):
            return _SHARED
        return self._of_messages(failure, operation) or self._of_findings(failure, operation)

    def of_unadmitted(self, operation: Operation) -> str | None:
        """Return the finding about requirements that no request meets; None if there is none."""
        place = child(operation.pointer, "security") if "security" in operation.node else "/security"
        found = (each for each in self._below(place) if each.rule == _OF_SECURITY)
        return next((f"{each} [{each.rule}]" for each in found), None)

    def of_error(self, label: str, text: str) -> str | None:
        """Return the finding about what keeps schemathesis from testing; None if there is none."""
        operation = self._by_label.get(label)
        if operation is not None and self._read_only.rules_out(operation, text):
            return READ_ONLY
        if operation is not None and (_UNMADE.search(text) or text == _SCHEMA_ERROR):
            return next((f"{each} [{each.rule}]" for each in self._in_request(operation, text)), None)
        places = []
        if unfit := _UNFIT.search(text):
            places = [child(unfit["pointer"], "additionalProperties")]
        elif conflicting := _CONFLICTING.search(text):
            places = [*conflicting.groups()]
        if places:
            told = chain.from_iterable(map(self._at, places))
            return next((f"{each} [{each.rule}]" for each in told if each.rule == _OF_CLOSED), None)
        if malformed := _MALFORMED.search(text):
            found = (each for each in self._findings if each.rule == _OF_MEDIA)
            named = (each for each in found if each.message.startswith(f"{malformed['name']!r} "))
            return next((f"{each} [{each.rule}]" for each in named), None)
        if unsendable := _UNSENDABLE.search(text):
            return self._of_headers(set(_OF_EXAMPLE.findall(unsendable["examples"])))
        return self._of_links(text)

    def _in_request(self, operation: Operation, text: str) -> Iterator[Finding]:
        """Yield the findings about the part of a request that an error names, or about all of it."""
        declared = declared_parameters(self._document, operation.pointer)
        if part := _UNMADE.search(text):
            parameter = declared.get((part["where"], part["name"]))
            place = operation.media_type(essence(part["body"])) if part["body"] else parameter
            yield from self._reached(place, _OF_NOTHING) if place else ()
            return
        for place in (*declared.values(), operation.body()):
            yield from self._reached(place, {_OF_VALUES}) if place else ()

    def _of_headers(self, names: set[str]) -> str | None:
        """Return the first finding about examples of headers if each of these names has one."""
        found = [each for each in self._findings if each.rule == _OF_HEADERS]
        told = [next((each for each in found if each.message.endswith(name)), None) for name in names]
        return f"{told[0]} [{_OF_HEADERS}]" if told and all(told) else None

    def _of_links(self, text: str) -> str | None:
        """Return the first finding about links if every error of a text has one."""
        reasons: list[str] = []
        for rule, fault in _OF_LINKS.items():
            found = [each for each in self._findings if each.rule == rule]
            for name in fault.findall(text):
                told = next((each for each in found if name.replace("`", "'") in each.message), None)
                if told is None:
                    return None
                reasons.append(f"{told} [{rule}]")
            text = fault.sub("", text)
        return reasons[0] if reasons and " - " not in text else None

    def _of_messages(self, failure: Failure, operation: Operation) -> str | None:
        """Return an explanation by the request or the response."""
        if _is_too_large(failure) and _TOO_LARGE_KEYS & operation.node["responses"].keys():
            return _TOO_LARGE
        if self._formats.decide(failure, operation):
            return UNCHECKED
        if self._formats.have_no_effect(failure, operation):
            return CHECKED
        if reason := self._response_headers.reason(failure, operation):
            return reason
        if failure.check == "negative_data_rejection" and self._read_only.is_lacking(failure, operation):
            return READ_ONLY
        return self._mistakes.in_request(failure, operation)

    def _of_findings(self, failure: Failure, operation: Operation) -> str | None:
        finding = next(self._told(failure, operation), None)
        return f"{finding} [{finding.rule}]" if finding else None

    def _is_routers(self, failure: Failure, operation: Operation) -> bool:
        if failure.status not in ("404", "405"):
            return False
        if failure.check == "ensure_resource_availability":
            other = self._unavailable(failure)
            return other is not None and not self._is_routed(failure, other)
        if failure.check == "unsupported_method" and failure.status == "404":
            return not methods_at(self.operations, failure.url, self._base_path)
        return failure.check in _OF_RESPONSE and not self._is_routed(failure, operation)

    def _unavailable(self, failure: Failure) -> Operation | None:
        """Return the operation that does not find what another one has made."""
        found = _UNAVAILABLE.search(failure.message)
        return self._by_label.get(found["label"]) if found else None

    def _is_routed(self, failure: Failure, operation: Operation) -> bool:
        return is_routed(self.operations, operation, failure.method, failure.url, self._base_path)

    def _is_shared(self, failure: Failure, operation: Operation) -> bool:
        if failure.check not in ("allow_header_conformance", "unsupported_method"):
            return False
        declared = methods_at(self.operations, failure.url, self._base_path)
        if failure.check == "unsupported_method":
            own = {each.method for each in self.operations if each.path == operation.path}
            return failure.method in declared - own
        literal = methods_at(
            [each for each in self.operations if "{" not in each.path], failure.url, self._base_path
        )
        advertised, missing = (_methods(each, failure.message) for each in (_ADVERTISED, _MISSED))
        # The router has the methods of a path without placeholders alone.
        is_literal = bool(literal) and literal.isdisjoint(missing) and "{" in operation.path
        return bool(advertised | missing) and advertised <= declared and (is_literal or not missing)

    def _told(self, failure: Failure, operation: Operation) -> Iterator[Finding]:
        """Yield the findings about the place of a failure that expect it."""
        for place in self._without_success(failure, operation):
            yield from (each for each in self._at(place) if each.rule == _NO_SUCCESS)
        yield from self._told_of_nothing(failure, operation)
        if "Malformed media type" in failure.title + failure.message:
            key = operation.response_key(failure.status) or failure.status
            place = self._document.resolve(child(operation.pointer, "responses", key))[1]
            yield from (each for each in self._below(child(place, "content")) if each.rule == _OF_MEDIA)
        match failure.check, failure.status:
            # No schema says how large a valid body may be: where 413 is not declared, lint asks for it.
            case ("status_code_conformance", status) | ("positive_data_acceptance", "413" as status):
                pointer, message = child(operation.pointer, "responses"), f"response {status} is not declared"
                yield from (each for each in self._at(pointer) if each.message == message)
            case (
                "content_type_conformance" | "response_schema_conformance",
                "204" | "205" | "304" as status,
            ):
                key = operation.response_key(status) or status
                place = self._document.resolve(child(operation.pointer, "responses", key))[1]
                found = self._at(child(place, "content"))
                yield from (each for each in found if each.message.endswith(_BODILESS))
            case "response_schema_conformance", _:
                yield from self._told_of_value(failure, operation)
            case "positive_data_acceptance", "415":
                yield from self._told_of_body(failure, operation, {"": _NOT_READ})
            case "positive_data_acceptance", "422":
                yield from self._told_of_body(failure, operation, {"": _OF_LISTS})
            case "negative_data_rejection", _ if not _ELSEWHERE.search(failure.message):
                yield from self._told_of_body(failure, operation, {"": _OF_LISTS, "/schema": _OF_BYTES})
                yield from self._told_of_unions(failure, operation)

    def _without_success(self, failure: Failure, operation: Operation) -> Iterator[str]:
        """Yield the places of responses that should declare a success for a failure not to occur."""
        own, declared = child(operation.pointer, "responses"), operation.node["responses"]
        match failure.check:
            case "ensure_resource_availability":
                other = self._unavailable(failure)
                yield from [child(other.pointer, "responses")] if other else []
            case "positive_data_acceptance" if operation.response_key(failure.status):
                yield own
            case "status_code_conformance" if all(key[0] == "1" for key in declared):
                yield own  # no response to a request is declared at all

    def _told_of_body(
        self, failure: Failure, operation: Operation, rules: dict[str, str]
    ) -> Iterator[Finding]:
        """Yield the findings of rules about the media type that the body of a request has."""
        place = operation.media_type(failure.media_type)
        if place is None:
            return
        for suffix, rule in rules.items():
            yield from (each for each in self._at(place + suffix) if each.rule == rule)

    def _told_of_nothing(self, failure: Failure, operation: Operation) -> Iterator[Finding]:
        """Yield the findings about schemas without a value, by which a mock or a rejection has no body."""
        valueless = _VALUELESS.search(failure.answer)
        if valueless:
            keys = [operation.response_key(valueless["status"].decode("ascii"))]
        elif failure.status == "501" and _MOCKED in failure.answered:  # an error without room for the words
            keys = [each for each in operation.node["responses"] if each[0] in "23"]
        elif failure.check == "content_type_conformance" and failure.status[:1] == "4":
            keys = [operation.response_key(failure.status)]
        else:
            keys = []
        for key in filter(None, keys):
            yield from self._reached(child(operation.pointer, "responses", key), _OF_NOTHING)

    def _told_of_unions(self, failure: Failure, operation: Operation) -> Iterator[Finding]:
        """Yield the findings about the discriminators of a valid body: for schemathesis they decide."""
        place = operation.media_type(failure.media_type)
        if place is not None and self._mistakes.has_valid_body(failure, operation):
            yield from self._reached(place, _OF_UNIONS)

    def _at(self, pointer: str) -> Iterator[Finding]:
        """Yield the findings at a pointer of the document; they name the pointer within its file."""
        origin = self._document.origin(pointer)
        here = (str(origin.file.path), origin.pointer)
        yield from (each for each in self._findings if (each.file, each.pointer) == here)

    def _below(self, pointer: str) -> Iterator[Finding]:
        """Yield the findings below a pointer of the document."""
        origin = self._document.origin(pointer)
        own = (each for each in self._findings if each.file == str(origin.file.path))
        yield from (each for each in own if each.pointer.startswith(f"{origin.pointer}/"))

    def _told_of_value(self, failure: Failure, operation: Operation) -> Iterator[Finding]:
        """Yield the findings about the value of a discriminator that the schema of the response reaches."""
        value, status = _OF_VALUE.search(failure.message), operation.response_key(failure.status)
        if value is None or status is None:
            return
        words = (f"the value of {value['name']!r} ", value["value"])
        for each in self._reached(child(operation.pointer, "responses", status), {_OF_DISCRIMINATORS}):
            if all(word in each.message for word in words):
                yield each
        yield from self._told_of_mapping(child(operation.pointer, "responses", status), *value.groups())

    def _told_of_mapping(self, pointer: str, name: str, value: str) -> Iterator[Finding]:
        """Yield the findings about mapped values of a property for a subschema that accepts another alone."""
        reached = [f"{each}/" for each in _reach(self._document, pointer)]
        for place, schema in objects_of(self._document.value, "schema"):
            discriminator = schema.get("discriminator")
            if not isinstance(discriminator, dict) or discriminator.get("propertyName") != name:
                continue
            if any(f"{place}/".startswith(each) for each in reached):
                found = self._below(child(place, "discriminator", "mapping"))
                yield from (each for each in found if each.rule == _OF_MAPPINGS and value in each.message)

    def _reached(self, pointer: str, rules: Collection[str]) -> Iterator[Finding]:
        """Yield the findings of rules about what an object of the document consists of and refers to."""
        for place in sorted(_reach(self._document, pointer)):
            yield from (each for each in self._below(place) if each.rule in rules)


def _methods(expression: re.Pattern[str], message: str) -> set[str]:
    found = expression.search(message)
    return set(found[1].split(", ")) if found else set()


def _is_too_large(failure: Failure) -> bool:
    return failure.check == "positive_data_acceptance" and failure.status == "413"


def _reach(document: Document, pointer: str) -> set[str]:
    """Return the pointers of an object and of everything that it refers to."""
    found, waiting = set[str](), [pointer]
    while waiting:
        pointer = waiting.pop()
        if pointer not in found:
            found.add(pointer)
            waiting += [pointer_of(each) for each in _references(document.at(pointer))]
    return found


def _references(node: Any) -> Iterator[str]:
    for each in node if isinstance(node, list) else node.values() if isinstance(node, dict) else ():
        yield from _references(each)
    if isinstance(node, dict) and isinstance(node.get("$ref"), str):
        yield node["$ref"]
