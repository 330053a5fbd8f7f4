"""Coverage of a contract by a run: its responses, and the parameters and keywords of its requests.

A keyword is covered when one request satisfies it and another one violates it. Only keywords that constrain
values count, and each place in the document counts once, however many operations refer to it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from jsonschema import Draft202012Validator, FormatChecker
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


class _Keywords:
    """The keywords of schemas, and which of them values have satisfied and violated."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.declared: set[_Spot] = set()
        self._seen: set[tuple[_Spot, bool]] = set()
        checks = {
            keyword: partial(self._checked, keyword, check)
            for keyword, check in Draft202012Validator.VALIDATORS.items()
        }
        recording = extend(Draft202012Validator, checks)
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
            for _ in self._validator.evolve(schema=self._document.at(pointer)).iter_errors(value):
                pass

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
