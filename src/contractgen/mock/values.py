"""Make values from schemas: valid against them, and the same each time."""

import json
import math
from collections.abc import Iterator
from itertools import chain, islice, product
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from contractgen.document.load import Document
from contractgen.mock.rejections import rejections
from contractgen.mock.scalars import LONGEST, numbers_for, strings_for
from contractgen.schema.directions import Direction, directed
from contractgen.schema.discriminators import Variants
from contractgen.schema.merge import ROOT, merged, rooted
from contractgen.schema.types import named_types
from contractgen.schema.vocabulary import TYPES, keywords_of
from contractgen.schema.walk import Schema
from contractgen_runtime.formats import FORMATS
from contractgen_runtime.pointers import pointer_of, value_at

_MOST_TRIES = 200
_MOST_BRANCHES = 16
_TURN = 10
_MOST_NAMES = 80
_MOST_REJECTIONS = 40
_MOST_APART = 1
_COMBINING = {"$ref", "allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas"}
_UNIONS = {"anyOf", "oneOf"}
_LIKELY = ("object", "array", "string", "number")


class NoValueError(Exception):
    """No value was found that a schema admits."""


class Values:
    """Makes values for the schemas of a document in normal form, each named by its JSON Pointer.

    They are values of requests or of responses, without the properties that only the other direction has.
    """

    def __init__(self, document: Document, direction: Direction) -> None:
        self._root = rooted(directed(document, direction))
        self._registry = jsonschema_rs.Registry([(ROOT, self._root)], draft=jsonschema_rs.Draft202012)
        self._variants = Variants(self._root)
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}
        self._told_apart: dict[int, tuple[list[Any], list[Any]]] = {}
        self._firsts: dict[tuple[str, frozenset[str]], list[Any]] = {}

    def make(self, pointer: str) -> Any:
        """Return a value that the schema admits; NoValueError if none was found."""
        for value in self.several(pointer):
            return value
        raise NoValueError(pointer)

    def several(self, pointer: str) -> Iterator[Any]:
        """Yield different values that the schema admits, the best first."""
        yield from self._values(_reference(pointer), frozenset())

    def is_valid(self, pointer: str, value: Any) -> bool:
        """Return whether the schema admits a value, formats included."""
        return self._validator(_reference(pointer)).is_valid(value)

    def _validator(self, schema: Any) -> jsonschema_rs.Draft202012Validator:
        """The validator of a schema; that of a reference is compiled once."""
        reference = schema["$ref"] if isinstance(schema, dict) and schema.keys() == {"$ref"} else None
        if reference in self._validators:
            return self._validators[reference]
        made = jsonschema_rs.Draft202012Validator(
            schema, registry=self._registry, validate_formats=True, formats=FORMATS
        )
        if reference is not None:
            self._validators[reference] = made
        return made

    def _values(self, schema: Any, opened: frozenset[str]) -> Iterator[Any]:
        """Yield different values that a schema admits, the best first.

        Only where none was found by chance are subschemas told apart by what the others reject.
        """
        validator = self._validator(schema)
        seen, is_found = set[str](), False
        for is_exact in (False, True):
            if is_exact and (is_found or not self._rejects(schema)):
                return
            for value in islice(self._candidates(schema, opened, is_exact=is_exact), _MOST_TRIES):
                text = json.dumps(value, sort_keys=True)
                if text not in seen and validator.is_valid(value):
                    is_found = True
                    yield value
                seen.add(text)

    def _first(self, schema: Any, opened: frozenset[str]) -> list[Any]:
        """Return the best value alone, or nothing."""
        if not (isinstance(schema, dict) and schema.keys() == {"$ref"}):
            return list(islice(self._values(schema, opened), 1))
        key = schema["$ref"], opened
        if key not in self._firsts:
            self._firsts[key] = list(islice(self._values(schema, opened), 1))
        return self._firsts[key]

    def _candidates(self, schema: Any, opened: frozenset[str], *, is_exact: bool) -> Iterator[Any]:
        """Yield the first candidates of each alternative, then the rest: one alone could use up all tries."""
        rest = []
        for flat, below in self._alternatives(schema, opened, is_exact=is_exact):
            candidates = self._of_alternative(flat, below)
            yield from islice(candidates, _TURN)
            rest.append(candidates)
        yield from chain.from_iterable(rest)

    def _of_alternative(self, flat: Schema, below: frozenset[str]) -> Iterator[Any]:
        if "const" in flat:
            yield flat["const"]
        yield from flat.get("enum", ())
        if "example" in flat:
            yield flat["example"]
        yield from flat.get("examples", ())
        if "default" in flat:
            yield flat["default"]
        for kind in _kinds(flat):
            yield from self._of_kind(kind, flat, below)

    def _of_kind(self, kind: str, schema: Schema, opened: frozenset[str]) -> Iterator[Any]:
        match kind:
            case "object":
                return self._objects(schema, opened)
            case "array":
                return self._arrays(schema, opened)
            case "string":
                return strings_for(schema)
            case "boolean":
                return iter((True, False))
            case "null":
                return iter((None,))
        return numbers_for(schema, whole=kind == "integer")

    # Combinations -------------------------------------------------------------------------------------

    def _alternatives(
        self, schema: Any, opened: frozenset[str], *, is_exact: bool = False
    ) -> Iterator[tuple[Schema, frozenset[str]]]:
        """The schema without references and combinations: one for each way to satisfy them.

        A reference that is already being followed has none, which ends a recursion.
        """
        if schema is False:
            return
        schema = {} if schema is True else schema
        reference = schema.get("$ref")
        if reference in opened:
            return
        opened |= {reference} if reference else set()
        base = {name: value for name, value in schema.items() if name not in _COMBINING}
        if _UNIONS & schema.keys():
            base.pop("discriminator", None)  # its value is that of a subschema
        for choice in islice(product(*self._factors(schema, opened, is_exact=is_exact)), _MOST_BRANCHES):
            ways = [
                list(islice(self._alternatives(each, opened, is_exact=is_exact), _MOST_BRANCHES))
                for each in choice
            ]
            for combination in islice(product(*ways), _MOST_BRANCHES):
                flat, below = base, opened
                for other, followed in combination:
                    flat, below = merged(flat, other), below | followed
                yield flat, below

    def _factors(self, schema: Schema, opened: frozenset[str], *, is_exact: bool) -> list[list[Any]]:
        """Return what must hold beside the schema's own keywords: of each list one subschema must hold."""
        factors = [[each] for each in schema.get("allOf", [])]
        if "$ref" in schema:
            factors.append([self._target(schema["$ref"])])
        factors += [self._branches(schema, "anyOf")] if "anyOf" in schema else []
        if "oneOf" in schema:
            apart = self._apart(schema["oneOf"], opened) if is_exact else ()
            factors.append([*apart, *self._branches(schema, "oneOf")])
        if "not" in schema and is_exact:
            ways = (each for each in rejections(schema["not"], self._resolved) if "not" not in each)
            factors.append([*islice(ways, _MOST_BRANCHES), True])
        if "if" in schema:
            factors.append([{"allOf": [schema["if"], schema.get("then", True)]}, schema.get("else", True)])
        factors += [[each, True] for each in schema.get("dependentSchemas", {}).values()]
        return factors

    def _branches(self, schema: Schema, union: str) -> list[Any]:
        """Return the subschemas of a union, first those with a discriminator whose value leads to them."""
        name = (schema.get("discriminator") or {}).get("propertyName")
        branches, named = schema[union], {}
        for index, variant in self._variants.of(schema, union) if name else ():
            if variant.listed is None:
                values = variant.mapped or [variant.component]
                named[index] = {"allOf": [branches[index], {"properties": {name: {"enum": values}}}]}
        first = [named.get(index, branch) for index, branch in enumerate(branches)]
        return first + [branches[index] for index in named]

    def _rejects(self, schema: Any) -> bool:
        """Return whether a schema, or one that applies with it, has a `oneOf` or a `not`."""
        waiting, seen = [schema], set[int]()
        while waiting:
            each = self._resolved(waiting.pop())
            if {"oneOf", "not"} & each.keys():
                return True
            if id(each) not in seen:
                seen.add(id(each))
                waiting += [*each.get("allOf", ()), *each.get("anyOf", ())]
        return False

    def _apart(self, variants: list[Any], opened: frozenset[str]) -> list[Any]:
        """Return the first subschemas of `oneOf` with what makes the others reject some of their values.

        They are looked for once, and not among very many: of 25 subschemas, all pairs took 30 s.
        """
        key = id(variants)
        if key not in self._told_apart:
            self._told_apart[key] = variants, []  # kept, so that no other list gets its id
            self._told_apart[key] = variants, [*islice(self._each_apart(variants, opened), _MOST_APART)]
        return self._told_apart[key][1]

    def _each_apart(self, variants: list[Any], opened: frozenset[str]) -> Iterator[Any]:
        if len(variants) > _MOST_BRANCHES:
            return
        for index, variant in enumerate(variants):
            others = [each for at, each in enumerate(variants) if at != index]
            apart = [variant]
            for count, other in enumerate(others, 1):
                more = self._against(other, apart, others[:count], opened)
                if more is None:
                    break
                apart += more
            else:
                yield {"allOf": apart}

    def _against(
        self, other: Any, held: list[Any], others: list[Any], opened: frozenset[str]
    ) -> list[Any] | None:
        """Return what `other` rejects, so that all others reject a value with it; None if none was found."""
        admitting = [self._validator(each).is_valid for each in others]
        flats = (flat for flat, _ in self._alternatives({"allOf": held}, opened))
        known = next(flats, {}).get("properties", {}).keys()
        ways = ([each] for each in rejections(other, self._resolved, known))
        for more in islice(chain([[]], ways), _MOST_REJECTIONS):
            values = islice(self._values({"allOf": [*held, *more]}, opened), _TURN)
            if any(not any(admits(value) for admits in admitting) for value in values):
                return more
        return None

    def _resolved(self, schema: Any) -> Schema:
        """Return a schema, or the one that it refers to; without keywords if that is no object."""
        for _ in range(_MOST_BRANCHES):
            if not isinstance(schema, dict):
                return {}
            if "$ref" not in schema:
                return schema
            schema = self._target(schema["$ref"])
        return {}

    def _target(self, reference: str) -> Any:
        return value_at(self._root, pointer_of(reference))

    # Objects and arrays -------------------------------------------------------------------------------

    def _objects(self, schema: Schema, opened: frozenset[str]) -> Iterator[Any]:
        required = schema.get("required", [])
        optional = [name for name in schema.get("properties", {}) if name not in required]
        room = max(schema.get("maxProperties", math.inf) - len(required), 0)
        whole = optional[: int(min(room, len(optional)))]
        best = None
        for names in (whole, [], *([name] for name in optional)):
            body = self._object(schema, [*required, *names], opened)
            if body is not None:
                best = best or body
                yield body
        for name in best or ():
            for value in islice(self._values(_member(schema, name), opened), 1, 20):
                yield {**(best or {}), name: value}

    def _object(self, schema: Schema, names: list[str], opened: frozenset[str]) -> dict[str, Any] | None:
        extra = chain(
            chain.from_iterable(map(_names, schema.get("patternProperties", {}))),
            islice(self._values(schema.get("propertyNames", False), opened), 100),
            (f"member{n}" for n in range(1, 100)),
        )
        dependent = schema.get("dependentRequired", {})
        body: dict[str, Any] = {}
        waiting = list(names)
        while waiting or len(body) < schema.get("minProperties", 0):
            name = waiting.pop(0) if waiting else next(extra, None)
            if name is None:
                return None
            if name in body:
                continue
            found = self._first(_tagged(schema, name, opened), opened) or self._first(
                _member(schema, name), opened
            )
            if found:
                body[name] = found[0]
                waiting += dependent.get(name, [])
            elif name in schema.get("required", []):
                return None
        return body

    def _arrays(self, schema: Schema, opened: frozenset[str]) -> Iterator[Any]:
        least, most = schema.get("minItems", 0), schema.get("maxItems", math.inf)
        wanted = max(1, len(schema.get("prefixItems", [])) + schema.get("minContains", "contains" in schema))
        for count in dict.fromkeys((max(least, min(wanted, most)), least)):
            array = self._array(schema, int(count), opened) if count <= LONGEST else None
            if array is not None:
                yield array

    def _array(self, schema: Schema, count: int, opened: frozenset[str]) -> list[Any] | None:
        prefix, array = schema.get("prefixItems", []), list[Any]()
        contained = schema.get("minContains", 1) if "contains" in schema else 0
        for index in range(count):
            item = prefix[index] if index < len(prefix) else schema.get("items", True)
            if len(prefix) <= index < len(prefix) + contained:
                item = {"allOf": [item, schema["contains"]]}
            found = self._first(item, opened)
            if schema.get("uniqueItems") and found and found[0] in array:
                found = [each for each in self._values(item, opened) if each not in array]
            if not found:
                return None
            array.append(found[0])
        return array


def _reference(pointer: str) -> Schema:
    return {"$ref": f"{ROOT}#{quote(pointer)}"}


def _kinds(schema: Schema) -> list[str]:
    if "type" in schema:
        return sorted(named_types(schema), key="null".__eq__)
    likely = [each for each in _LIKELY if keywords_of(each) & schema.keys()]
    return list(dict.fromkeys([*likely, "string", *TYPES]))


def _tagged(schema: Schema, name: str, opened: frozenset[str]) -> Any:
    """Return the schema of a property's value; that of a discriminator leads to a schema of its mapping."""
    discriminator = schema.get("discriminator", {})
    mapping = discriminator.get("mapping") or {}
    if discriminator.get("propertyName") != name or not mapping:
        return _member(schema, name)
    followed = {pointer_of(each) for each in opened}
    own = [value for value, target in mapping.items() if target[:1] == "#" and pointer_of(target) in followed]
    return {"allOf": [_member(schema, name), {"enum": own or [*mapping]}]}


def _member(schema: Schema, name: str) -> Any:
    """Return the schema of a property's value."""
    found = [schema["properties"][name]] if name in schema.get("properties", {}) else []
    patterns: dict[str, Any] = schema.get("patternProperties", {})
    found += [
        each
        for key, each in patterns.items()
        if jsonschema_rs.Draft202012Validator({"pattern": key}).is_valid(name)
    ]
    if len(found) == 1:
        return found[0]
    return {"allOf": found} if found else schema.get("additionalProperties", True)


def _names(pattern: str) -> Iterator[str]:
    """Yield names of properties that a pattern matches, and a few that it may not."""
    return islice(strings_for({"pattern": pattern, "maxLength": 4}), _MOST_NAMES)
