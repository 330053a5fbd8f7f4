"""Coverage of a contract by a run: its responses, and the parameters and keywords of its requests.

A keyword is covered when one request satisfies it and another one violates it. Only keywords that constrain
values count, and each place in the document counts once, however many operations refer to it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend

from contractgen.document.load import Document
from contractgen.document.operations import declared_parameters
from contractgen.fuzz.events import Request, essence
from contractgen.fuzz.operations import Operation
from contractgen.schema.vocabulary import KEYWORDS
from contractgen.schema.walk import reached
from contractgen_runtime.pointers import child

# A schema by its identity, and the keyword in it.
_Spot: TypeAlias = tuple[int, str]
_LOCATIONS = {"path": "path_parameters", "query": "query", "header": "headers", "cookie": "cookies"}
_FORMATS = FormatChecker()


@dataclass(frozen=True, slots=True)
class Coverage:
    """The covered and the declared numbers; `missing` are the responses that no request got."""

    responses: tuple[int, int]
    parameters: tuple[int, int]
    keywords: tuple[int, int]
    missing: Sequence[str]

    def __str__(self) -> str:
        parts = {"responses": self.responses, "parameters": self.parameters, "keywords": self.keywords}
        return ", ".join(f"{covered} of {declared} {name}" for name, (covered, declared) in parts.items())


def coverage(document: Document, chosen: Iterable[Operation], requests: Iterable[Request]) -> Coverage:
    """Return what the requests cover of the operations."""
    operations = {each.label: _Subject(document, each) for each in chosen}
    keywords = _Keywords(document)
    for each in operations.values():
        for pointer in each.schemas():
            keywords.declare(pointer)
    for request in requests:
        if request.label in operations:
            operations[request.label].add(request, keywords)
    everything = operations.values()
    return Coverage(
        _sizes((each.witnessed, each.responses) for each in everything),
        _sizes((each.sent, each.parameters.keys()) for each in everything),
        (len(keywords.covered), len(keywords.declared)),
        [f"{each.name} {key}" for each in everything for key in each.responses if key not in each.witnessed],
    )


def _sizes(pairs: Iterable[tuple[Any, Any]]) -> tuple[int, int]:
    covered, declared = zip(*((len(some), len(every)) for some, every in pairs), strict=True)
    return sum(covered), sum(declared)


class _Subject:
    """An operation, and the parts of it that were seen."""

    def __init__(self, document: Document, operation: Operation) -> None:
        self._document = document
        self._operation = operation
        self.name = operation.name
        self.responses: list[str] = list(operation.node.get("responses", {}))
        self.parameters = {
            (location, name.lower() if location == "header" else name): self._schema_of(pointer)
            for (location, name), pointer in declared_parameters(document, operation.pointer).items()
        }
        body = operation.body()
        content = document.at(body)["content"] if body else {}
        self._bodies = {
            essence(name): child(str(body), "content", name, "schema")
            for name, media in content.items()
            if "schema" in media
        }
        self.witnessed: set[str] = set()
        self.sent: set[tuple[str, str]] = set()

    def _schema_of(self, pointer: str) -> str | None:
        return child(pointer, "schema") if "schema" in self._document.at(pointer) else None

    def schemas(self) -> Iterator[str]:
        yield from (pointer for pointer in self.parameters.values() if pointer)
        yield from self._bodies.values()

    def add(self, request: Request, keywords: "_Keywords") -> None:
        key = self._operation.response_key(str(request.status))
        if key is not None:
            self.witnessed.add(key)
        for (location, name), pointer in self.parameters.items():
            values = request.parts.get(_LOCATIONS[location]) or {}
            if location == "header":
                values = {each.lower(): value for each, value in values.items()}
            if name in values:
                self.sent.add((location, name))
                keywords.check(pointer, values[name])
        if request.media_type in self._bodies and "body" in request.parts:
            keywords.check(self._bodies[request.media_type], request.parts["body"])


class _Values:
    """One object for all equal values, whose identity then stands for the value."""

    def __init__(self) -> None:
        self._known: dict[object, Any] = {}

    def one(self, value: Any) -> Any:
        """Return the object that is kept for a value; 1, 1.0 and true are three values."""
        key: object = (type(value), value)
        if isinstance(value, dict):
            value = {name: self.one(each) for name, each in value.items()}
            key = (dict, tuple((name, id(each)) for name, each in value.items()))
        elif isinstance(value, list):
            value = [self.one(each) for each in value]
            key = (list, tuple(map(id, value)))
        return self._known.setdefault(key, value)


class _Keywords:
    """The keywords of schemas, and which of them values have satisfied and violated.

    Most requests of a run differ in one part: a schema is checked once for each distinct value, which takes
    a fifth of the time for large bodies (3.5 instead of 17 ms for a body of 250 values).
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._values = _Values()
        self._results: dict[tuple[int, int], bool] = {}
        self.declared: set[_Spot] = set()
        self._seen: set[tuple[_Spot, bool]] = set()
        checks = {
            keyword: partial(self._checked, keyword, check)
            for keyword, check in Draft202012Validator.VALIDATORS.items()
        }
        recording: Any = extend(Draft202012Validator, checks)
        self._descend, recording.descend = recording.descend, self._remembered()
        self._validator = recording(document.value, format_checker=_FORMATS)

    @property
    def covered(self) -> set[_Spot]:
        return {spot for spot in self.declared if {(spot, True), (spot, False)} <= self._seen}

    def declare(self, pointer: str) -> None:
        for schema in reached(self._document, pointer):
            if isinstance(schema, dict):
                spots = ((id(schema), keyword) for keyword in schema if _constrains(schema, keyword))
                self.declared.update(spots)

    def check(self, pointer: str | None, value: Any) -> None:
        if pointer:
            self._validator.descend(self._values.one(value), self._document.at(pointer))

    def _remembered(self) -> Callable[..., Iterator[ValidationError]]:
        """Return the method of a validator that checks a value by a schema, unless both are known."""

        def descend(
            validator: Any, instance: Any, schema: Any, *_: Any, resolver: Any = None, **__: Any
        ) -> Iterator[ValidationError]:
            key = (id(schema), id(instance))
            if key not in self._results:
                errors = self._descend(validator, instance, schema, resolver=resolver)
                self._results[key] = not list(errors)
            return iter([] if self._results[key] else [ValidationError("invalid")])

        return descend

    def _checked(
        self, keyword: str, check: Callable[..., Any], validator: Any, wanted: Any, value: Any, schema: Any
    ) -> list[Any]:
        try:
            errors = list(check(validator, wanted, value, schema) or ())
        except re.error:  # an ECMA-262 expression that Python does not have
            return []
        types = KEYWORDS[keyword].types if keyword in KEYWORDS else ()
        if not types or any(validator.is_type(value, each) for each in types):
            self._seen.add(((id(schema), keyword), not errors))
        return errors


def _constrains(schema: dict[str, Any], keyword: str) -> bool:
    """Return whether a keyword of a schema can reject a value, as far as it is checked here."""
    if keyword == "format":
        return schema[keyword] in _FORMATS.checkers
    if keyword == "additionalProperties":
        return schema[keyword] is False
    return keyword in KEYWORDS and KEYWORDS[keyword].role == "assertion"
