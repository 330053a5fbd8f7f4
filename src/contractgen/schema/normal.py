"""A document in one dialect: every schema in JSON Schema 2020-12, at the pointer where it was written.

The keywords of OpenAPI 3.0 are translated, so that planning, models, checks and examples read schemas in one
way. A `discriminator` is an annotation: it "MUST NOT change the validation outcome" (OpenAPI 3.0.4, 3.1.1).
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from contractgen.document.grammar import DATA_MEMBERS, NAMED_MEMBERS
from contractgen.document.load import Document
from contractgen.document.structure import Violation
from contractgen.schema.files import mark_files
from contractgen.schema.lengths import with_lengths
from contractgen.schema.nullable import nullable
from contractgen.schema.patterns import PatternError, PatternTooLargeError, portable
from contractgen.schema.vocabulary import COUNTS, NOTES
from contractgen.schema.walk import Schema, below, schema_at
from contractgen_runtime.pointers import child, find_at, pointer_of, tokens, value_at

# What the formats of whole numbers admit.
_BOUNDS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_LIMITS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
# Beyond, a float stands for several whole numbers.
_EXACT_FLOATS = 2**53
_COMPONENTS = "/components/schemas"
# Objects whose keys are names, or extensions.
_EXTENSIBLE = ("/paths", "/responses")
_MEDIA_TYPES = "#/components/mediaTypes/"


def normal_form(document: Document, harmless: Sequence[Violation] = ()) -> Document:
    """The document with its schemas in one dialect; positions stay those of the text.

    What is not as OpenAPI has it, and `harmless`, is as it is meant.
    """
    return replace(document, value=_Translation(document, harmless).value)


class _Translation:
    """One document while its schemas are translated; those elsewhere that they refer to are schemas too."""

    def __init__(self, document: Document, harmless: Sequence[Violation]) -> None:
        self.is_30 = str(document.value.get("openapi")).startswith("3.0")
        self.done: set[str] = set()
        self.targets: set[str] = set()
        self.value: dict[str, Any] = json.loads(json.dumps(document.value))
        for violation in harmless:
            violation.undo(self.value)
        media_types = (self.value.get("components") or {}).get("mediaTypes")
        if media_types:
            self.value = _with_media_types(self.value, media_types)
        self._search(self.value, "")
        while waiting := sorted(self.targets - self.done):
            for pointer in waiting:
                self._translate_at(pointer)

    def _search(self, node: Any, pointer: str, *, named: bool = False) -> None:
        """Translate every schema below what is no schema itself; the keys of `named` are names."""
        if isinstance(node, list):
            for index, each in enumerate(node):
                self._search(each, child(pointer, index))
        for name, value in node.items() if isinstance(node, dict) else ():
            place = child(pointer, name)
            is_name = named and not (name.startswith("x-") and pointer.endswith(_EXTENSIBLE))
            if name in ("schema", "itemSchema") and not named:
                node[name] = self._whole(value, place)
                if "encoding" in node and tokens(pointer)[-1].startswith("multipart/"):
                    mark_files(self.value, node)
            elif place == _COMPONENTS and isinstance(value, dict):
                value.update({each: self._whole(value[each], child(place, each)) for each in value})
            elif is_name or (name not in DATA_MEMBERS and not name.startswith("x-")):
                self._search(value, place, named=name in NAMED_MEMBERS and not named)

    def _translate_at(self, pointer: str) -> None:
        schema = find_at(self.value, pointer)
        if pointer and isinstance(schema, dict):
            holder, name = value_at(self.value, pointer.rpartition("/")[0]), tokens(pointer)[-1]
            holder[int(name) if isinstance(holder, list) else name] = self._schema(schema, pointer)
        self.done.add(pointer)

    def _whole(self, schema: Any, pointer: str) -> Any:
        """The schema of a component or of a body; `false` says in keywords that it admits nothing."""
        return {"not": {}} if schema is False else self._schema(schema, pointer)

    def _schema(self, schema: Any, pointer: str) -> Any:
        """The schema translated, which is changed itself where it can be."""
        if pointer in self.done or not isinstance(schema, dict):
            return schema
        self.done.add(pointer)
        if schema.get("$recursiveRef") == "#" and pointer.startswith(_COMPONENTS):
            schema = {"$ref": "#" + "/".join(pointer.split("/")[:4])}
        schema.pop("$recursiveAnchor", None)
        for path in below(schema):
            holder: Any = schema_at(schema, path[:-1])
            holder[path[-1]] = self._schema(holder[path[-1]], child(pointer, *path))
        self._note_targets(schema)
        return self._translated(schema)

    def _note_targets(self, schema: Schema) -> None:
        mapping = schema.get("discriminator", {})
        mapping = mapping.get("mapping", {}) if isinstance(mapping, dict) else {}
        for reference in (schema.get("$ref"), *(mapping.values() if isinstance(mapping, dict) else ())):
            if isinstance(reference, str) and reference.startswith("#/"):
                self.targets.add(pointer_of(reference))

    def _translated(self, schema: Schema) -> Schema:
        for keyword in COUNTS & schema.keys():
            if isinstance(schema[keyword], float) and schema[keyword].is_integer():
                schema[keyword] = int(schema[keyword])
        for keyword in _LIMITS & schema.keys():
            if isinstance(schema[keyword], float) and abs(schema[keyword]) >= _EXACT_FLOATS:
                # The number that is written, 1.8446744073709552e+19, not that which the float is.
                schema[keyword] = int(Decimal(repr(schema[keyword])))
        for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            # The check of the structure reports a boolean one outside of OpenAPI 3.0.
            if isinstance(schema.get(exclusive), bool) and schema.pop(exclusive) and bound in schema:
                schema[exclusive] = schema.pop(bound)
        if self.is_30:
            schema = _from_30(self.value, schema)
        _bound_by_format(schema)
        _with_portable_patterns(schema)
        if "$ref" in schema:
            return _beside_reference(schema)
        return schema


def _bound_by_format(schema: Schema) -> None:
    """Whole numbers of a format are bounded by it; no validator of JSON Schema knows these formats."""
    bounds = _BOUNDS.get(schema["format"]) if isinstance(schema.get("format"), str) else None
    if bounds is None or {"enum", "const"} & schema.keys():
        return
    for keyword, bound, tighter in (("minimum", bounds[0], max), ("maximum", bounds[1], min)):
        said = schema.get(keyword, bound)
        schema[keyword] = tighter(said, bound) if isinstance(said, int | float) else said


def _with_portable_patterns(schema: Schema) -> None:
    """Write the regular expressions as every engine reads them; planning reports those that cannot be."""
    if isinstance(schema.get("pattern"), str):
        try:
            schema["pattern"] = portable(schema["pattern"])
        except PatternTooLargeError:
            smaller = with_lengths(schema, schema["pattern"])
            schema["pattern"] = _portable(smaller or schema["pattern"])
        except PatternError:
            pass
    if isinstance(schema.get("patternProperties"), dict):
        found: Schema = {}
        for pattern, each in schema["patternProperties"].items():
            text = _portable(pattern)
            found[text] = {"allOf": [found[text], each]} if text in found else each
        schema["patternProperties"] = found


def _portable(pattern: str) -> str:
    try:
        return portable(pattern)
    except PatternError:
        return pattern


def _with_media_types(node: Any, known: dict[str, Any]) -> Any:
    """A copy in which media types by reference, as OpenAPI 3.2 has them, stand where they are referred to."""
    if isinstance(node, list):
        return [_with_media_types(each, known) for each in node]
    if not isinstance(node, dict):
        return node
    reference = node.get("$ref")
    if isinstance(reference, str) and reference.startswith(_MEDIA_TYPES):
        name = tokens(pointer_of(reference))[-1]
        return _with_media_types(known.get(name, {}), {each: known[each] for each in known if each != name})
    return {name: _with_media_types(value, known) for name, value in node.items()}


def _from_30(root: Any, schema: Schema) -> Schema:
    is_nullable = schema.pop("nullable", False) is True
    if "$ref" in schema:  # in 3.0 what stands beside a reference is ignored, `nullable` too
        return {"$ref": schema["$ref"]}
    return nullable(root, schema) if is_nullable else schema


def _beside_reference(schema: Schema) -> Schema:
    """A reference alone; what asserts something beside it becomes a conjunction."""
    said = {name for name in schema if name not in NOTES and not name.startswith("x-")} - {"$ref"}
    if not said:
        return {"$ref": schema["$ref"]}
    rest = {name: value for name, value in schema.items() if name != "$ref"}
    return rest | {"allOf": [{"$ref": schema["$ref"]}, *schema.get("allOf", [])]}
