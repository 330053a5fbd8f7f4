"""Mistakes of schemathesis 4.32: requests that are not what it takes them for."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatch
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

from contractgen.document.load import Document
from contractgen.document.operations import declared_parameters
from contractgen.fuzz.credentials import schemes
from contractgen.fuzz.delimited import has_separator_within, has_valid_path, is_repeated
from contractgen.fuzz.events import Failure
from contractgen.fuzz.forms import (
    BARE,
    ENCODING,
    NAMES,
    NO_PARTS,
    NOTHING,
    OF_BODY,
    PARTLESS,
    TEXTS,
    Forms,
)
from contractgen.fuzz.http_headers import has_unknown_header, is_of_http
from contractgen.fuzz.nesting import Nesting, types_of
from contractgen.fuzz.operations import Operation
from contractgen.fuzz.routing import is_ambiguous, path_texts
from contractgen.fuzz.sequences import ITEMS, is_valid_sequence
from contractgen.fuzz.streams import Streams
from contractgen.fuzz.texts import header_readings, listed_types, readings
from contractgen.schema.files import is_file
from contractgen.schema.types import named_types
from contractgen_runtime.pointers import child, find_at, tokens
from contractgen_runtime.schemas import Schemas
from contractgen_runtime.values import Coercion

# Mistakes, and whether a request has them.
_Checks: TypeAlias = tuple[tuple[str, Callable[[Failure, Operation], bool]], ...]
_UNSENT = "schemathesis wrote the invalid value as an empty body, which is none, and the body is optional"
_INVALID = "schemathesis sent a body as valid that violates its schema (schemathesis#4592)"
_UNFIT = "schemathesis sent a parameter as valid that violates its schema"
_ALTERED = "schemathesis wrote invalid parameters as valid ones: an empty value is not sent, a number is text"
_TEXT = (
    "schemathesis wrote an invalid value as a valid text: the whole body is a text or a file, whatever it is"
)
_NESTED = "OpenAPI defines no text for objects within a parameter; schemathesis writes one of its own"
_EMPTY = "an object or list is empty, which its style writes as nothing"
_UNDECLARED = "the query has a name that no parameter and no property of one declares, which services reject"
_YEAR_0 = "a date of the year 0 is valid by RFC 3339, and a datetime of Python cannot have it"
_OF_OPTIONS = "OPTIONS and TRACE are about the URL, which stays when what it leads to is deleted"
_IGNORED = "the parameter is a header of HTTP itself, which OpenAPI ignores or clients write by themselves"
_SPLIT = "a value of a parameter has the text that separates it from the next one"
_UNTYPED = "a parameter whose schema names no type is one text, and schemathesis sent a list or object"
_REPEATED = "a parameter is one text by its style, and schemathesis sent it several times"
_ANY_HEADER = (
    "HTTP permits headers and cookies that no contract declares, and schemathesis sent one as invalid"
)
_RANGE = "the body has any media type of a range, and its schema can only be applied to JSON"
_LONG = "the URL is longer than servers read: no schema says how long the text of all parameters may be"
# What RFC 9110 asks of servers to read; the rejection of the server itself is declared by no contract.
_MOST_URL = 8_000
# The statuses that reject an unknown name in a query.
_OF_NAMES = frozenset({"400", "422"})
_OF_LENGTH = frozenset({"400", "414", "431"})
# The headers that the HTTP client of schemathesis sends by itself.
_OF_CLIENT = {"accept-encoding": "gzip, deflate", "connection": "keep-alive"}
# What reports of schemathesis have in place of a credential.
_HIDDEN = "[Filtered]"
_COMPOUND = frozenset({"object", "array", "null"})
_MANY = frozenset({"object", "array"})
_FRACTION = re.compile(r"-?[0-9]+\.0+", re.ASCII)
_JSON = ("/json", "+json")
_OF_YEAR_0 = re.compile(r"""(?:^|["=/])0000-\d\d-\d\d(?:[Tt][^"&/]*)?(?:["&/]|$)""", re.ASCII)
# The invalid part of the request is nothing but parameters of the query or headers, one part or several.
_ONLY_TEXTS = re.compile(
    r"Invalid component:"
    r"(?: (?:parameters?\b[^\n]* )?in (?:query|header)\b(?!(?s:.)*\bin (?:path|cookies?|body)\b)"
    r"|(?:\s+- (?:query|header): [^\n]*)+\s*\Z)"
)
# Each of several invalid parts of a request.
_PART = re.compile(r"^\s+- (\w+): (.*)$", re.MULTILINE)
_ONLY_BODY = re.compile(r"Invalid component: in body\b(?!.*parameter)")


class Mistakes:
    """The mistakes in requests to the operations of a document in its normal form."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._schemas = Schemas(document.value)
        self._forms = Forms(document)
        self._nesting = Nesting(document)
        self._streams = Streams(document)

    def in_request(self, failure: Failure, operation: Operation) -> str | None:
        """Return the mistake that explains a failure, None if there is none."""
        if failure.status in _OF_LENGTH and len(failure.url) > _MOST_URL:
            return _LONG
        if failure.check == "use_after_free" and failure.method in ("OPTIONS", "TRACE"):
            return _OF_OPTIONS
        if is_of_http(self._document, failure, operation):
            return _IGNORED
        if failure.check == "negative_data_rejection":
            return self._of_parts(failure, operation) or self._in_accepted(failure, operation)
        if failure.check == "response_schema_conformance":
            return self._streams.reason(failure, operation)
        return self._in_rejected(failure, operation) if failure.check == "positive_data_acceptance" else None

    def _in_accepted(self, failure: Failure, operation: Operation) -> str | None:
        """Return the mistake in a request that was sent as invalid and accepted."""
        checks: _Checks = (
            (_ANY_HEADER, lambda *_: has_unknown_header(failure)),
            (_UNSENT, self._is_unsent),
            (TEXTS, self._forms.is_valid),
            (_ALTERED, self._has_valid_texts),
            (_ALTERED, lambda *request: has_valid_path(self._document, self._schemas, *request)),
            (_TEXT, self._is_valid_text),
            (ITEMS, lambda *request: is_valid_sequence(self._document, self._schemas, *request)),
            (_NESTED, self._is_nested),
        )
        return next((mistake for mistake, holds in checks if holds(failure, operation)), None)

    def _in_rejected(self, failure: Failure, operation: Operation) -> str | None:
        """Return the mistake in a request that was sent as valid and rejected."""
        checks: _Checks = (
            (_INVALID, lambda *request: self.has_valid_body(*request) is False),
            (_INVALID, self._forms.was_invalid),
            (NAMES, self._forms.has_lost_object),
            (NOTHING, self._forms.has_lost_list),
            (ENCODING, self._forms.has_lost_encoding),
            (NO_PARTS, lambda *_: self._forms.has_no_parts(failure)),
            (BARE, lambda *_: self._forms.has_bare_text(failure)),
            (PARTLESS, lambda *_: self._forms.is_no_form(failure)),
            (_UNFIT, self._has_unfit),
            (_RANGE, self._is_of_range),
            (_SPLIT, lambda *_: is_ambiguous(operation.path, failure.url)),
            (_SPLIT, lambda *request: has_separator_within(self._document, self._schemas, *request)),
            (_UNTYPED, self._has_untyped),
            (_REPEATED, lambda *request: is_repeated(self._document, *request)),
            (_YEAR_0, lambda *_: _has_year_0(failure)),
            (_EMPTY, self._has_empty),
            (_UNDECLARED, self._has_undeclared),
            (_NESTED, lambda *request: any(self._nesting.parameters(*request))),
        )
        return next((mistake for mistake, holds in checks if holds(failure, operation)), None)

    def _is_nested(self, failure: Failure, operation: Operation) -> bool:
        """Return whether the invalid value is within a property for which OpenAPI defines no text."""
        nested = self._nesting.parameters(failure, operation)
        return any(f"/properties/{name}/" in failure.message for name in nested)

    def _of_parts(self, failure: Failure, operation: Operation) -> str | None:
        """Return the first mistake if each of several invalid parts has one by itself."""
        parts = _PART.findall(failure.message)
        alone = (replace(failure, message=f"Invalid component: in {name} - {text}") for name, text in parts)
        reasons = [self.in_request(each, operation) for each in alone]
        return reasons[0] if reasons and all(reasons) else None

    def _is_unsent(self, failure: Failure, operation: Operation) -> bool:
        """Return whether a body that should be rejected was never sent, where none is required."""
        if failure.body or not OF_BODY.search(failure.message):
            return False
        body = operation.body()
        return body is not None and not self._document.at(body).get("required", False)

    def _has_valid_texts(self, failure: Failure, operation: Operation) -> bool:
        """Return whether the query or the headers are the invalid part, and yet their schemas admit them."""
        invalid = _ONLY_TEXTS.search(failure.message)
        if invalid is None:
            return False
        query: dict[str, list[str]] = {}
        for name, text in parse_qsl(urlsplit(failure.url).query, keep_blank_values=True):
            query.setdefault(name, []).append(text)
        others = self._beside(failure, operation)
        query_readings = {name: readings(texts) for name, texts in query.items() if name not in others}
        headers = {name: header_readings(text) for name, text in failure.headers}
        sent = {"query": query_readings, "header": headers}
        return all(self._admits_all(each, sent[each], operation) for each in sent if each in invalid[0])

    def _beside(self, failure: Failure, operation: Operation) -> set[str]:
        """Return the names of credentials, and of properties of objects that are not at fault, in a query."""
        spread = [each for name, each in self._query(operation).items() if f"`{name}`" not in failure.message]
        properties = {
            name for each in spread if self._is_spread(each) for name in self._coercion(each).members[0]
        }
        return properties | {str(each.node.get("name")) for each in schemes(self._document).values()}

    def _is_valid_text(self, failure: Failure, operation: Operation) -> bool:
        """Return whether a body that should be rejected is a text or file, and its schema admits it."""
        place = operation.media_type(failure.media_type)
        if place is None or not _ONLY_BODY.search(failure.message):
            return False
        schema = child(place, "schema")
        if types_of(self._document, schema) != {"string"}:
            return False
        is_file_or_range = is_file(self._document.resolve(schema)[0]) or "*" in tokens(place)[-1]
        is_json = failure.media_type.endswith(_JSON) and not is_file_or_range
        return not is_json and self._admits(schema, [failure.body.decode("latin-1")])

    def _admits_all(self, location: str, sent: dict[str, list[Any]], operation: Operation) -> bool:
        """Return whether the parameters of the query, or the headers, are valid; headers can be others."""
        is_query = location == "query"
        declared = {
            name if is_query else name.lower(): pointer
            for (place, name), pointer in declared_parameters(self._document, operation.pointer).items()
            if place == location
        }
        required = {name for name, pointer in declared.items() if self._document.at(pointer).get("required")}
        if not required <= sent.keys() or (is_query and not sent.keys() <= declared.keys()):
            return False
        known = declared.keys() & sent.keys()
        return not any(_HIDDEN in sent[name] for name in known) and all(
            self._admits(child(declared[name], "schema"), sent[name]) for name in known
        )

    def _admits(self, schema: str, values: list[Any]) -> bool:
        """Return whether a schema admits a parameter, as any value that its text can stand for."""
        if find_at(self._document.value, schema) is None:
            return False
        validator = self._schemas.validator(schema)
        return any(validator.is_valid(each) for each in values)

    def has_valid_body(self, failure: Failure, operation: Operation) -> bool | None:
        """Return whether a JSON body is valid by its schema; None if it is no JSON, or has no schema."""
        place = operation.media_type(failure.media_type)
        if place is None or not failure.media_type.endswith(_JSON):
            return None
        try:
            value = json.loads(failure.body)
            return self._schemas.validator(child(place, "schema")).is_valid(value)
        except ValueError:  # no JSON, or a schema that cannot be compiled
            return None

    def _has_unfit(self, failure: Failure, operation: Operation) -> bool:
        """Return whether a scalar parameter, or one of JSON, violates its schema, whatever it is read as."""
        query = parse_qsl(urlsplit(failure.url).query, keep_blank_values=True)
        headers = {**_OF_CLIENT, "host": urlsplit(failure.url).netloc, **dict(failure.headers)}
        sent = {("header", name): text for name, text in headers.items()}
        sent |= {("query", name): text for name, text in query}
        sent |= {("path", name): text for name, text in path_texts(operation.path, failure.url).items()}
        for (location, name), pointer in declared_parameters(self._document, operation.pointer).items():
            text = sent.get((location, name.lower() if location == "header" else name))
            schema = child(pointer, "schema")
            if text in (None, _HIDDEN):
                continue
            is_unfit = self._is_scalar(schema) and not self._admits(schema, readings([text]))
            if (
                is_unfit
                or self._admits_nothing(schema)
                or self._is_fraction(schema, text)
                or self._is_unfit_json(pointer, text)
            ):
                return True
        return False

    def _is_unfit_json(self, pointer: str, text: str) -> bool:
        """Return whether a parameter is JSON by its media type, and not valid."""
        for name in self._document.at(pointer).get("content", {}):
            schema = child(pointer, "content", name, "schema")
            if name.endswith(_JSON) and find_at(self._document.value, schema) is not None:
                try:
                    return not self._schemas.validator(schema).is_valid(json.loads(text))
                except ValueError:
                    return True
        return False

    def _is_of_range(self, failure: Failure, operation: Operation) -> bool:
        """Return whether a body that is not JSON is declared by a range of media types alone."""
        body = operation.body()
        names = self._document.at(body)["content"] if body else ()
        if failure.status != "415" or failure.media_type.endswith(_JSON):
            return False
        return any("*" in each and fnmatch(failure.media_type, each) for each in names)

    def _has_empty(self, failure: Failure, operation: Operation) -> bool:
        """Return whether an object was sent as an empty text, or what is required without its names."""
        query = parse_qsl(urlsplit(failure.url).query, keep_blank_values=True)
        texts = {("query", name): text for name, text in query}
        texts |= {("header", name): text for name, text in failure.headers}
        for (location, name), pointer in declared_parameters(self._document, operation.pointer).items():
            is_empty = texts.get((location, name.lower() if location == "header" else name)) == ""
            if is_empty and self._is_compound(pointer) and "array" not in self._coercion(pointer).kinds:
                return True
        sent = {name.partition("[")[0] for name, _ in query}
        for name, pointer in self._query(operation).items():
            node = self._document.at(pointer)
            if node.get("required") and "schema" in node and self._coercion(pointer).kinds & _MANY:
                names = {name} | self._coercion(pointer).members[0]
                if not names & sent:
                    return True
        return False

    def _has_untyped(self, failure: Failure, operation: Operation) -> bool:
        """Return whether a parameter of the query without a type was sent several times, or by other names.

        An exploded object has the names of its properties, an empty list none.
        """
        sent = Counter(name for name, _ in parse_qsl(urlsplit(failure.url).query, keep_blank_values=True))
        for name, pointer in self._query(operation).items():
            schema, node = child(pointer, "schema"), self._document.at(pointer)
            if "schema" not in node or self._coercion(pointer).is_typed((schema,)):
                continue
            is_missed = node.get("required") or self._has_others(failure, operation)
            if sent[name] > 1 or (not sent[name] and _is_exploded(node) and is_missed):
                return True
        return False

    def _has_undeclared(self, failure: Failure, operation: Operation) -> bool:
        """Return whether the query has a name of no parameter, and of no property of an exploded object.

        An object that says which others it may have takes them all. Without an object, it is the rest of a
        path that has an unescaped question mark; a path without a parameter has none.
        """
        if failure.status not in _OF_NAMES:
            return False
        query = self._query(operation)
        spread = [self._coercion(each).members for each in query.values() if self._is_spread(each)]
        if any(is_open for _, is_open in spread) or self._takes_all(operation):
            return False
        if not spread and "{" not in operation.path:
            return False
        return self._has_others(failure, operation)

    def _has_others(self, failure: Failure, operation: Operation) -> bool:
        """Return whether the query has a name of no parameter, property of one, or credential."""
        known = self._query(operation).keys() | self._beside(failure, operation)
        return any(not {name, name.partition("[")[0]} & known for name in _query_names(failure))

    def _takes_all(self, operation: Operation) -> bool:
        """Return whether a parameter is the whole query."""
        declared = declared_parameters(self._document, operation.pointer)
        return any(location == "querystring" for location, _ in declared)

    def _query(self, operation: Operation) -> dict[str, str]:
        """Return the pointers of the parameters in the query by their names."""
        declared = declared_parameters(self._document, operation.pointer)
        return {name: pointer for (location, name), pointer in declared.items() if location == "query"}

    def _is_compound(self, parameter: str) -> bool:
        return "schema" in self._document.at(parameter) and self._coercion(parameter).kinds <= _COMPOUND

    def _coercion(self, parameter: str) -> Coercion:
        return Coercion(self._schemas, child(parameter, "schema"))

    def _is_spread(self, parameter: str) -> bool:
        """Return whether the properties of a parameter are pairs of the query."""
        node = self._document.at(parameter)
        is_form = "schema" in node and _is_exploded(node)
        return is_form and "object" in self._coercion(parameter).kinds

    def _admits_nothing(self, schema: str) -> bool:
        """Return whether a schema rejects every value of its own enum, as one of texts for an array."""
        node = find_at(self._document.value, schema)
        enum = node.get("enum") if isinstance(node, dict) else None
        return bool(enum) and not self._admits(schema, enum or [])

    def _is_fraction(self, schema: str, text: str) -> bool:
        """Return whether an integer was written with a decimal point, as 0.0 of a response is."""
        return types_of(self._document, schema) == {"integer"} and _FRACTION.fullmatch(text) is not None

    def _is_scalar(self, schema: str) -> bool:
        """Return whether a schema names its types, and none of them is an object or array."""
        if find_at(self._document.value, schema) is None:
            return False
        node, place = self._document.resolve(schema)
        parts = len(node.get("allOf", ())) if isinstance(node, dict) else 0
        below = (types_of(self._document, child(place, "allOf", index)) for index in range(parts))
        types = set(named_types(node)).union(*below) or listed_types(node)
        return bool(types) and not types & {"object", "array"}


def _is_exploded(parameter: Any) -> bool:
    return parameter.get("style", "form") == "form" and bool(parameter.get("explode", True))


def _has_year_0(failure: Failure) -> bool:
    body = failure.body.decode("utf-8", "replace")
    return any(map(_OF_YEAR_0.search, (body, unquote(failure.url))))


def _query_names(failure: Failure) -> set[str]:
    return {name for name, _ in parse_qsl(urlsplit(failure.url).query, keep_blank_values=True)}
