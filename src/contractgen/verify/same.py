"""Comparison of two schemas of JSON Schema 2020-12 in one normal form, references followed.

The comparison is sound: a difference may be found between schemas that admit the same values, never none
between schemas that differ. Recursive schemas are equal when nothing on any way through them differs.
"""

import json
import math
from collections.abc import Iterator
from itertools import permutations
from typing import Any, TypeAlias

from contractgen.schema.schemas import KNOWN_FORMATS, UNCHECKED_FORMATS
from contractgen.schema.types import named_types, types_of
from contractgen.schema.vocabulary import ANNOTATIONS, KEYWORDS, LISTS, MAPS, SINGLES, TYPES, keywords_of
from contractgen_runtime.pointers import pointer_of, value_at

Schema: TypeAlias = dict[str, Any]
NOTHING: Schema = {"not": {}}

_SILENT = ANNOTATIONS | {"$defs", "$schema"}
_MOST_PERMUTED = 5


class Comparison:
    """Two documents whose schemas are compared.

    Known pairs count as equal until shown otherwise: by identity, so the pairs are kept alive as well.
    """

    def __init__(self, root: Any, other_root: Any) -> None:
        self.roots = root, other_root
        self.met: dict[tuple[int, int], tuple[Any, Any]] = {}

    def difference(self, one: Any, other: Any) -> str | None:
        """Return the first difference between two schemas, as a path and what is there; None without one."""
        known = len(self.met)
        found = self.between(one, other, "")
        if found:
            self._forget(known)
        return found

    def between(self, one: Any, other: Any, path: str) -> str | None:
        """Return the first difference between two schemas at a path, None if there is none."""
        if (id(one), id(other)) in self.met:
            return None
        self.met[id(one), id(other)] = one, other
        first, second = normal(self.roots[0], one), normal(self.roots[1], other)
        for keyword in sorted(first.keys() | second.keys()):
            here = f"{path}/{keyword}"
            if keyword not in first or keyword not in second:
                return f"{here}: {_said(first, keyword)}, not {_said(second, keyword)}"
            found = self._of_keyword(keyword, first[keyword], second[keyword], here)
            if found:
                return found
        return None

    def _of_keyword(self, keyword: str, one: Any, other: Any, path: str) -> str | None:
        if keyword in SINGLES:
            return self.between(one, other, path)
        if keyword in MAPS:
            if one.keys() != other.keys():
                return f"{path}: {sorted(one)}, not {sorted(other)}"
            return next((f for n in one if (f := self.between(one[n], other[n], f"{path}/{n}"))), None)
        if keyword in LISTS:
            return self._of_list(one, other, path, ordered=keyword == "prefixItems")
        return None if text_of(one) == text_of(other) else f"{path}: {text_of(one)}, not {text_of(other)}"

    def _of_list(self, one: list[Any], other: list[Any], path: str, *, ordered: bool) -> str | None:
        if len(one) != len(other):
            return f"{path}: {len(one)} schemas, not {len(other)}"
        first = self._pairwise(one, other, path)
        if first is None or ordered or len(one) > _MOST_PERMUTED:
            return first
        ways = (self._pairwise(one, list(each), path) for each in permutations(other))
        return first if all(ways) else None

    def _pairwise(self, one: list[Any], other: list[Any], path: str) -> str | None:
        """Return the first difference in two lists; it ends the equality of pairs that were met before it."""
        known = len(self.met)
        for index, (first, second) in enumerate(zip(one, other, strict=True)):
            if found := self.between(first, second, f"{path}/{index}"):
                self._forget(known)
                return found
        return None

    def _forget(self, known: int) -> None:
        while len(self.met) > known:
            self.met.popitem()


def normal(root: Any, schema: Any) -> Schema:
    """Return a schema in normal form, one level deep: no reference, no annotation, one way to write it."""
    seen: set[int] = set()
    while True:
        if isinstance(schema, bool) or not isinstance(schema, dict):
            return {} if schema is True else NOTHING
        if id(schema) in seen:
            return {}  # a reference that leads back to itself says nothing
        seen.add(id(schema))
        said = dict(_assertions(schema))
        if said.keys() == {"$ref"}:
            schema = target(root, said["$ref"])
        elif said.keys() <= {"allOf", "anyOf", "oneOf"} and sum(map(len, said.values())) == 1:
            ((schema,),) = said.values()
        else:
            return _one_way(said)


def target(root: Any, reference: str) -> Any:
    """Return the target of a reference within a document."""
    return value_at(root, pointer_of(reference))


def _assertions(schema: Schema) -> Iterator[tuple[str, Any]]:
    """Yield the keywords of a schema that assert something of values, with their own values."""
    for keyword, value in schema.items():
        if keyword in _SILENT or keyword not in KEYWORDS:
            continue
        if keyword == "format" and (value in UNCHECKED_FORMATS or value not in KNOWN_FORMATS):
            continue
        if any(value == each and type(value) is type(each) for each in KEYWORDS[keyword].vacuous):
            continue
        yield keyword, value


def _one_way(said: Schema) -> Schema:
    if "const" in said:
        values = [said.pop("const")]
        said["enum"] = [each for each in said.get("enum", values) if text_of(each) == text_of(values[0])]
    kinds = _kinds(said)
    if kinds is not None:
        said["type"] = kinds
        known = set().union(*(keywords_of(kind) for kind in kinds))
        said = {k: v for k, v in said.items() if k in known or not _is_of_a_type(k)}
    if "enum" in said:
        admitted = set(kinds or TYPES)
        least, most = said.pop("minLength", 0), said.pop("maxLength", math.inf)
        values = [each for each in said["enum"] if not isinstance(each, str) or least <= len(each) <= most]
        said["enum"] = sorted({text_of(each) for each in values if types_of(each) & admitted})
        said.pop("type", None)
    if "required" in said:
        said["required"] = sorted(set(said["required"]))
    return _split(said)


def _kinds(said: Schema) -> list[str] | None:
    if "type" not in said:
        return None
    kinds = set(named_types(said))
    return sorted(kinds - {"integer"} if "number" in kinds else kinds)


def _split(said: Schema) -> Schema:
    """A schema of several types, whose keywords are each of one, is one of several; null comes last."""
    if (
        "enum" not in said
        and len(said.get("type", ())) > 1
        and all(map(_is_of_a_type, said.keys() - {"type"}))
    ):
        said = {"anyOf": [_only(said, kind) for kind in said["type"]]}
    if said.keys() == {"anyOf"}:
        flat = [each for branch in said["anyOf"] for each in _flat(branch)]
        if all(map(_values, flat)):
            return {"enum": sorted({value for each in flat for value in _values(each)})}
        return {"anyOf": sorted(flat, key=lambda each: each == {"type": "null"})}
    return said


def _values(branch: Any) -> list[str]:
    """Return the texts of the values that a subschema enumerates, null included; none if it admits others."""
    said = _one_way(dict(_assertions(branch))) if isinstance(branch, dict) else {}
    if said == {"type": ["null"]}:
        return [text_of(None)]
    return list(said["enum"]) if said.keys() == {"enum"} else []


def _only(said: Schema, kind: str) -> Schema:
    return {"type": kind} | {k: said[k] for k in said.keys() & keywords_of(kind)}


def _flat(branch: Any) -> list[Any]:
    """Return the subschemas of a branch that is a union itself, else the branch."""
    if isinstance(branch, dict):
        said = _one_way(dict(_assertions(branch)))
        if said.keys() == {"anyOf"}:
            return list(said["anyOf"])
    return [branch]


def _is_of_a_type(keyword: str) -> bool:
    return bool(KEYWORDS[keyword].types) if keyword in KEYWORDS else False


def _said(schema: Schema, keyword: str) -> str:
    return text_of(schema[keyword])[:200] if keyword in schema else "nothing"


def text_of(value: Any) -> str:
    """Return the JSON of a value in which 1 and 1.0 are one number, and True is none."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return {name: _plain(each) for name, each in value.items()} if isinstance(value, dict) else value
