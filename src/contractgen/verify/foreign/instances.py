"""Values at and beyond each keyword's bound: a valid value of a raw schema with one change in it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contractgen.verify.foreign.bases import ABSENT, Bases, items_of
from contractgen.verify.foreign.ecma import matching
from contractgen.verify.foreign.judge import Judge, Place
from contractgen.verify.foreign.raw import At
from contractgen.verify.foreign.scalars import of_number, of_string
from contractgen.verify.foreign.views import View, views

_DEEPEST = 6
_OTHERS: dict[str, Any] = {
    "null": None,
    "boolean": True,
    "integer": 7,
    "number": 1.5,
    "string": "x",
    "array": [],
    "object": {},
}
_MOST_LISTED = 20
_LONGEST = 2000
_EXTRA = "zz-extra"


@dataclass(frozen=True, slots=True)
class Instance:
    """A value, and the position of the keyword for whose sake it was made."""

    value: Any
    at: At


class Instances:
    """The instances of the schemas of one contract in one direction.

    A schema that several places refer to is changed keyword by keyword once; later it adds a value, null and
    a wrong type.
    """

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.bases = Bases(judge)
        self._done: set[At] = set()

    def of(self, place: Place) -> Iterator[Instance]:
        """Yield the instances of a place, equal ones once."""
        sent: set[str] = set()
        for each in self._of(place, 0):
            text = json.dumps(each.value, sort_keys=True)
            if text not in sent:
                sent.add(text)
                yield each

    def _of(self, place: Place, depth: int) -> Iterator[Instance]:
        shown: set[At] = set()
        for view in views(self.judge.conjuncts, place):
            fresh = [(at, part) for at, part in view.parts if at not in shown]
            shown |= {at for at, _ in fresh}
            base = self.bases.of_view(place, view)
            at = fresh[0][0] if fresh else place[0]
            if base is ABSENT:
                continue
            yield Instance(base, at)
            new = View(tuple(each for each in fresh if each[0] not in self._done), view.is_30)
            yield from self._of_types(view, at, is_brief=depth > 0 and not new.parts)
            if depth > 0 and not new.parts:
                continue
            self._done |= {at for at, _ in fresh}
            yield from self._of_values(new, base)
            if isinstance(base, str):
                yield from (Instance(*each) for each in of_string(new, base))
            elif isinstance(base, int | float) and not isinstance(base, bool):
                yield from (Instance(*each) for each in of_number(new, base))
            elif isinstance(base, list):
                yield from self._of_array(new, view, base, depth)
            elif isinstance(base, dict):
                yield from self._of_object(place, new, view, base, depth)

    def _of_types(self, view: View, at: At, *, is_brief: bool) -> Iterator[Instance]:
        types = view.types
        place = next((position for position, _ in view.all("type")), at)
        others = [kind for kind in _OTHERS if kind not in types]
        for kind in others[:2] if is_brief else others:
            yield Instance(_OTHERS[kind], place)
        if "integer" in types:
            yield Instance(1.0, place)
        if "null" in types:
            yield Instance(None, place)

    def _of_values(self, view: View, base: Any) -> Iterator[Instance]:
        """Yield values in and outside an enum or const, values that `not` rejects, and values for `oneOf`."""
        for at, listed in (*view.all("enum"), *((at, [value]) for at, value in view.all("const"))):
            yield from (Instance(value, at) for value in listed[:_MOST_LISTED])
            yield Instance("none of them", at)
            yield from (Instance(each.swapcase(), at) for each in listed[:1] if isinstance(each, str))
            yield from (Instance(str(each), at) for each in listed[:1] if isinstance(each, int | float))
            yield from (Instance(each + 1, at) for each in listed[:1] if type(each) is int)
        for at, _ in view.all("not"):
            refused = self.bases.of((at,))
            if refused is not ABSENT:
                yield Instance({**base, **refused} if _are_objects(base, refused) else refused, at)
                yield Instance(refused, at)
        for at, branches in view.all("oneOf"):
            yield from self._of_two(at, len(branches))

    def _of_two(self, at: At, count: int) -> Iterator[Instance]:
        """Yield a value that two subschemas of a oneOf both admit, for each pair that has one."""
        for first in range(min(count, 4)):
            for second in range(first + 1, min(count, 4)):
                both = self.bases.of((at.below(first), at.below(second)))
                if both is not ABSENT:
                    yield Instance(both, at)

    # Arrays -------------------------------------------------------------------------------------------

    def _of_array(self, new: View, view: View, base: list[Any], depth: int) -> Iterator[Instance]:
        yield from self._of_counts(new, view, base)
        for at, _ in new.all("uniqueItems"):
            yield from (
                Instance(each, at) for each in ([*base, *base[:1]], base[:1] * 2, [1, True], [1, 1.0])
            )
        for keyword in ("contains", "minContains", "maxContains"):
            for at, _ in new.all(keyword):
                yield from (Instance(each, at) for each in ([], [None], base * 2, base * 20, [*base, None]))
        for at, _ in (*new.all("unevaluatedItems"), *new.all("items"), *new.all("prefixItems")):
            yield from (Instance(each, at) for each in ([*base, None], [*base, "x", 5], base[:1]))
        if depth < _DEEPEST:
            yield from self._of_items(view, base, depth)

    def _of_counts(self, new: View, view: View, base: list[Any]) -> Iterator[Instance]:
        place = items_of(view)
        item = base[0] if base else self.bases.of(place) if place else "x"
        for keyword, beyond in (("minItems", -1), ("maxItems", 1)):
            for at, bound in new.all(keyword):
                for length in (int(bound), int(bound) + beyond):
                    if 0 <= length <= _LONGEST and item is not ABSENT:
                        yield Instance(self._of_length(place, base, item, length), at)

    def _of_items(self, view: View, base: list[Any], depth: int) -> Iterator[Instance]:
        place, start = items_of(view), 0
        for at, schemas in view.all("prefixItems"):
            start = len(schemas)
            for index in range(min(start, len(base))):
                for each in self._of((at.below(index),), depth + 1):
                    yield Instance([*base[:index], each.value, *base[index + 1 :]], each.at)
        if place:
            for each in self._of(place, depth + 1):
                yield Instance([*base[:start], each.value, *base[start + 1 :]], each.at)

    def _of_length(self, place: Place, base: list[Any], item: Any, length: int) -> list[Any]:
        found = list(base[:length])
        others = self.bases.distinct(place, item)
        while len(found) < length:
            other = next(others)
            if other not in found or not isinstance(other, str | int | float) or isinstance(other, bool):
                found.append(other)
        return found

    # Objects ------------------------------------------------------------------------------------------

    def _of_object(
        self, place: Place, new: View, view: View, base: dict[str, Any], depth: int
    ) -> Iterator[Instance]:
        required = {name for names in view.values("required") for name in names}
        yield from (
            Instance({n: base[n] for n in base if n in required}, at) for at, _ in new.all("properties")
        )
        for at, names in new.all("required"):
            yield from (Instance(_without(base, name), at) for name in names)
        yield from self._of_names(new, view, base)
        yield from self._of_discriminator(new, base)
        for at, dependents in new.all("dependentSchemas"):
            for trigger in dependents:
                admitted = self.bases.of((at.below(trigger),))
                yield Instance({trigger: "x", **base}, at)
                yield from (
                    [Instance({trigger: "x", **base, **admitted}, at)] if isinstance(admitted, dict) else []
                )
        for at, dependents in new.all("dependentRequired"):
            for trigger, names in dependents.items():
                with_trigger = {trigger: "x", **base}
                yield from (Instance(_without(with_trigger, name), at) for name in names)
                yield Instance({**dict.fromkeys(names, "x"), **with_trigger}, at)
        # Small values are judged fast: optional properties stand alone beside the required ones.
        least = {name: base[name] for name in base if name in required}
        least = least if self.judge.admits(place, least) else base
        if depth < _DEEPEST:
            for name, where in view.properties().items():
                for each in self._of(where, depth + 1):
                    yield Instance({**least, name: each.value}, each.at)

    def _of_names(self, new: View, view: View, base: dict[str, Any]) -> Iterator[Instance]:
        """Properties that have no name in the schema, and counts of properties."""
        extra = self.bases.additional(view)
        extra = "x" if extra is ABSENT else extra
        for keyword in ("properties", "additionalProperties", "unevaluatedProperties", "patternProperties"):
            for at, value in new.all(keyword):
                yield Instance({**base, _EXTRA: extra}, at)
                yield from (Instance({**base, _EXTRA: each}, at) for each in (None, 7, "x"))
                if keyword.startswith(("additional", "unevaluated")) and isinstance(value, dict):
                    yield from (
                        Instance({**base, _EXTRA: e.value}, e.at) for e in self._of((at,), _DEEPEST - 1)
                    )
        for at, patterns in new.all("patternProperties"):
            for name in patterns:
                for each in self._of((at.below(name),), _DEEPEST - 1):
                    yield from (Instance({**base, text: each.value}, each.at) for text in matching(name)[:1])
        for at, _ in new.all("propertyNames"):
            yield from (Instance({**base, name: extra}, at) for name in ("", "A b!", "a", "a" * 60))
        for at, bound in new.all("minProperties"):
            names = list(base)[: max(int(bound) - 1, 0)]
            yield Instance({name: base[name] for name in names}, at)
        for at, bound in new.all("maxProperties"):
            more = {f"zz{number}": extra for number in range(min(int(bound), 200) + 1)}
            yield Instance({**base, **more}, at)
            yield Instance(dict(list({**base, **more}.items())[: int(bound)]), at)

    def _of_discriminator(self, new: View, base: dict[str, Any]) -> Iterator[Instance]:
        for at, discriminator in new.all("discriminator"):
            name = discriminator.get("propertyName")
            schema = self.judge.raw.value(at.parent)
            references = [e.get("$ref", "") for u in ("oneOf", "anyOf") for e in schema.get(u, ())]
            components = [each.rpartition("/")[2] for each in references]
            for value in dict.fromkeys([*discriminator.get("mapping", {}), *components, "no-subschema"]):
                yield Instance({**base, name: value}, at)
            yield Instance(_without(base, name), at)


def _without(value: dict[str, Any], name: str) -> dict[str, Any]:
    return {each: value[each] for each in value if each != name}


def _are_objects(*values: Any) -> bool:
    return all(isinstance(value, dict) for value in values)
