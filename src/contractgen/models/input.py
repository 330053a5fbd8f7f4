"""The schemas that the models are made from: named, each for one direction, as far as types express them.

A model may admit more than its schema, never less: what types cannot express is left to the exact check. So
assertions that have no form in a type are left out here, and combinations are simplified.
"""

import json
from typing import Any, TypeAlias

from contractgen.document.load import Document
from contractgen.models.argument_types import alias_reference, with_classes
from contractgen.models.scalars import COMBINES, of_scalar, of_values, scalar_components, simple_default
from contractgen.plan.names import RESERVED, class_name, is_usable, snake_case
from contractgen.schema.directions import Affected, Direction, hidden_members, parts
from contractgen.schema.files import admits_file, has_files, is_file
from contractgen.schema.model_parts import (
    NULL,
    TYPING,
    adds_to,
    admits_nothing,
    admits_null,
    admitted_types,
    declares_more,
    demanded,
    flat,
    is_class,
    is_component,
    is_object_only,
    narrowed_to,
    only_asserts,
    with_demands,
    with_null_apart,
    without_null,
)
from contractgen.schema.types import named_types
from contractgen.schema.walk import Schema
from contractgen_runtime.pointers import child, pointer_of

Place: TypeAlias = tuple[str, Direction]

_COMPONENTS = "/components/schemas"
_OF_ARRAYS = {"minItems", "maxItems"}
_SHAPES_OBJECT = {"properties", "patternProperties", "additionalProperties", "required"}
# As datamodel-code-generator takes the name of a class: render makes the import relative.
_UPLOAD: Schema = {"customTypePath": "contractgen_runtime.uploads.Upload"}
# What the members of an object are, in a direction, where they are something else.
_OF_MEMBERS: dict[Direction, Direction] = {"form": "part", "part": "request"}
_MOST_VARIANTS = 20
_MOST_PARTS = 20_000


class ModelInput:
    """The schemas that get a model, by the name of its class, and the class of each by pointer.

    `types` has those that need a type alone, in which every object with properties is a reference; `aliases`
    has the components that are scalars or enums, by pointer, each with its name and its type, `value_classes`
    the names of the classes of constants for enums whose values have names.
    """

    def __init__(self, document: Document, used: dict[Place, str], typed: dict[str, str]) -> None:
        self.document = document
        self.affected = Affected(document)
        self.schemas: dict[str, Schema] = {}
        self.class_of: dict[Place, str] = {}
        self.members: set[str] = set()
        self._taken: set[str] = set(RESERVED["schema"])
        self._types: dict[Place, Schema | None] = {}
        self._waiting: list[Place] = []
        self._opened: set[str] = set()
        self._open: set[int] = set()
        self.aliases = {
            pointer: (self._free(class_name(pointer.rpartition("/")[2])), kind)
            for pointer, kind in scalar_components(document)
        }
        self.value_classes = {
            pointer: self._free(f"{name}Values")
            for pointer, (name, kind) in self.aliases.items()
            if "x-enum-varnames" in kind and "$ref" not in kind
        }
        for name in document.value.get("components", {}).get("schemas", {}):
            place: Place = (child(_COMPONENTS, name), "response")
            if place in used or is_class(self._type_at(place) or {}):
                self.name(*place)
        for (pointer, direction), name in used.items():
            self.name(pointer, direction, name)
        self.types = {pointer: self._argument(pointer, name) for pointer, name in typed.items()}
        whole = {(pointer, self._direction(pointer, direction)) for pointer, direction in used}
        while self._waiting:
            place = self._waiting.pop(0)
            alias = self.aliases.get(place[0])
            kind = alias_reference(alias[0]) if alias else self._type_at(place) or {}
            if is_class(kind) and place not in whole:
                kind = without_null(kind)  # what refers to it says whether there may be null instead
            elif is_class(kind) and admits_null(kind):
                object_name = self._add(f"{self.class_of[place]}Object", without_null(kind))
                kind = {"anyOf": [{"$ref": f"#{_COMPONENTS}/{object_name}"}, NULL]}
            self.schemas[self.class_of[place]] = (
                {"allOf": [kind]} if is_component(kind) else _written_out(self.class_of[place], kind)
            )

    def name(self, pointer: str, direction: Direction, wanted: str = "") -> str:
        """Return the class of a schema, which gets one if it has none yet."""
        direction = self._direction(pointer, direction)
        known = self.class_of.get((pointer, direction))
        if known is None:
            wanted = wanted or class_name(pointer.rsplit("/", 1)[-1])
            if pointer in self.aliases:  # whose name is that of the value itself
                wanted = f"{self.aliases[pointer][0]}Root"
            if direction != "response" and (pointer, "response") in self.class_of:
                wanted = self.class_of[pointer, "response"] + ("Form" if direction == "form" else "Request")
            known = self.class_of[pointer, direction] = self._free(wanted)
            self._waiting.append((pointer, direction))
        return known

    def _argument(self, pointer: str, name: str) -> Schema:
        kind = self._type_at((pointer, "request")) or {}
        if is_class(kind):
            reference = {"$ref": self.name(pointer, "request", name)}
            return {"anyOf": [reference, NULL]} if admits_null(kind) else reference
        return with_classes(kind, name, self._add)

    def _add(self, wanted: str, kind: Schema) -> str:
        """Add a class for a type that stands within another."""
        name = self._free(wanted)
        self.schemas[name] = with_null_apart(kind)
        return name

    def _direction(self, pointer: str, direction: Direction) -> Direction:
        """Return the direction as far as it makes a difference to a schema."""
        holds_files = {"form": has_files, "part": admits_file}.get(direction)
        if holds_files and holds_files(self.document, self.document.at(pointer)):
            return direction
        return "response" if direction == "response" or not self.affected(pointer) else "request"

    def _type_at(self, place: Place) -> Schema | None:
        """Return the type of the schema at a place, made once; None while it is made, in a recursion."""
        if place not in self._types:
            self._types[place] = None
            schema = self.document.at(place[0])
            kind = self._type(schema, place[1])
            self._types[place] = {} if _is_huge(kind) else kind
        return self._types[place]

    def _reference(self, pointer: str, direction: Direction) -> Schema:
        """Return a reference to the class of an object, or the type itself of anything else."""
        direction = self._direction(pointer, direction)
        if pointer in self.aliases and direction != "part":
            return alias_reference(self.aliases[pointer][0])
        is_same = direction == "response" and not self.affected(pointer)
        if is_same and _is_plainly_class(self.document.at(pointer)):
            # Its type can wait: a chain of objects would else be as deep a recursion.
            return {"$ref": f"#{_COMPONENTS}/{self.name(pointer, direction)}"}
        known = self._type_at((pointer, direction))
        if known is None or is_class(known):
            reference = {"$ref": f"#{_COMPONENTS}/{self.name(pointer, direction)}"}
            schema = known or self.document.at(pointer)
            return {"anyOf": [reference, NULL]} if admits_null(schema) else reference
        return {name: each for name, each in known.items() if name != "default"}

    def _referred(self, pointer: str, direction: Direction, *, is_object: bool) -> Schema:
        """Return the type of a reference; where only objects are admitted, its other types are left out."""
        kind = self._reference(pointer, direction)
        if not is_object or "$ref" in kind:
            return kind
        if "properties" in (self.document.at(pointer) or {}) and pointer not in self._opened:
            self._opened.add(pointer)
            kind = self._type(self.document.at(pointer), direction, is_object=True)
            self._opened.discard(pointer)
        return without_null(kind)

    def _free(self, wanted: str) -> str:
        wanted = wanted if is_usable(wanted) else f"Schema{wanted}"
        number, name = 1, wanted
        while name in self._taken or f"{name}Dict" in self._taken or name.removesuffix("Dict") in self._taken:
            number += 1
            name = f"{wanted}{number}"
        self._taken.add(name)
        return name

    def _type(self, schema: Any, direction: Direction, *, is_object: bool = False) -> Schema:
        """Return the type of a schema; `is_object` if the schemas around it admit objects only."""
        if not isinstance(schema, dict):
            return {}
        if "$ref" in schema:
            return self._referred(pointer_of(schema["$ref"]), direction, is_object=is_object)
        notes = {"description": schema["description"]} if isinstance(schema.get("description"), str) else {}
        listed = _of_file(schema) if direction == "part" and is_file(schema) else of_values(schema)
        if listed is not None:
            return notes | listed
        if "allOf" in schema:
            return notes | self._conjunction(schema, direction)
        kinds = named_types(schema) or (["object"] if is_object and _SHAPES_OBJECT & schema.keys() else [])
        union = self._of_variants(schema, direction, is_object=kinds == ["object"])
        if union is not None:
            return notes | (narrowed_to(union, kinds) if kinds else union)
        if not kinds and _SHAPES_OBJECT & schema.keys():
            kinds = admitted_types(self.document, schema)
        types = [self._of_kind(kind, schema, direction) for kind in kinds if kind != "null"]
        types += [{"type": "null"}] if "null" in kinds else []
        default = simple_default(schema, kinds)
        return notes | default | ({} if not types else types[0] if len(types) == 1 else _either(types))

    def _of_variants(self, schema: Schema, direction: Direction, *, is_object: bool) -> Schema | None:
        """Return a union of subschemas, each with the properties beside them; None if no type has them."""
        for keyword in ("oneOf", "anyOf"):
            variants = [each for each in schema.get(keyword, []) if not only_asserts(each)]
            if variants and adds_to(self.document, schema, variants):
                types = self._beside_variants(schema, variants, direction)
                if types:
                    return _either(types)
            if variants and len(variants) == len(schema[keyword]) and "properties" not in schema:
                return self._union(variants, direction, is_object=is_object)
        return None

    def _beside_variants(self, schema: Schema, variants: list[Any], direction: Direction) -> list[Schema]:
        """Return an object for each way through the unions, and the other types; none if too many."""
        kinds = admitted_types(self.document, schema)
        ways = self._ways(schema, 0)
        if "object" not in kinds or len(ways) > _MOST_VARIANTS:
            return []
        others = [each for each in kinds if each != "object"]
        rest = narrowed_to(self._union(variants, direction, is_object=False), others) if others else {}
        return [*(self._merged(each, direction) for each in ways), *([rest] if rest else [])]

    def _union(self, variants: list[Any], direction: Direction, *, is_object: bool) -> Schema:
        variants = [each for each in variants if not admits_nothing(each)]
        types = [self._type(each, direction, is_object=is_object) for each in variants]
        if is_object:
            types = [without_null(each) for each in types if each != NULL]
        return {} if {} in types or not types else _either(types)

    def _of_kind(self, kind: str, schema: Schema, direction: Direction) -> Schema:
        if kind == "object":
            return self._object(schema, direction)
        if kind == "array":
            said = {each: schema[each] for each in _OF_ARRAYS & schema.keys()}
            items = {} if "prefixItems" in schema else self._type(schema.get("items", {}), direction)
            return {"type": "array", **said, "items": items}
        return of_scalar(kind, schema)

    def _object(self, schema: Schema, direction: Direction) -> Schema:
        hidden = hidden_members(self.document, schema, direction)
        direction = _OF_MEMBERS.get(direction, direction)
        hidden = hidden | {name for name, each in schema.get("properties", {}).items() if each is False}
        members = {name: each for name, each in schema.get("properties", {}).items() if name not in hidden}
        demands = dict.fromkeys(demanded(self.document, schema))
        required = [name for name in demands if name in members]
        self.members |= members.keys()
        found: Schema = {
            "type": "object",
            "properties": {name: self._type(each, direction) for name, each in members.items()},
            "required": required,
        }
        more = schema.get("additionalProperties", True)
        patterned = bool({"patternProperties", "unevaluatedProperties"} & schema.keys())
        if patterned or (more is False and hidden):
            # Values of other properties reach the handler as they are; the exact check knows which.
            more = True
        if not members and more is not False:
            found["additionalProperties"] = True if isinstance(more, bool) else self._type(more, direction)
        elif isinstance(more, dict):
            found["additionalProperties"] = self._type(more, direction)
        elif "additionalProperties" in schema or declares_more(schema) or demands.keys() - members - hidden:
            found["additionalProperties"] = more
        return {
            name: each
            for name, each in found.items()
            if each not in ({}, []) or name == "additionalProperties"
        }

    # Conjunctions -------------------------------------------------------------------------------------

    def _conjunction(self, schema: Schema, direction: Direction) -> Schema:
        """Return the type of an `allOf`; within itself it is any object, and the exact check decides."""
        if id(schema) in self._open:
            return {"type": "object", "additionalProperties": True}
        self._open.add(id(schema))
        kind = self._joined(schema, direction)
        self._open.discard(id(schema))
        return kind

    def _joined(self, schema: Schema, direction: Direction) -> Schema:
        """Return `allOf` by inheritance if no field is in two parts, else as one object, else loosely."""
        rest = {name: each for name, each in schema.items() if name not in ("allOf", "description")}
        branches = with_demands([*schema["allOf"], rest])
        if not branches:
            return {"type": "object"} if is_object_only(self.document, schema) else {}
        saying = [
            each
            for each in branches
            if each.keys() & (TYPING | {"required"}) != {"type"} or declares_more(each)
        ]
        if len(saying) == 1 and is_object_only(self.document, saying[0]):
            branches = saying  # the others say no more than that it is an object
        if len(branches) == 1:
            return self._type(branches[0], direction, is_object=is_object_only(self.document, schema))
        whole = [list(parts(self.document, each, set())) for each in branches]
        if not is_object_only(self.document, schema):
            return {}
        if any({"anyOf", "oneOf"} & part.keys() for each in whole for part in each):
            return self._distributed(branches, direction)
        names = [name for each in whole for part in each for name in part.get("properties", {})]
        inherits = all(map(is_component, branches[:-1])) and len({*map(snake_case, names)}) == len(names)
        own = [
            part
            for branch, each in zip(branches, whole, strict=True)
            if not is_component(branch)
            for part in each
        ]
        closed = any("additionalProperties" in part for each in whole for part in each)
        closed = closed or any(map(declares_more, own))  # a class that inherits would not take them
        if inherits and not closed and not any(_asks_others(each, {*names}) for each in whole):
            return {"allOf": [self._type(each, direction, is_object=True) for each in branches]}
        return self._merged([part for each in whole for part in each], direction)

    def _merged(self, found: list[Schema], direction: Direction) -> Schema:
        """Return one object of parts that hold together; a property that one of them hides is hidden."""
        hidden = {name for part in found for name in hidden_members(self.document, part, direction)}
        whole = flat(self.document, found)
        whole["required"] += [name for part in found for name in demanded(self.document, part)]
        members = {name: each for name, each in whole["properties"].items() if name not in hidden}
        more = {"additionalProperties": True} if any(map(declares_more, found)) else {}
        return self._object(whole | {"properties": members} | more, direction)

    def _distributed(self, branches: list[Any], direction: Direction) -> Schema:
        """Return an object for each combination of subschemas: (A or B) and C is (A and C) or (B and C)."""
        combinations: list[list[Schema]] = [[]]
        for branch in branches:
            ways = self._ways(branch, 0)
            combinations = [known + way for known in combinations for way in ways]
            if len(combinations) > _MOST_VARIANTS:
                return {"type": "object", "additionalProperties": True}
        return _either([self._merged(each, direction) for each in combinations])

    def _ways(self, schema: Any, depth: int) -> list[list[Schema]]:
        """Return the ways through the unions of a schema, each as the parts that hold together."""
        ways: list[list[Schema]] = [[]]
        for part in parts(self.document, schema, set()):
            ways = [[*way, part] for way in ways]
            for keyword in ("anyOf", "oneOf"):
                variants = [each for each in part.get(keyword, []) if _may_be_object(each)]
                if not all(map(only_asserts, variants)) and depth < _MOST_VARIANTS:
                    below = [more for each in variants for more in self._ways(each, depth + 1)]
                    ways = [way + more for way in ways for more in below][: _MOST_VARIANTS + 1]
        return ways


def _written_out(name: str, kind: Schema) -> Schema:
    """Return the type for datamodel-code-generator, which forgets the items of an array of itself."""
    whole = with_null_apart(kind)
    is_recursive = kind.get("type") == "array" and f'"#{_COMPONENTS}/{name}"' in json.dumps(kind)
    return {"anyOf": [whole]} if is_recursive else whole


def _may_be_object(schema: Any) -> bool:
    """Return whether a subschema may be an object, by its own keywords."""
    return schema is not False and (schema is True or "object" in (named_types(schema) or ["object"]))


def _asks_others(found: list[Schema], names: set[str]) -> bool:
    """Return whether parts that hold together require one of these properties without declaring it."""
    own = {name for part in found for name in part.get("properties", {})}
    return any(name in names - own for part in found for name in part.get("required", []))


def _is_huge(kind: Schema) -> bool:
    """Return whether a type is no class and too large to be written out at each reference to it."""
    waiting: list[Any] = [kind]
    for _ in range(_MOST_PARTS):
        if not waiting:
            return False
        part = waiting.pop()
        waiting += part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return not is_class(kind)


def _is_plainly_class(schema: Any) -> bool:
    """Return whether a schema plainly makes a class: an object with properties, and no combining keyword."""
    if not isinstance(schema, dict) or (COMBINES | {"const", "enum"}) & schema.keys():
        return False
    return schema.get("type") == "object" and bool(schema.get("properties"))


def _of_file(schema: Schema) -> Schema:
    return _either([_UPLOAD, {"type": "null"}]) if "null" in named_types(schema) else _UPLOAD


def _either(types: list[Schema]) -> Schema:
    """Return the union of types. Beside others, bounds are left out: they would make classes of no use."""
    types = [part for each in types for part in (each["anyOf"] if each.keys() == {"anyOf"} else [each])]
    distinct = [each for index, each in enumerate(types) if each not in types[:index]]
    others = [each for each in distinct if each != NULL]
    if len(others) == 1 and len(distinct) == 2 and isinstance(others[0].get("type"), str):
        listed = {"enum": [*others[0]["enum"], None]} if "enum" in others[0] else {}
        return others[0] | {"type": [others[0]["type"], "null"]} | listed
    return distinct[0] if len(distinct) == 1 else {"anyOf": [_unbounded(each) for each in distinct]}


def _unbounded(kind: Schema) -> Schema:
    return {name: each for name, each in kind.items() if name in TYPING or name in ("format", "required")}
