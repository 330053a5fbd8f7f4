"""What a discriminator asserts: the value of its property must name the subschema that matches.

A subschema of `oneOf` or `anyOf` that is a `$ref` is named by the mapping, else by the last part of its
reference. It matches only an object whose property has such a name. Where the subschema itself admits none of
its names there, the discriminator says nothing of it. An inline subschema has no name, and matches by itself.
A discriminator elsewhere, such as in the parent of an `allOf`, asserts nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from jsonschema import ValidationError

from contractgen.verify.foreign.conjuncts import Conjuncts, Schema
from contractgen.verify.foreign.raw import At


class Discriminators:
    """The rules of `oneOf` and `anyOf` where a discriminator may stand beside them."""

    def __init__(self, conjuncts: Conjuncts) -> None:
        self.conjuncts = conjuncts
        self.raw = conjuncts.raw
        self._names: dict[int, tuple[str, ...] | None] = {}

    def rules(self) -> dict[str, Callable[[Any, Any, Any, Any], Iterable[Any]]]:
        return {"oneOf": self._one_of, "anyOf": self._any_of}

    def _one_of(self, validator: Any, branches: Any, instance: Any, schema: Any) -> Iterator[Any]:
        count = sum(1 for _ in self._matching(validator, branches, instance, schema))
        if count != 1:
            yield ValidationError(f"{count} subschemas match")

    def _any_of(self, validator: Any, branches: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if next(self._matching(validator, branches, instance, schema), None) is None:
            yield ValidationError("no subschema matches")

    def _matching(self, validator: Any, branches: Any, instance: Any, schema: Schema) -> Iterator[Any]:
        for branch in branches:
            is_named = self._is_named(validator, branch, instance, schema)
            if is_named and next(iter(validator.descend(instance, branch)), None) is None:
                yield branch

    def _is_named(self, validator: Any, branch: Any, instance: Any, schema: Schema) -> bool:
        discriminator = schema.get("discriminator")
        name = discriminator.get("propertyName") if isinstance(discriminator, dict) else None
        reference = branch.get("$ref") if isinstance(branch, dict) else None
        if name is None or not isinstance(reference, str):
            return True
        if id(branch) not in self._names:
            self._names[id(branch)] = self._known_names(validator, branch, discriminator)
        names = self._names[id(branch)]
        return names is None or (isinstance(instance, dict) and instance.get(name) in names)

    def _known_names(self, validator: Any, branch: Any, discriminator: Any) -> tuple[str, ...] | None:
        """The names of a subschema that it admits itself; None where these are none."""
        names = self.names_of(self.raw.position(branch), discriminator)
        at = self.raw.target(self.raw.position(branch), branch["$ref"])
        places = [
            place.below("properties", discriminator["propertyName"])
            for place, part in self.conjuncts.of(at)
            if discriminator["propertyName"] in part.get("properties", {})
        ]
        admitted = [
            name
            for name in names
            if all(validator.evolve(schema={"$ref": place.reference}).is_valid(name) for place in places)
        ]
        return tuple(admitted) or None

    def names_of(self, branch: At, discriminator: Schema) -> list[str]:
        """The names of the subschema that a reference at a position leads to."""
        target = self.raw.target(branch, self.raw.value(branch)["$ref"])
        component = target.name
        mapping = discriminator.get("mapping") or {}
        mapped = [name for name, each in mapping.items() if self._leads(each, branch, target, component)]
        return mapped or [component]

    def _leads(self, mapped: str, branch: At, target: At, component: str) -> bool:
        """Whether a mapping's value, a name or a reference, is the target of a reference."""
        return mapped == component or self.raw.target(branch, mapped) == target
