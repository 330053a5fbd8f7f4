"""Verdicts of two validators, jsonschema and jsonschema-rs, on the values of raw schemas."""

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
from referencing.exceptions import Unresolvable

from contractgen.verify.foreign.conjuncts import Conjuncts, Direction
from contractgen.verify.foreign.dialects import dialect
from contractgen.verify.foreign.formats import format_checker
from contractgen.verify.foreign.guesses import Guesses
from contractgen.verify.foreign.raw import At, RawContract

Place = tuple[At, ...]
# Keywords by which requests and responses, or OpenAPI and JSON Schema, differ: the second voice knows none.
_OF_OPENAPI = {"readOnly", "writeOnly"}
_BOUNDING_FORMATS = ("int32", "int64", "byte")


class Judge:
    """The schemas of one contract in one direction. None is the verdict where a validator cannot decide."""

    def __init__(self, raw: RawContract, direction: Direction) -> None:
        self.conjuncts = Conjuncts(raw, direction)
        self.raw = raw
        self._guesses = Guesses()
        self._class = dialect(self.conjuncts, self._guesses)
        self._formats = format_checker(self._guesses)
        self._known: dict[Place, Any] = {}

    def admits(self, place: Place, value: Any) -> bool | None:
        """Return whether all schemas of a place together admit a value."""
        reasons = self.reasons(place, value)
        return None if reasons is None else not reasons

    def reasons(self, place: Place, value: Any) -> list[At] | None:
        """Return the positions of the keywords that reject a value, none if it is admitted."""
        try:
            found = [self._rejecting(place, value) for _ in self._guesses.rounds()]
        except (re.error, RecursionError, Unresolvable):
            return None
        return found[0] if found and len({not each for each in found}) == 1 else None

    def _rejecting(self, place: Place, value: Any) -> list[At]:
        self._class.forget()  # the next value may have the address of the last one, or another guess
        return sorted({self._position(place, error) for error in self._validator(place).iter_errors(value)})

    def _position(self, place: Place, error: Any) -> At:
        at = self.raw.position(error.schema) if self.raw.knows(error.schema) else place[0]
        return at.below(error.validator) if error.validator else at

    def _validator(self, place: Place) -> Any:
        known = self._known.get(place)
        if known is None:
            references = [{"$ref": at.reference} for at in place]
            schema = {"allOf": references} if len(place) > 1 else references[0]
            known = self._known[place] = self._class(
                schema, registry=self.raw.registry, format_checker=self._formats
            )
        return known


class SecondVoice:
    """jsonschema-rs on the same raw schemas: of JSON Schema 2020-12, where OpenAPI adds nothing to it."""

    def __init__(self, judge: Judge) -> None:
        self.raw = judge.raw
        self._registry: jsonschema_rs.Registry | None = None
        self._known: dict[Place, jsonschema_rs.Draft202012Validator | None] = {}
        self._silent: dict[Place, bool] = {}

    def admits(self, place: Place, value: Any) -> bool | None:
        """Return whether all schemas of a place admit a value; None if this validator cannot decide."""
        if self.raw.is_30:
            return None
        if place not in self._known:
            self._known[place] = self._compiled(place)
        validator = self._known[place]
        return None if validator is None else validator.is_valid(value)

    def _compiled(self, place: Place) -> jsonschema_rs.Draft202012Validator | None:
        for schema in self._reached(place):
            if _OF_OPENAPI & schema.keys() or schema.get("format") in _BOUNDING_FORMATS:
                return None
        try:
            if self._registry is None:
                files = [(uri, file.value) for uri, file in self.raw.files.items()]
                draft = jsonschema_rs.Draft202012
                self._registry = jsonschema_rs.Registry(files, draft=draft, retriever=self.raw.retrieve)
            schema = {"allOf": [{"$ref": at.reference} for at in place]}
            return jsonschema_rs.Draft202012Validator(schema, registry=self._registry, validate_formats=True)
        except (ValueError, jsonschema_rs.ReferencingError):
            return None  # a regular expression that it cannot read, or a reference

    def _reached(self, place: Place) -> Iterator[dict[str, Any]]:
        """Yield every object below the schemas, references followed; data among them does no harm."""
        waiting, seen = [(at, self.raw.value(at)) for at in place], set[int]()
        while waiting:
            at, value = waiting.pop()
            if id(value) in seen or not isinstance(value, dict | list):
                continue
            seen.add(id(value))
            if isinstance(value, dict):
                yield value
                if isinstance(value.get("$ref"), str):
                    target = self.raw.target(at, value["$ref"])
                    waiting.append((target, self.raw.value(target)))
            waiting += [(at, each) for each in (value.values() if isinstance(value, dict) else value)]
