"""Compare two schemas by the values that they accept, and report each change at the keyword that made it.

What is proven to accept the same is equal, however it is written. Otherwise each assertion that one schema
makes and the other does not imply is a change; properties, items and subschemas are compared in turn.
"""

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from contractgen.diff.annotations import compare_annotations
from contractgen.diff.changes import Effect, Report, Way
from contractgen.diff.discriminators import compare_discriminators
from contractgen.diff.unions import twins
from contractgen.diff.wording import consequence, message, type_names, union_message
from contractgen.document.load import Document
from contractgen.schema.directions import Direction, directed
from contractgen.schema.inclusion.conjuncts import Conjunct, Splitter
from contractgen.schema.inclusion.prover import TYPE_SCHEMAS, Inclusion
from contractgen.schema.inclusion.sources import Schema, Sources, reference

Pair: TypeAlias = tuple[list[Schema], list[Schema]]
Holder: TypeAlias = Callable[[Schema], Schema]
# These are compared by what they hold, not as assertions.
_HOLDERS = {
    "properties",
    "patternProperties",
    "additionalProperties",
    "items",
    "prefixItems",
    "anyOf",
    "oneOf",
}
# So many schemas within each other are compared one by one.
_DEEPEST = 40
_DIRECTIONS: dict[Way, Direction] = {Way.REQUEST: "request", Way.RESPONSE: "response"}


class Schemas:
    """Compares schemas of two documents in normal form; each pair is compared once."""

    def __init__(self, report: Report, old: Document, new: Document) -> None:
        self.report = report
        self._documents = old, new
        # As written: what is read in one direction has no prose.
        self.written = Splitter(Sources(old=old.value, new=new.value))
        self._inclusions: dict[Way, Inclusion] = {}
        self._seen: set[tuple[Way, str, bool, bool]] = set()
        self._depth = 0

    def inclusion(self, way: Way) -> Inclusion:
        """Return the prover for what is written one way: requests have no read-only properties."""
        if way not in self._inclusions:
            old, new = (directed(document, _DIRECTIONS[way]) for document in self._documents)
            self._inclusions[way] = Inclusion(Sources(old=old, new=new))
        return self._inclusions[way]

    def compare(self, old: str | None, new: str | None, way: Way) -> None:
        """Report how the schemas at two pointers differ; without a pointer any value is accepted."""
        before = [reference("old", old)] if old is not None else []
        after = [reference("new", new)] if new is not None else []
        if before or after:
            place = (after or before)[0]["$ref"]
            self.pair(way, (before, after), place, narrow=True, widen=True)

    def pair(self, way: Way, pair: Pair, place: str, *, narrow: bool, widen: bool) -> tuple[bool, bool]:
        """Compare two conjunctions; return whether a narrowing and a widening was reported, now or before."""
        sources = self.written.sources
        if len(pair[0]) == len(pair[1]) and all(map(sources.is_same, *pair)):
            return False, False
        key = way, repr(pair), narrow, widen
        if key in self._seen:
            return narrow, widen
        self._seen.add(key)
        if self._depth > _DEEPEST:
            return False, False  # so it is reported where the comparison ends
        self._depth += 1
        told = _Comparison(self, way, pair, place).run(narrow=narrow, widen=widen)
        self._depth -= 1
        return told


class _Comparison:
    """One pair of conjunctions, and the place of the whole in the new document, or else in the old one."""

    def __init__(self, schemas: Schemas, way: Way, pair: Pair, place: str) -> None:
        self.schemas, self.way, self.pair, self.place = schemas, way, pair, place
        self.inclusion = schemas.inclusion(way)
        self.old, self.new = (self.inclusion.facts(each) for each in pair)
        self.narrowed = self.widened = False

    def run(self, *, narrow: bool, widen: bool) -> tuple[bool, bool]:
        """Report changes of the kinds that are asked for; return which kinds there were."""
        compare_annotations(self.schemas.report, self.schemas.written, self.pair, self.way)
        compare_discriminators(self.schemas.report, self.schemas.written, self.inclusion, self.pair, self.way)
        narrow = narrow and not self._implies(0, _all(self.pair[1]))
        widen = widen and not self._implies(1, _all(self.pair[0]))
        if narrow or widen:
            self._assertions(narrow=narrow, widen=widen)
        self._unions(narrow=narrow, widen=widen)
        self._properties(narrow=narrow, widen=widen)
        self._items(narrow=narrow, widen=widen)
        if narrow and not self.narrowed:
            self._tell(Effect.NARROWED, f"some values {consequence(self.way, Effect.NARROWED)}", self.place)
        if widen and not self.widened:
            self._tell(Effect.WIDENED, f"some values {consequence(self.way, Effect.WIDENED)}", self.place)
        return self.narrowed, self.widened

    def _implies(self, side: int, schema: Schema) -> bool:
        return self.inclusion.holds(_all(self.pair[side]), schema)

    def _tell(self, effect: Effect, text: str, place: str) -> None:
        self.narrowed |= effect is not Effect.WIDENED
        self.widened |= effect is not Effect.NARROWED
        self.schemas.report.add_at(self.way.level(effect), f"in {self.way.value}: {text}", place)

    # Assertions ---------------------------------------------------------------------------------------

    def _assertions(self, *, narrow: bool, widen: bool) -> None:
        subjects: dict[tuple[str, str | int | None], tuple[list[Conjunct], list[Conjunct]]] = {}
        for side, schemas in enumerate(self.pair):
            for each in self._conjuncts(schemas):
                if each.keyword not in _HOLDERS:
                    subject = each.keyword.replace("exclusiveM", "m"), each.name
                    subjects.setdefault(subject, ([], []))[side].append(each)
        for (keyword, name), (before, after) in subjects.items():
            if keyword == "required" and (name in self.old.properties) != (name in self.new.properties):
                continue  # reported with the property
            lost = narrow and not all(self._implies(0, each.schema) for each in after)
            gained = widen and not all(self._implies(1, each.schema) for each in before)
            if lost or gained:
                effect = Effect.of(narrowed=lost, widened=gained)
                if keyword == "type":
                    text = f"type {self._types(0)} -> {self._types(1)}"
                else:
                    text = message(keyword, before, after, self.way, effect)
                self._tell(effect, text, self._place(after, before))

    def _types(self, side: int) -> str:
        """The types that values can have."""
        schemas, facts = self.pair[side], (self.old, self.new)[side]
        return type_names(
            name for name in facts.types if not self.inclusion.is_empty(_all([*schemas, TYPE_SCHEMAS[name]]))
        )

    def _conjuncts(self, schemas: list[Schema]) -> list[Conjunct]:
        return [each for schema in schemas for each in self.inclusion.splitter.split(schema)]

    def _place(self, *conjuncts: list[Conjunct]) -> str:
        """Return the reference to the first of some conjuncts that is written somewhere, or to the whole."""
        return next((each.place for some in conjuncts for each in some if each.place), self.place)

    # Unions -------------------------------------------------------------------------------------------

    def _unions(self, *, narrow: bool, widen: bool) -> None:
        before, after = (
            [each for each in self._conjuncts(schemas) if each.keyword in ("anyOf", "oneOf")]
            for schemas in self.pair
        )
        lost = [each for each in after if narrow and not self._implies(0, each.schema)]
        gained = [each for each in before if widen and not self._implies(1, each.schema)]
        if len(before) == len(after) == 1:
            self._subschemas(before[0], after[0], narrow=bool(lost), widen=bool(gained))
            return
        for effect, unions in ((Effect.NARROWED, lost), (Effect.WIDENED, gained)):
            for each in unions:
                self._tell(effect, union_message(each, self.way, effect), self._place([each]))

    def _subschemas(self, old: Conjunct, new: Conjunct, *, narrow: bool, widen: bool) -> None:
        """Compare two unions: subschemas that belong together, and those that only one of them has."""
        found = twins(self.inclusion, old.value, new.value)
        told = False, False
        for one, other in found.pairs:
            some = self.schemas.pair(self.way, ([one], [other]), self.place, narrow=narrow, widen=widen)
            told = told[0] or some[0], told[1] or some[1]
        self.narrowed, self.widened = self.narrowed or told[0], self.widened or told[1]
        # A subschema more makes anyOf accept more; of oneOf it may make it accept less as well.
        for parts, what, usual in (
            (found.gone, "gone", Effect.NARROWED),
            (found.added, "new", Effect.WIDENED),
        ):
            is_due = narrow if usual is Effect.NARROWED else widen
            other = widen if usual is Effect.NARROWED else narrow
            effect = usual if is_due else Effect.of(narrowed=narrow, widened=widen)
            for each in parts if is_due or other else ():
                union = old if what == "gone" else new
                place = each.get("$ref") if isinstance(each, dict) else None
                self._tell(effect, f"a subschema of {union.keyword} is {what}", place or self._place([union]))
                told = told[0] or effect is not Effect.WIDENED, told[1] or effect is not Effect.NARROWED
        for is_due, is_told, effect in ((narrow, told[0], Effect.NARROWED), (widen, told[1], Effect.WIDENED)):
            if is_due and not is_told:
                change = f"{old.keyword} -> {new.keyword}" if old.keyword != new.keyword else new.keyword
                self._tell(
                    effect, f"{change}: some values {consequence(self.way, effect)}", self._place([new])
                )

    # Properties and items -----------------------------------------------------------------------------

    def _properties(self, *, narrow: bool, widen: bool) -> None:
        for name in sorted({*self.old.properties, *self.new.properties}):
            if name in self.old.properties and name in self.new.properties:
                pair = self.old.child(name), self.new.child(name)
                self._part(pair, partial(_held, "properties", name), narrow=narrow, widen=widen)
            else:
                self._listed_once(name, narrow=narrow, widen=widen)
        patterns = sorted(self.old.known_patterns() | self.new.known_patterns())
        for pattern in patterns:
            pair = self.old.patterns.get(pattern, []), self.new.patterns.get(pattern, [])
            self._part(pair, partial(_held, "patternProperties", pattern), narrow=narrow, widen=widen)
        others = {
            "properties": dict.fromkeys([*self.old.listed(), *self.new.listed()], True),
            "patternProperties": dict.fromkeys(patterns, True),
        }
        pair = self.old.rest(frozenset()), self.new.rest(frozenset())
        self._part(pair, lambda each: {**others, "additionalProperties": each}, narrow=narrow, widen=widen)

    def _listed_once(self, name: str, *, narrow: bool, widen: bool) -> None:
        """A property that only one of the schemas lists, which says whether it is required too."""
        is_new = name in self.new.properties
        facts = self.new if is_new else self.old
        needed = [name in facts.required for facts in (self.old, self.new)]
        lost = narrow and not self._implies(0, _having(name, self.new.child(name), needed=needed[1]))
        gained = widen and not self._implies(1, _having(name, self.old.child(name), needed=needed[0]))
        if lost or gained:
            text = f"the property {name!r} is {'new' if is_new else 'gone'}"
            text += " and required" if needed[1] and is_new else ""
            place = self._place(
                [each for each in facts.conjuncts if each.keyword == "properties" and each.name == name]
            )
            self._tell(Effect.of(narrowed=lost, widened=gained), text, place)

    def _items(self, *, narrow: bool, widen: bool) -> None:
        count = max(self.old.prefix_length, self.new.prefix_length)
        for index in range(count):
            pair = self.old.item(index), self.new.item(index)
            self._part(pair, partial(_at_index, index), narrow=narrow, widen=widen)
        start = {"prefixItems": [True] * count} if count else {}
        pair = self.old.item(count), self.new.item(count)
        self._part(pair, lambda each: {**start, "items": each}, narrow=narrow, widen=widen)

    def _part(self, pair: Pair, holder: Holder, *, narrow: bool, widen: bool) -> None:
        """Compare what two conjunctions say of the same part; `holder` returns the schema that says it."""
        if not pair[0] and not pair[1]:
            return
        narrow = narrow and not self._implies(0, holder(_all(pair[1])))
        widen = widen and not self._implies(1, holder(_all(pair[0])))
        written = [each["$ref"] for each in (*pair[1], *pair[0]) if isinstance(each, dict) and "$ref" in each]
        place = written[0] if written else self.place
        told = self.schemas.pair(self.way, pair, place, narrow=narrow, widen=widen)
        self.narrowed, self.widened = self.narrowed or told[0], self.widened or told[1]


def _all(schemas: list[Schema]) -> Schema:
    return schemas[0] if len(schemas) == 1 else {"allOf": schemas}


def _held(keyword: str, name: str, schema: Schema) -> Schema:
    return {keyword: {name: schema}}


def _at_index(index: int, schema: Schema) -> Schema:
    return {"prefixItems": [*([True] * index), schema]}


def _having(name: str, schemas: list[Schema], *, needed: bool) -> Schema:
    return {"properties": {name: _all(schemas)}, **({"required": [name]} if needed else {})}
