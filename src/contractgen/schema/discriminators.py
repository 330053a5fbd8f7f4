"""The values of a discriminator that lead to each subschema of a union, and those that it lists itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contractgen.schema.types import named_types
from contractgen.schema.walk import Schema
from contractgen_runtime.pointers import find_at, pointer_of

UNIONS = ("oneOf", "anyOf")
# How many schemas lead from a variant to what it says of its discriminator, at most.
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Variant:
    """A subschema that is a reference: the values that the mapping leads to it, and those that it lists.

    `listed` is None where any value may stand, and empty where the subschema is no object.
    """

    reference: str
    mapped: list[str]
    listed: list[Any] | None

    @property
    def component(self) -> str:
        """The name of the component, which is the value if no mapping leads to the subschema."""
        return self.reference.rpartition("/")[2]

    @property
    def takes_its_name(self) -> bool:
        return self.listed is None or self.component in self.listed


def mapping_of(schema: Schema) -> dict[str, str]:
    """Return the mapping of a schema's discriminator, without entries that are not text."""
    mapping = schema["discriminator"].get("mapping")
    said = mapping.items() if isinstance(mapping, dict) else ()
    return {value: target for value, target in said if isinstance(target, str)}


def leads(target: str, reference: str) -> bool:
    """Return whether a mapping's target, a name or a reference, is the component of a reference."""
    if target == reference.rpartition("/")[2]:
        return True
    return "#" in target and pointer_of(target) == pointer_of(reference)


class Variants:
    """The subschemas of the unions of a document, whose values may be in any dialect."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._known: dict[tuple[str, str], list[Any] | None] = {}

    def of(self, schema: Schema, union: str) -> Iterator[tuple[int, Variant]]:
        """Yield the subschemas of a union with a discriminator that are references, by their index."""
        name, mapping = schema["discriminator"].get("propertyName"), mapping_of(schema)
        branches = schema.get(union)
        if not isinstance(name, str) or not isinstance(branches, list):
            return
        for index, branch in enumerate(branches):
            reference = branch.get("$ref") if isinstance(branch, dict) else None
            if isinstance(reference, str):
                mapped = [value for value, target in mapping.items() if leads(target, reference)]
                yield index, Variant(reference, mapped, self._listed(reference, name))

    def _listed(self, reference: str, name: str) -> list[Any] | None:
        key = reference, name
        if key not in self._known:
            walk = _Walk(self._root, name)
            listed = walk.of_object({"$ref": reference}, 0)
            self._known[key] = listed and [value for value in listed if value is not None]
        return self._known[key]


class _Walk:
    """The values that a schema lists, wherever it lists any; what was read is not read again."""

    def __init__(self, root: Any, name: str) -> None:
        self._root = root
        self._name = name
        self._known: dict[tuple[bool, str], list[Any] | None] = {}

    def of_object(self, schema: Any, depth: int) -> list[Any] | None:
        """Return the values of the discriminator in an object; none where there can be no object."""
        return self._of(schema, depth, is_object=True)

    def _of(self, schema: Any, depth: int, *, is_object: bool) -> list[Any] | None:
        if not isinstance(schema, dict) or depth > _DEEPEST:
            return None
        lists = [self._own_member(schema, depth) if is_object else _own(schema)]
        if isinstance(schema.get("$ref"), str):
            lists.append(self._of_reference(schema["$ref"], depth, is_object=is_object))
        lists += [self._of(each, depth + 1, is_object=is_object) for each in _branches(schema, "allOf")]
        for union in UNIONS:
            lists.append(self._of_any(_branches(schema, union), depth, is_object=is_object))
        return _common(lists)

    def _own_member(self, schema: Schema, depth: int) -> list[Any] | None:
        if "object" not in (named_types(schema) or ["object"]):
            return []
        properties = schema.get("properties")
        member = properties.get(self._name) if isinstance(properties, dict) else None
        return self._of(member, depth + 1, is_object=False)

    def _of_reference(self, reference: str, depth: int, *, is_object: bool) -> list[Any] | None:
        key = is_object, reference
        if key not in self._known:
            self._known[key] = None  # a schema that leads back to itself says nothing by that
            self._known[key] = self._of(self._target(reference), depth + 1, is_object=is_object)
        return self._known[key]

    def _of_any(self, branches: list[Any], depth: int, *, is_object: bool) -> list[Any] | None:
        """Return the values that subschemas list together; None, for any value, if one of them lists none."""
        found: list[Any] = []
        for each in branches:
            listed = self._of(each, depth + 1, is_object=is_object)
            if listed is None:
                return None
            found += [value for value in listed if value not in found]
        return found if branches else None

    def _target(self, reference: str) -> Any:
        return find_at(self._root, pointer_of(reference))


def _own(schema: Schema) -> list[Any] | None:
    """Return the values that a schema lists itself."""
    if "const" in schema:
        return [schema["const"]]
    if isinstance(schema.get("enum"), list):
        return list(schema["enum"])
    return [None] if schema.get("type") == "null" else None


def _branches(schema: Schema, keyword: str) -> list[Any]:
    branches = schema.get(keyword)
    return branches if isinstance(branches, list) else []


def _common(lists: list[list[Any] | None]) -> list[Any] | None:
    """Return the values that are in all lists; the last list if there is no such value."""
    found: list[Any] | None = None
    for each in lists:
        if each is not None:
            found = each if found is None else [value for value in found if value in each] or each
    return found
