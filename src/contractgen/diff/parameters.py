"""Compare parameters and headers: whether they must be sent, how they are written, and their values."""

from contractgen.diff.annotations import compare_deprecated, compare_notes
from contractgen.diff.bodies import Bodies, compare_required
from contractgen.diff.changes import Effect, Way
from contractgen.diff.nodes import Pair, Side
from contractgen.diff.schemas import Schemas
from contractgen.document.operations import Place
from contractgen.schema.inclusion.sources import reference
from contractgen_runtime.paths import PLACEHOLDER

_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
# OpenAPI leaves these to content and security.
_NO_PARAMETERS = ("accept", "authorization", "content-type")
_SCALARS = {"null", "boolean", "integer", "fraction", "string"}


class Parameters:
    """Compares parameters and headers of two documents."""

    def __init__(self, schemas: Schemas, bodies: Bodies) -> None:
        self.schemas = schemas
        self.bodies = bodies

    def compare(self, pair: Pair, places: tuple[Place, Place], way: Way) -> None:
        """Report how the parameters of an operation changed."""
        before, after = _parameters(pair.old, places[0]), _parameters(pair.new, places[1])
        added = {key: side for key, side in after.items() if key not in before}
        for key in [key for key in before if key not in after]:
            where, name = key
            moved = next((each for each in added if each[1].lower() == name.lower()), None)
            if moved is None:
                pair.gone(f"the {where} parameter {name} is gone", before[key])
            else:
                text = f"the parameter {name} was in {where}, is in {moved[0]}"
                pair.added(text, added.pop(moved), "breaking")
        for (where, name), side in added.items():
            required = side.value.get("required") is True
            level = way.level(Effect.NARROWED) if required else "compatible"
            pair.added(
                f"the {where} parameter {name} is new{' and required' if required else ''}", side, level
            )
        for where, name in before.keys() & after.keys():
            twins = pair.of(before[where, name], after[where, name])
            self.compare_one(twins, way, f"the {where} parameter {name}")

    def compare_one(self, pair: Pair, way: Way, title: str) -> None:
        """Report how one parameter or header changed."""
        compare_required(pair, way, title)
        compare_deprecated(pair)
        compare_notes(pair)
        before, after = pair.values
        if ("content" in before) != ("content" in after):
            pair.add(
                "breaking",
                f"{title} is written in another way",
                "content" if "content" in after else "schema",
            )
            return
        if "content" in before:
            self.bodies.compare_content(pair, way)
            return
        self._compare_style(pair, way, title)
        if way is Way.REQUEST and self._takes_any_text(pair):
            pair.add("compatible", f"{title}: any text is accepted", "schema")
            return
        self.schemas.compare(pair.old.schema(), pair.new.schema(), way)

    def _types(self, pair: Pair, way: Way) -> tuple[set[str], set[str]]:
        """The types that the schemas of a parameter have, before and after."""
        facts = self.schemas.inclusion(way).facts
        old, new = pair.old.schema(), pair.new.schema()
        return (
            set(facts([reference("old", old)] if old else []).types),
            set(facts([reference("new", new)] if new else []).types),
        )

    def _takes_any_text(self, pair: Pair) -> bool:
        """Return whether a parameter that was a number or a boolean is any text now: digits are text too."""
        old, new = self._types(pair, Way.REQUEST)
        place = pair.new.schema()
        return (
            place is not None
            and old <= {"boolean", "integer", "fraction"}
            and new <= _SCALARS
            and self.schemas.inclusion(Way.REQUEST).holds({"type": ["string"]}, reference("new", place))
        )

    def _shows_explode(self, pair: Pair, way: Way, styles: list[str]) -> bool:
        """Return whether `explode` makes a difference: not for scalars, nor for deepObject."""
        types = set.union(*self._types(pair, way)) - _SCALARS
        if styles == ["simple", "simple"]:
            types.discard("array")
        return bool(types) and styles != ["deepObject", "deepObject"]

    def _compare_style(self, pair: Pair, way: Way, title: str) -> None:
        before, after = pair.values
        styles = [
            node.get("style", _STYLES.get(node.get("in", "header"), "form")) for node in (before, after)
        ]
        exploded = [
            n.get("explode", style == "form") for n, style in zip((before, after), styles, strict=True)
        ]
        for name, values in (("style", styles), ("explode", exploded)):
            if values[0] != values[1] and (name == "style" or self._shows_explode(pair, way, styles)):
                pair.add("breaking", f"{title}: {name} {_said(values[0])} -> {_said(values[1])}", name)
        for name in ("allowReserved", "allowEmptyValue"):
            switched = [node.get(name) is True for node in (before, after)]
            if switched[0] != switched[1]:
                effect = Effect.WIDENED if switched[1] else Effect.NARROWED
                text = f"{title}: {name} {_said(switched[0])} -> {_said(switched[1])}"
                pair.add(way.level(effect), text, name)


def _parameters(operation: Side, place: Place) -> dict[tuple[str, str], Side]:
    """Parameters by location and name; those in the path by their position: their names are not sent."""
    names = PLACEHOLDER.findall(place.path)
    found = {}
    for owner in (Side(operation.document, place.item), operation):
        for index in range(len(owner.value.get("parameters") or [])):
            side = owner.field("parameters", index)
            where, name = side.value["in"], side.value["name"]
            if where == "header":
                name = name.lower()
                if name in _NO_PARAMETERS:
                    continue
            if where == "path" and name in names:
                name = f"{names.index(name) + 1}"
            found[where, name] = side
    return found


def _said(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
