"""Validators of raw schemas: those of `jsonschema` and `openapi_schema_validator`, and what OpenAPI adds.

JSON Schema 2020-12 judges OpenAPI 3.1 and 3.2, the dialect of OpenAPI 3.0 judges that. On top come the rules
that no library has, a few lines each: `readOnly` and `writeOnly`, `nullable` beside a composition, decimal
`multipleOf`, and regular expressions as ECMA-262 means them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import create
from openapi_schema_validator import OAS30Validator

from contractgen.verify.foreign.conjuncts import Conjuncts
from contractgen.verify.foreign.ecma import compiled
from contractgen.verify.foreign.guesses import Guesses
from contractgen.verify.foreign.raw import RawContract

Rule = Callable[[Any, Any, Any, Any], Iterable[Any]]
_CONJUNCTIONS = ("allOf", "$ref")
_CONDITIONS = ("anyOf", "oneOf", "not", "if", "dependentSchemas")
_COMPOSITIONS = ("allOf", "anyOf", "oneOf", "not")


def dialect(conjuncts: Conjuncts, guesses: Guesses) -> Any:
    """The validator class for one contract and direction."""
    is_30 = conjuncts.raw.is_30
    base: Any = OAS30Validator if is_30 else Draft202012Validator
    rules: dict[str, Rule] = dict(base.VALIDATORS)
    rules |= {"pattern": _Patterns(guesses), "multipleOf": _multiple_of, "$ref": _References(conjuncts.raw)}
    # The dialect of 3.0 chooses the schema to validate by with a discriminator; OpenAPI forbids that.
    rules |= {name: Draft202012Validator.VALIDATORS[name] for name in _COMPOSITIONS}
    directed = _Directed(conjuncts, rules)
    rules |= directed.rules()
    if is_30:
        rules |= {name: _nullable(rules[name]) for name in _COMPOSITIONS}
    known = create(
        meta_schema={} if is_30 else Draft202012Validator.META_SCHEMA,
        validators=rules,
        # 1.0 is an integer in every version: JSON on the wire does not tell it from 1.
        type_checker=base.TYPE_CHECKER.redefine("integer", _is_integer),
        id_of=lambda _: "",
        applicable_validators=_without_siblings if is_30 else lambda schema: schema.items(),
    )
    _remember(known, conjuncts.raw, directed)
    return known


def _remember(validator_class: Any, raw: RawContract, directed: "_Directed") -> None:
    """Keep one validator for each raw schema: making them for every value took most of the time.

    Keep the errors of a raw schema for an object or array, too, until `forget` is called. A union tries each
    subschema: where unions contain one another, the time would multiply with each level.
    """
    known: dict[int, Any] = {}
    results: dict[tuple[int, int, frozenset[str]], list[Any]] = {}
    evolve, descend = validator_class.evolve, validator_class.descend

    def evolved(self: Any, **changes: Any) -> Any:
        schema = changes.get("schema")
        if schema is None or changes.keys() != {"schema"} or not raw.knows(schema):
            return evolve(self, **changes)
        if id(schema) not in known:
            resolver = raw.registry.resolver(raw.position(schema).uri)
            known[id(schema)] = evolve(self, schema=schema, _resolver=resolver)
        return known[id(schema)]

    def descended(self: Any, instance: Any, schema: Any, **more: Any) -> Iterable[Any]:
        """The errors below a keyword, without their paths, which nobody here reads."""
        if not raw.knows(schema):
            errors: Iterable[Any] = descend(self, instance, schema, **more)
        elif not isinstance(instance, dict | list):
            errors = evolved(self, schema=schema).iter_errors(instance)
        else:
            key = (id(schema), id(instance), directed.outer(instance))
            if key not in results:
                results[key] = list(evolved(self, schema=schema).iter_errors(instance))
            errors = iter(results[key])
        return errors

    validator_class.evolve, validator_class.descend = evolved, descended
    validator_class.forget = results.clear


class _References:
    """`$ref`, each looked up once: the library does so for every value."""

    def __init__(self, raw: RawContract) -> None:
        self.raw = raw
        self._known: dict[str, Any] = {}

    def __call__(self, validator: Any, reference: str, instance: Any, schema: Any) -> Iterable[Any]:
        base = self.raw.position(schema).uri if self.raw.knows(schema) else ""
        key = f"{base} {reference}"
        if key not in self._known:
            self._known[key] = self.raw.registry.resolver(base).lookup(reference)
        resolved = self._known[key]
        found: Iterable[Any] = validator.descend(instance, resolved.contents, resolver=resolved.resolver)
        return found


class _Patterns:
    """`pattern` as ECMA-262 means it."""

    def __init__(self, guesses: Guesses) -> None:
        self.guesses = guesses

    def __call__(self, validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[Any]:
        del validator, schema
        if isinstance(instance, str) and not self._matches(pattern, instance):
            yield ValidationError(f"no match of {pattern!r}")

    def _matches(self, pattern: str, text: str) -> bool:
        known = compiled(pattern)
        return self.guesses.answer(("pattern", pattern, text)) if known is None else bool(known.search(text))


class _Directed:
    """`properties` and `required` without what does not go in a direction.

    A property is hidden in the whole object: by its `allOf` and `$ref` as well. `_outer` has, by the identity
    of an instance, the names that schemas around the present one hide.
    """

    def __init__(self, conjuncts: Conjuncts, rules: Mapping[str, Rule]) -> None:
        self.conjuncts = conjuncts
        self._base = dict(rules)
        self._outer: dict[int, frozenset[str]] = {}

    def rules(self) -> dict[str, Rule]:
        within = {name: self._within(self._base[name], self._hidden) for name in _CONJUNCTIONS}
        # What a subschema of these requires is a condition, not a part of the object.
        apart = {n: self._within(self._base[n], None) for n in _CONDITIONS if n in self._base}
        return {"properties": self._properties, "required": self._required, **within, **apart}

    def outer(self, instance: Any) -> frozenset[str]:
        """Return the names that schemas around the present one hide in an instance."""
        return self._outer.get(id(instance), frozenset())

    def _hidden(self, schema: Any) -> frozenset[str]:
        return self.conjuncts.hidden(schema) if self.conjuncts.raw.knows(schema) else frozenset()

    def _properties(self, validator: Any, properties: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if isinstance(instance, dict):
            for name in sorted(self._hidden(schema) & instance.keys() & properties.keys()):
                yield ValidationError(f"{self.conjuncts.flag} property {name!r}", self.conjuncts.flag)
        yield from self._base["properties"](validator, properties, instance, schema)

    def _required(self, validator: Any, required: Any, instance: Any, schema: Any) -> Iterable[Any]:
        exempt = self._hidden(schema) | self.outer(instance)
        wanted = [name for name in required if name not in exempt]
        return Draft202012Validator.VALIDATORS["required"](validator, wanted, instance, schema) or ()

    def _within(self, rule: Rule, hidden: Callable[[Any], frozenset[str]] | None) -> Rule:
        """A rule whose subschemas see what the schema hides as well; nothing of it without `hidden`."""

        def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterable[Any]:
            if not isinstance(instance, dict):
                return rule(validator, value, instance, schema) or ()
            before = self.outer(instance)
            self._outer[id(instance)] = before | hidden(schema) if hidden else frozenset()
            try:
                return list(rule(validator, value, instance, schema) or ())
            finally:
                self._outer[id(instance)] = before

        return check


def _nullable(rule: Rule) -> Rule:
    """A composition beside `nullable: true` says nothing of null."""

    def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterable[Any]:
        if instance is None and schema.get("nullable") is True:
            return ()
        return rule(validator, value, instance, schema) or ()

    return check


def _multiple_of(validator: Any, factor: Any, instance: Any, schema: Any) -> Iterator[Any]:
    del validator, schema
    is_number = isinstance(instance, int | float) and not isinstance(instance, bool)
    if is_number and Decimal(str(instance)) % Decimal(str(factor)):
        yield ValidationError(f"not a multiple of {factor}")


def _is_integer(checker: Any, instance: Any) -> bool:
    del checker
    if isinstance(instance, float):
        return instance.is_integer()
    return isinstance(instance, int) and not isinstance(instance, bool)


def _without_siblings(schema: Any) -> Iterable[tuple[str, Any]]:
    """Beside a `$ref` OpenAPI 3.0 ignores every keyword."""
    return [("$ref", schema["$ref"])] if "$ref" in schema else schema.items()
