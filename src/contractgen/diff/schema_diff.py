"""Compare two schemas by what they admit."""

from collections.abc import Iterable
from typing import Any

from contractgen.diff.changes import Effect, Level, Report, Way
from contractgen.diff.schema_view import ALL_TYPES, LOWER, UPPER, View, Viewer, spelled, tightness
from contractgen.runtime.pointers import child

Pointers = tuple[str, ...]


# The keywords that speak of one type only, and say nothing where that type is not admitted.
_SPEAKS_OF = {
    "minimum": "integer",
    "maximum": "integer",
    "multipleOf": "integer",
    "minLength": "string",
    "maxLength": "string",
    "pattern": "string",
    "minItems": "array",
    "maxItems": "array",
    "minContains": "array",
    "maxContains": "array",
    "items": "array",
    "contains": "array",
    "minProperties": "object",
    "maxProperties": "object",
    "propertyNames": "object",
}
_WIDER_FORMATS = {("int32", "int64"), ("float", "double")}
_BELOW = ("items", "contains", "propertyNames", "unevaluatedItems", "unevaluatedProperties", "not")


class Schemas:
    """Compares pairs of schemas, each pair once: a recursive schema meets itself and stops."""

    def __init__(self, report: Report, views: tuple[Viewer, Viewer], assumed: set[Any] | None = None) -> None:
        self.report = report
        self.views = views
        self.seen: set[tuple[Pointers, Pointers, Way, Way]] = set()
        self.queue: list[tuple[Pointers, Pointers, Way, Way]] = []
        self.assumed = set() if assumed is None else assumed

    def compare(self, old: Pointers, new: Pointers, way: Way, members: Way | None = None) -> None:
        """Tells how two conjunctions differ; `members` says who writes where `not` turns `way` round."""
        self.queue.append((old, new, way, members or way))
        while self.queue:
            pair = self.queue.pop()
            if pair not in self.seen:
                self.seen.add(pair)
                _Pair(self, *pair).compare()

    def later(self, old: Iterable[str], new: Iterable[str], way: Way, members: Way) -> None:
        self.queue.append((tuple(old), tuple(new), way, members))

    def same(self, old: str, new: str, way: Way, members: Way) -> bool:
        """Whether two schemas differ in annotations at most; what is being asked already is assumed."""
        question = (old, new, way, members)
        if question in self.assumed:
            return True
        trial = Schemas(Report(self.report.old, self.report.new), self.views, self.assumed | {question})
        trial.compare((old,), (new,), way, members)
        return all(change.level == "patch" for change in trial.report.changes)


class _Pair:
    def __init__(self, schemas: Schemas, old: Pointers, new: Pointers, way: Way, members: Way) -> None:
        self.schemas = schemas
        self.way = way
        self.members = members
        self.old: View = schemas.views[0].view(old)
        self.new: View = schemas.views[1].view(new)

    def tell(self, effect: Effect, message: str, keyword: str) -> None:
        self.put(self.way.level(effect), message, keyword)

    def put(self, level: Level, message: str, keyword: str) -> None:
        """At the keyword where it stands: in the new schema, else in the old, else at the schema itself."""
        text = f"in {self.members.value}: {message}"
        if keyword not in self.new.places and keyword in self.old.places:
            self.schemas.report.add(level, text, old=self.old.place(keyword))
        elif self.new.pointer:
            self.schemas.report.add(level, text, new=self.new.place(keyword))
        else:
            self.schemas.report.add(level, text, old=self.old.place(keyword))

    def compare(self) -> None:
        if self.old.only_union() != self.new.only_union() and self._lone_against_union():
            return
        self._notes()
        self._null()
        if not self._types():
            return
        self._enum()
        for keyword in sorted(LOWER | UPPER):
            self._bound(keyword)
        self._texts()
        self._switch("uniqueItems", self.old.unique, self.new.unique)
        self._members()
        self._additional()
        for keyword in _BELOW:
            self._below(keyword)
        self._tuples()
        self._unions()
        self._conditions()
        self._discriminators()

    def _speaks(self, keyword: str) -> bool:
        kind = _SPEAKS_OF.get(keyword)
        return kind is None or kind in self.old.types & self.new.types

    def _notes(self) -> None:
        changed = {
            k for k in {**self.old.notes, **self.new.notes} if self.old.notes.get(k) != self.new.notes.get(k)
        }
        for keyword in sorted(changed):
            self.put("patch", f"{keyword} changed", keyword)
        if self.old.deprecated != self.new.deprecated:
            level: Level = "compatible" if self.new.deprecated else "patch"
            self.put(
                level, "is deprecated now" if self.new.deprecated else "is no longer deprecated", "deprecated"
            )
        if self.old.defaults != self.new.defaults:
            values = [", ".join(view.defaults) or "none" for view in (self.old, self.new)]
            hit = self.members is Way.REQUEST and self.old.defaults
            level = "breaking" if hit else "compatible" if self.members is Way.REQUEST else "patch"
            self.put(level, f"the default was {values[0]}, is {values[1]}", "default")

    def _null(self) -> None:
        if self.old.null != self.new.null:
            effect = Effect.WIDENED if self.new.null else Effect.NARROWED
            self.tell(effect, "may be null now" if self.new.null else "may no longer be null", "type")

    def _types(self) -> bool:
        """Whether the types have something in common, so that the rest can be compared."""
        old, new = self.old.types, self.new.types
        gone, added = old - new, new - old
        if gone and added and not old & new:
            self.tell(Effect.UNSURE, f"the type was {_names(old)}, is {_names(new)}", "type")
            return False
        if gone:
            self.tell(Effect.NARROWED, f"the type was {_names(old)}, is only {_names(new)}", "type")
        if added:
            self.tell(Effect.WIDENED, f"the type was {_names(old)}, may be {_names(new)}", "type")
        return bool(new and old)

    def _enum(self) -> None:
        old, new = self.old.enum, self.new.enum
        keyword = "const" if "const" in {**self.old.places, **self.new.places} else "enum"
        if old is None and new is not None:
            self.tell(Effect.NARROWED, f"only {', '.join(new)} may stand here now", keyword)
        elif old is not None and new is None:
            self.tell(Effect.WIDENED, "other values than the listed ones may stand here now", keyword)
        elif old is not None and new is not None:
            if gone := [text for text in old if text not in new]:
                self.tell(Effect.NARROWED, f"the value {', '.join(gone)} is gone", keyword)
            if added := [text for text in new if text not in old]:
                self.tell(Effect.WIDENED, f"the value {', '.join(added)} is new", keyword)

    def _bound(self, keyword: str) -> None:
        old, new = self.old.bounds.get(keyword), self.new.bounds.get(keyword)
        if old == new or not self._speaks(keyword):
            return
        tighter = new is not None and (old is None or tightness(keyword, new) > tightness(keyword, old))
        effect = Effect.NARROWED if tighter else Effect.WIDENED
        if keyword in ("minContains", "maxContains"):
            effect = Effect.UNSURE
        values = ["none" if b is None else f"{b[0]}{' (exclusive)' if b[1] else ''}" for b in (old, new)]
        self.tell(effect, f"{keyword} was {values[0]}, is {values[1]}", keyword)

    def _texts(self) -> None:
        """Constraints that are known or not known, and what no rule understands."""
        for keyword in ("pattern", "format", "multipleOf"):
            old, new = (
                {spelled(v): v for v, _ in each.collected.get(keyword, [])} for each in (self.old, self.new)
            )
            if old.keys() != new.keys() and self._speaks(keyword):
                effect = _text_effect(list(old.values()), list(new.values()))
                values = [", ".join(each) or "none" for each in (old, new)]
                unsure = "; the two cannot be compared" if effect is Effect.UNSURE else ""
                self.tell(effect, f"{keyword} was {values[0]}, is {values[1]}{unsure}", keyword)
        for keyword in sorted({**self.old.opaque, **self.new.opaque}):
            if sorted(self.old.opaque.get(keyword, [])) != sorted(self.new.opaque.get(keyword, [])):
                self.tell(Effect.UNSURE, f"{keyword} changed, which cannot be compared", keyword)

    def _switch(self, keyword: str, old: bool, new: bool) -> None:
        if old != new:
            self.tell(Effect.NARROWED if new else Effect.WIDENED, f"{keyword} was {old}, is {new}", keyword)

    # Objects ------------------------------------------------------------------------------------------

    def _members(self) -> None:
        old, new = self._visible(0), self._visible(1)
        report, where = self.schemas.report, f"in {self.members.value}: "
        for name in old.keys() - new.keys():
            report.add("breaking", f"{where}the member {name!r} is gone", old=old[name][0])
        for name in new.keys() - old.keys():
            needed = name in self.new.required
            level = (
                self.way.level(Effect.NARROWED) if needed and name not in self.old.required else "compatible"
            )
            text = f"{where}the member {name!r} is new{' and required' if needed else ''}"
            report.add(level, text, new=new[name][0])
        for name in old.keys() & new.keys():
            self.schemas.later(old[name], new[name], self.way, self.members)
        known = old.keys() & new.keys()
        before, after = (
            {n for n in view.required if n in known or n not in {*self.old.properties, *self.new.properties}}
            for view in (self.old, self.new)
        )
        for name in sorted(after - before):
            self.tell(Effect.NARROWED, f"the member {name!r} is required now", "required")
        for name in sorted(before - after):
            self.tell(Effect.WIDENED, f"the member {name!r} is no longer required", "required")
        for name in {**self.old.patterns, **self.new.patterns}:
            self._child(self.old.patterns.get(name, []), self.new.patterns.get(name, []))

    def _visible(self, side: int) -> dict[str, list[str]]:
        """The members that are written this way: a request has none that is read only."""
        hidden = "readOnly" if self.members is Way.REQUEST else "writeOnly"
        view, viewer = (self.old, self.new)[side], self.schemas.views[side]
        return {n: p for n, p in view.properties.items() if hidden not in viewer.view(tuple(p)).flags}

    def _child(self, old: list[str], new: list[str], *, turned: bool = False) -> None:
        self.schemas.later(old, new, self.way.other if turned else self.way, self.members)

    def _additional(self) -> None:
        old, new = (view.collected.get("additionalProperties", []) for view in (self.old, self.new))
        if (not old and not new) or "object" not in self.old.types & self.new.types:
            return
        closed = [any(value is False for value, _ in each) for each in (old, new)]
        if closed[0] != closed[1]:
            effect = Effect.NARROWED if closed[1] else Effect.WIDENED
            text = (
                "no members but the listed ones may come now"
                if closed[1]
                else "unlisted members may come now"
            )
            self.tell(effect, text, "additionalProperties")
        elif not closed[0]:
            self._child([place for _, place in old], [place for _, place in new])

    def _below(self, keyword: str) -> None:
        old, new = ([p for _, p in view.collected.get(keyword, [])] for view in (self.old, self.new))
        if not (old or new) or not self._speaks(keyword):
            return
        if keyword == "not" and bool(old) != bool(new):
            self.tell(Effect.NARROWED if new else Effect.WIDENED, "what `not` excludes changed", "not")
        elif keyword == "not" and len(old) + len(new) > 2:
            if sorted(spelled(v) for v, _ in self.old.collected["not"]) != sorted(
                spelled(v) for v, _ in self.new.collected["not"]
            ):
                self.tell(Effect.UNSURE, "`not` changed, which cannot be compared", "not")
        else:
            self._child(old, new, turned=keyword == "not")

    def _tuples(self) -> None:
        old, new = ([p for _, p in view.collected.get("prefixItems", [])] for view in (self.old, self.new))
        if not (old or new):
            return
        lengths = [
            [len(v) for v, _ in view.collected.get("prefixItems", [])] for view in (self.old, self.new)
        ]
        if lengths[0] != lengths[1]:
            self.tell(Effect.UNSURE, "prefixItems changed, which cannot be compared", "prefixItems")
            return
        for before, after, size in zip(old, new, lengths[0], strict=True):
            for index in range(size):
                self._child([f"{before}/{index}"], [f"{after}/{index}"])

    # Alternatives -------------------------------------------------------------------------------------

    def _lone_against_union(self) -> bool:
        """One schema that became one of several alternatives, or the other way round."""
        if self.old.only_union():
            lone, union, place = self.new.pointer, self.old.unions[0], 1
        else:
            lone, union, place = self.old.pointer, self.new.unions[0], 0
        view = (self.old, self.new)[place]
        if view.unions or not lone or (view.types == ALL_TYPES and not view.opaque and view.enum is None):
            return False
        lists = ([lone], union[1]) if place == 0 else (union[1], [lone])
        self._null()
        self._alternatives(union[0], *lists)
        return True

    def _unions(self) -> None:
        old, new = self.old.unions, self.new.unions
        for before, after in zip(old, new, strict=False):
            if before[0] != after[0]:
                effect = Effect.NARROWED if after[0] == "oneOf" else Effect.WIDENED
                self.tell(effect, f"{before[0]} became {after[0]}", after[0])
            self._alternatives(after[0], before[1], after[1])
        for keyword, _ in new[len(old) :]:
            self.tell(Effect.NARROWED, f"only the alternatives of {keyword} may come now", keyword)
        for keyword, _ in old[len(new) :]:
            self.tell(Effect.WIDENED, f"not only the alternatives of {keyword} may come now", keyword)

    def _conditions(self) -> None:
        """What holds under the same condition is compared; where conditions changed, nothing can be told."""
        gone, added = list(self.old.conditions), list(self.new.conditions)
        for before in self.old.conditions:
            for after in added:
                if self.schemas.same(child(before, "if"), child(after, "if"), self.way, self.members):
                    gone.remove(before)
                    added.remove(after)
                    for keyword in ("then", "else"):
                        self._child(self._branch(0, before, keyword), self._branch(1, after, keyword))
                    break
        if gone or added:
            effect = Effect.NARROWED if not gone else Effect.WIDENED if not added else Effect.UNSURE
            self.tell(effect, "what holds under a condition changed", "if")

    def _branch(self, side: int, pointer: str, keyword: str) -> list[str]:
        schema = self.schemas.views[side].document.at(pointer)
        return [child(pointer, keyword)] if keyword in schema else []

    def _alternatives(self, keyword: str, old: list[str], new: list[str]) -> None:
        old, new = self._paired(old, new)
        where = f"in {self.members.value}: "
        for place in old:
            level = self.way.level(Effect.NARROWED)
            self.schemas.report.add(level, f"{where}an alternative of {keyword} is gone", old=place)
        for place in new:
            level = self.way.level(Effect.WIDENED)
            self.schemas.report.add(level, f"{where}an alternative of {keyword} is new", new=place)

    def _paired(self, old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
        """What is left of two lists when equals are paired: by name, by text, by meaning, or as the last."""
        names = tuple({p: self._name(side, p) for p in places} for side, places in enumerate((old, new)))
        rest_old: list[str] = []
        rest_new = list(new)
        for place in old:
            if twin := next((p for p in rest_new if names[1][p] == names[0][place]), None):
                rest_new.remove(twin)
                self._child([place], [twin])
            else:
                rest_old.append(place)
        for place in list(rest_old):
            for other in rest_new:
                if self.schemas.same(place, other, self.way, self.members):
                    rest_old.remove(place)
                    rest_new.remove(other)
                    break
        if len(rest_old) == len(rest_new) == 1 and len(old) == len(new):
            self._child(rest_old, rest_new)
            return [], []
        return rest_old, rest_new

    def _name(self, side: int, place: str) -> str:
        schema = self.schemas.views[side].document.at(place)
        return str(schema["$ref"]) if isinstance(schema, dict) and "$ref" in schema else spelled(schema)

    def _discriminators(self) -> None:
        old, new = self.old.discriminator, self.new.discriminator
        if old is None or new is None:
            if new is not None:
                self.put("compatible", "a discriminator tells the alternatives apart now", "discriminator")
            elif old is not None:
                self.put(
                    "breaking", "no discriminator tells the alternatives apart any more", "discriminator"
                )
            return
        if old.get("propertyName") != new.get("propertyName"):
            text = f"the discriminator was {old.get('propertyName')!r}, is {new.get('propertyName')!r}"
            self.put("breaking", text, "discriminator")
        before, after = old.get("mapping", {}), new.get("mapping", {})
        for value in sorted({**before, **after}):
            targets = [str(each.get(value, value)).rpartition("/")[2] for each in (before, after)]
            if targets[0] != targets[1]:
                text = f"the discriminator's {value!r} was {targets[0]}, is {targets[1]}"
                self.put("breaking", text, "discriminator")


def _names(types: frozenset[str]) -> str:
    if types == ALL_TYPES:
        return "any"
    return " or ".join(sorted(types - ({"integer"} if "number" in types else set()))) or "nothing"


def _text_effect(old: list[Any], new: list[Any]) -> Effect:
    """More constraints narrow, fewer widen; others are compared where there is a rule for it."""
    gone, added = [v for v in old if v not in new], [v for v in new if v not in old]
    if not gone:
        return Effect.NARROWED
    if not added:
        return Effect.WIDENED
    if len(gone) == len(added) == 1:
        before, after = gone[0], added[0]
        numbers = all(isinstance(v, int) and v for v in (before, after))
        if (after, before) in _WIDER_FORMATS or (numbers and after % before == 0):
            return Effect.NARROWED
        if (before, after) in _WIDER_FORMATS or (numbers and before % after == 0):
            return Effect.WIDENED
    return Effect.UNSURE
