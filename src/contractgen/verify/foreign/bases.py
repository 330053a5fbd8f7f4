"""A valid value of a raw schema, as far as one is found: the start of all that is sent."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import count, islice
from typing import Any

from contractgen.verify.foreign.ecma import matching
from contractgen.verify.foreign.formats import GOOD
from contractgen.verify.foreign.judge import Judge, Place
from contractgen.verify.foreign.views import View, views

# How deep optional properties are filled in.
_FULL_DEPTH = 1
_DEEPEST = 12
_MOST_TRIED = 60
ABSENT = object()


class Bases:
    """Valid values by place, each found once. A place that leads back to itself has none on the way."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self._known: dict[Place, Any] = {}
        self._open: list[Place] = []

    def of(self, place: Place) -> Any:
        """A value that the schemas of a place admit, ABSENT when none is found."""
        if place in self._known:
            return self._known[place]
        if place in self._open or len(self._open) > _DEEPEST:
            return ABSENT
        self._open.append(place)
        try:
            candidates = (v for view in views(self.judge.conjuncts, place) for v in self.candidates(view))
            tried = islice(candidates, _MOST_TRIED)
            found = next((value for value in tried if self.judge.admits(place, value)), ABSENT)
        finally:
            self._open.pop()
        if found is not ABSENT or not self._open:
            self._known[place] = found
        return found

    def of_view(self, place: Place, view: View) -> Any:
        """A valid value on one way through a schema; where none is found, the first that was tried."""
        tried = list(islice(self.candidates(view), _MOST_TRIED))
        return next((v for v in tried if self.judge.admits(place, v)), tried[0] if tried else ABSENT)

    def candidates(self, view: View) -> Iterator[Any]:
        """Values that are likely to be valid."""
        yield from (value for listed in view.values("enum") for value in listed)
        yield from view.values("const")
        for keyword in ("example", "default"):
            yield from view.values(keyword)
        yield from (v for each in view.values("examples") if isinstance(each, list) for v in each)
        makers = {"object": self._objects, "array": self._arrays, "string": strings}
        for kind in view.types:
            if kind in makers:
                yield from makers[kind](view)
            elif kind in ("integer", "number"):
                yield from numbers(view, whole=kind == "integer")
            else:
                yield from (True, False) if kind == "boolean" else (None,)

    def _objects(self, view: View) -> Iterator[dict[str, Any]]:
        properties = view.properties()
        hidden = {n for n, place in properties.items() if any(map(self.judge.conjuncts.is_hidden, place))}
        required = {name for names in view.values("required") for name in names} - hidden
        made = (
            {name: self.of(place) for name, place in properties.items() if name not in hidden}
            if (len(self._open) <= _FULL_DEPTH)
            else {name: self.of(place) for name, place in properties.items() if name in required}
        )
        full = {name: value for name, value in made.items() if value is not ABSENT}
        others = {name: self.additional(view) for name in sorted(required - full.keys())}
        full |= {name: "x" if value is ABSENT else value for name, value in others.items()}
        least = max(view.values("minProperties"), default=0)
        names = (f"p{number}" for number in count())
        while len(full) < min(least, 100):
            more = self.additional(view)
            full[next(names)] = "x" if more is ABSENT else more
        yield full
        yield {name: value for name, value in full.items() if name in required}

    def additional(self, view: View) -> Any:
        """A value of a property without a name."""
        schemas = (*view.all("additionalProperties"), *view.all("unevaluatedProperties"))
        place = tuple(at for at, value in schemas if isinstance(value, dict))
        return self.of(place) if place else "x"

    def _arrays(self, view: View) -> Iterator[list[Any]]:
        least = int(max(view.values("minItems"), default=0))
        most = int(min(view.values("maxItems"), default=max(least, 3)))
        wanted = min(max(least, 1), most, 200)
        prefix = [
            self.of((at.below(i),)) for at, value in view.all("prefixItems")[:1] for i in range(len(value))
        ]
        found = [value for value in prefix if value is not ABSENT]
        for at, _ in view.all("contains"):
            times = int(max(view.values("minContains"), default=1))
            item = self.of((at,))
            found += [] if item is ABSENT else [item] * min(times, 20)
        place = items_of(view)
        item = self.of(place) if place else "x"
        if item is not ABSENT and len(found) < wanted:
            found += list(islice(self.distinct(place, item), wanted - len(found)))
        yield found
        yield []
        yield found[:least]

    def distinct(self, place: Place, item: Any) -> Iterator[Any]:
        """Values of one place that differ as far as its schema lets them, the first of them `item`."""
        yield item
        tried = (v for view in views(self.judge.conjuncts, place) for v in self.candidates(view))
        others = [v for v in islice(tried, 20) if v != item and self.judge.admits(place, v)] if place else []
        yield from others
        for number in count(1):
            yield _changed(item, number)


def items_of(view: View) -> Place:
    """The positions of the schemas of an array's items."""
    return tuple(at for at, value in view.all("items") if isinstance(value, dict))


def _changed(value: Any, number: int) -> Any:
    """Another value of the same type."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return value + number
    if isinstance(value, str):
        return f"{value[: -len(str(number))]}{number}" if len(value) > 3 else f"{value}{number}"
    if isinstance(value, dict) and value:
        first = next(iter(value))
        return {**value, first: _changed(value[first], number)}
    return value


def strings(view: View) -> Iterator[str]:
    """Texts of the right length: of the format, matching the pattern, or of one letter."""
    least = int(max(view.values("minLength"), default=0))
    most = int(min(view.values("maxLength"), default=max(least, 8)))
    for name in view.values("format"):
        yield from (text for text in GOOD.get(name, ()) if least <= len(text) <= most)
        yield from GOOD.get(name, ())
    for pattern in view.values("pattern"):
        for text in matching(pattern):
            yield text
            if len(text) < least and text:
                yield text + text[-1] * (least - len(text))
    yield ("a" if least <= 1 else "a" * min(least, 100_000))[: max(most, 0)]


def numbers(view: View, *, whole: bool) -> Iterator[int | float]:
    """Numbers at the bounds, beside and between them."""
    low = [v for k in ("minimum", "exclusiveMinimum") for v in view.values(k) if not isinstance(v, bool)]
    high = [v for k in ("maximum", "exclusiveMaximum") for v in view.values(k) if not isinstance(v, bool)]
    if whole:
        low, high = list(map(_written, low)), list(map(_written, high))
    tried: list[Any] = []
    for factor in view.values("multipleOf"):
        times = -(-Fraction(str(max(low))) // Fraction(str(factor))) if low else 1
        tried += [_plain(Fraction(str(factor)) * (times + more)) for more in (0, 1)]
    tried += [each + more for each in low for more in (0, 1)]
    tried += [each - more for each in high for more in (0, 1)]
    tried += [(max(low) + min(high)) / 2] if low and high else []
    for value in (*tried, 1, 0, *(() if whole else (0.5,))):
        if not whole:
            yield value
        elif float(value).is_integer():
            yield int(value)


def _written(bound: Any) -> Any:
    """Return the whole number that is written: 10 ** 30 for `1e30`, where the float is another one."""
    return int(Decimal(repr(bound))) if isinstance(bound, float) and bound.is_integer() else bound


def _plain(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)
