"""Prove that one schema includes another.

`Inclusion.holds(one, other)` returns True when every value that `one` accepts is accepted by `other`. False
means that no proof was found, which nearly always means that there is a value that `other` rejects.

The proof is by cases: each conjunct of `other` must follow, for each JSON type that `one` has, from what
`one` says of it; where it does not, `one` is split at its own unions. Questions about properties and items
are about smaller values, so a question that comes back there is taken as proven: recursive schemas end.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import combinations
from typing import Any, TypeAlias

from contractgen.schema.inclusion.conjuncts import Conjunct, Splitter
from contractgen.schema.inclusion.containers import Containers
from contractgen.schema.inclusion.facts import SPEAKS_OF, TYPES, Facts, atoms
from contractgen.schema.inclusion.gather import facts_of
from contractgen.schema.inclusion.scalars import contradicts, finite_values, follows
from contractgen.schema.inclusion.sources import Schema, Sources

# Steps of a proof: of 2,500 proofs about random schemas, the longest took 600. Each proof that is given up
# halves the steps of the next ones, so that schemas made to be hard cost seconds at most. Of 30,000 proofs
# about two versions of a contract with 697 operations none was given up: after so many only what takes no
# proof holds.
_MOST_STEPS, _FEWEST_STEPS = 2_000, 25
_MOST_GIVEN_UP = 100
_DEEPEST = 60
# So many subschemas of oneOf are told apart from each other.
_MOST_APART = 12
# The schema of each type without common values.
TYPE_SCHEMAS: dict[str, Schema] = {name: {"type": [name]} for name in TYPES} | {
    "fraction": {"type": ["number"], "not": {"type": ["integer"]}}
}
Question: TypeAlias = tuple[frozenset[str], str]


class _OutOfStepsError(Exception):
    """The proof has become too long."""


class Inclusion:
    """Answers questions about the schemas of some documents, each once."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.splitter = Splitter(sources)
        self.containers = Containers(self)
        self._facts: dict[frozenset[str], Facts] = {}
        self._proven: dict[Question, bool] = {}
        # Questions that are being answered, with the size that they had; those taken as proven meanwhile.
        self._open: dict[Question, int] = {}
        self._assumed: set[Question] = set()
        self._trail: list[Question] = []
        self._size = 0
        self._steps = 0
        self._most_steps = _MOST_STEPS
        self._given_up = 0

    def holds(self, one: Schema, other: Schema) -> bool:
        """Return whether it is proven that `other` accepts every value that `one` accepts."""
        return self._outermost(lambda: self.included([one], other))

    def is_empty(self, schema: Schema) -> bool:
        """Return whether it is proven that a schema accepts nothing."""
        return self._outermost(lambda: self.empty([schema]))

    def facts(self, schemas: Iterable[Schema]) -> Facts:
        """Return what schemas say together."""
        schemas = list(schemas)
        key = frozenset(map(self.sources.key, schemas))
        if key not in self._facts:
            self._facts[key] = facts_of(self.splitter, schemas)
        return self._facts[key]

    def _outermost(self, ask: Callable[[], bool]) -> bool:
        self._steps = self._size = 0
        self._trail.clear()
        try:
            return ask()
        except (_OutOfStepsError, RecursionError):
            self._forget(0)
            self._open.clear()
            self._assumed.clear()
            self._given_up += 1
            fewest = _FEWEST_STEPS if self._given_up < _MOST_GIVEN_UP else 1
            self._most_steps = max(self._most_steps // 2, fewest)
            return False

    def _forget(self, since: int) -> None:
        """Forget what was proven since: it may rest on an assumption that did not hold."""
        for question in self._trail[since:]:
            self._proven.pop(question, None)
        del self._trail[since:]

    @contextmanager
    def below(self) -> Iterator[None]:
        """Ask about parts of the value, which are smaller than it is."""
        self._size += 1
        try:
            yield
        finally:
            self._size -= 1

    def included(self, schemas: list[Schema], other: Schema) -> bool:
        """Return whether a conjunction is included in a schema."""
        other_key = self.sources.key(other)
        question = frozenset(map(self.sources.key, schemas)), other_key
        if other_key in question[0]:
            return True
        return self._ask(question, lambda: self._included(schemas, other))

    def empty(self, schemas: list[Schema]) -> bool:
        """Return whether a conjunction accepts nothing."""
        question = frozenset(map(self.sources.key, schemas)), "false"
        return self._ask(question, lambda: self._empty(schemas))

    def _ask(self, question: Question, answer: Callable[[], bool]) -> bool:
        self._steps += 1
        if self._steps > self._most_steps:
            raise _OutOfStepsError
        if question in self._proven:
            return self._proven[question]
        if question in self._open:
            is_smaller = self._open[question] < self._size
            if is_smaller:
                self._assumed.add(question)
            return is_smaller
        if len(self._open) > _DEEPEST:
            return False
        begin = len(self._trail)
        self._open[question] = self._size
        found = answer()
        del self._open[question]
        if not found and question in self._assumed:
            self._forget(begin)
        self._assumed.discard(question)
        self._proven[question] = found
        if found:
            self._trail.append(question)
        return found

    # Inclusion ----------------------------------------------------------------------------------------

    def _included(self, schemas: list[Schema], other: Schema) -> bool:
        facts = self.facts(schemas)
        return all(self._follows(facts, conjunct) for conjunct in self.splitter.split(other))

    def _follows(self, facts: Facts, conjunct: Conjunct) -> bool:
        """Return whether a conjunct follows for every type that the facts have."""
        if self.sources.key(conjunct.schema) in facts.keys:
            return True
        said_of = SPEAKS_OF.get(conjunct.keyword, frozenset(TYPES))
        return all(self._follows_for(type_, facts, conjunct) for type_ in sorted(facts.types & said_of))

    def _follows_for(self, type_: str, facts: Facts, conjunct: Conjunct) -> bool:
        if conjunct.keyword == "type" and type_ in atoms(conjunct.value):
            return True
        values = finite_values(type_, facts)
        if values is not None:
            accepted = (value for value in values if self._admits(facts, value))
            return all(self.sources.admits(conjunct.schema, value) for value in accepted)
        if follows(type_, facts, conjunct) or self.containers.follow(facts, conjunct):
            return True
        return self._follows_by_logic(self._of_type(type_, facts), facts.unions, conjunct)

    def _follows_by_logic(self, schemas: list[Schema], unions: list[Conjunct], conjunct: Conjunct) -> bool:
        parts = conjunct.schema.get(conjunct.keyword)
        match conjunct.keyword:
            case "not":
                return self.empty([*schemas, parts])
            case "oneOf" if self._is_one_of(schemas, unions, parts):
                return True
            case "anyOf" if any(self.included(schemas, each) for each in parts):
                return True
        if unions:
            cases = self._cases(schemas, unions)
            return any(all(self.included(case, conjunct.schema) for case in some) for some in cases)
        if conjunct.keyword == "anyOf" and self._is_covered(schemas, parts):
            return True
        return self.empty(schemas)

    def _admits(self, facts: Facts, value: Any) -> bool:
        return all(self.sources.admits(each.schema, value, unknown=True) for each in facts.conjuncts)

    def _of_type(self, type_: str, facts: Facts) -> list[Schema]:
        """The conjuncts of some facts, for one type alone."""
        kept = [
            each.schema
            for each in facts.conjuncts
            if each.keyword != "type" and SPEAKS_OF.get(each.keyword, {type_}) & {type_}
        ]
        return [*kept, TYPE_SCHEMAS[type_]]

    def _cases(self, schemas: list[Schema], unions: list[Conjunct]) -> Iterator[list[list[Schema]]]:
        """Ways to split a conjunction at its smallest union, simple ones first."""
        union = min(unions, key=lambda each: len(each.schema[each.keyword]))
        rest = [each for each in schemas if each is not union.schema]
        parts = union.value
        yield [[*rest, part] for part in parts]
        if union.keyword == "oneOf" and len(parts) <= _MOST_APART:
            yield [[*rest, part, *({"not": other} for other in parts if other is not part)] for part in parts]

    def _is_one_of(self, schemas: list[Schema], unions: list[Conjunct], parts: list[Schema]) -> bool:
        if any(self._is_same_union(union.value, parts) for union in unions if union.keyword == "oneOf"):
            return True
        return self.included(schemas, {"anyOf": parts}) and all(
            self.empty([*schemas, one, two]) for one, two in combinations(parts, 2)
        )

    def _is_same_union(self, one: list[Schema], other: list[Schema]) -> bool:
        """Return whether each subschema of a oneOf has its equal in another."""
        left = list(other)
        for part in one:
            twin = next(
                (each for each in left if self.included([part], each) and self.included([each], part)), None
            )
            if twin is None:
                return False
            left.remove(twin)
        return not left

    def _is_covered(self, schemas: list[Schema], parts: list[Schema]) -> bool:
        """Return whether what the first subschema does not accept is accepted by the others."""
        if len(parts) < 2:
            return False
        first, *rest = parts
        other = {"anyOf": rest} if len(rest) > 1 else rest[0]
        missing = [each for each in self.splitter.split(first) if not self.included(schemas, each.schema)]
        if len(missing) == len(self.splitter.split(first)) and self.empty([*schemas, first]):
            return self._is_covered(schemas, rest)
        return all(self.included([*schemas, {"not": each.schema}], other) for each in missing)

    # Emptiness ----------------------------------------------------------------------------------------

    def _empty(self, schemas: list[Schema]) -> bool:
        facts = self.facts(schemas)
        return all(self._empty_for(type_, facts) for type_ in sorted(facts.types))

    def _empty_for(self, type_: str, facts: Facts) -> bool:
        values = finite_values(type_, facts)
        if values is not None:
            return not any(self._admits(facts, value) for value in values)
        if contradicts(type_, facts) or self.containers.contradict(type_, facts):
            return True
        schemas = self._of_type(type_, facts)
        for whole, denied in facts.denied:
            rest = [each for each in schemas if each is not whole.schema]
            if self.included(rest, denied.schema):
                return True
        if not facts.unions:
            return False
        return any(all(self.empty(case) for case in cases) for cases in self._cases(schemas, facts.unions))
