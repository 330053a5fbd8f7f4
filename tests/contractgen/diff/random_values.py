"""Values at and beyond what schemas say, made from the schemas as they are written."""

import random
from collections.abc import Callable, Iterator
from typing import Any

from tests.contractgen.diff.random_schemas import NAMES, WORDS

_TEXTS = (*WORDS, "", "12", "345", "abc-1", "2026-01-31", "192.0.2.1", "01939f6e-7b1c-7c2a-9f3e-0000000000aa")
_ANYTHING: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    2,
    7,
    -4,
    2.5,
    100,
    *_TEXTS,
    [],
    ["a"],
    {},
    {"id": 1},
    {"kind": "cat"},
)
_EXTRA_NAMES = (*NAMES, "x-a", "q", "extra", "self")
_DEEPEST = 7


class Values:
    """Makes values for the schemas of a document: mostly valid ones, some with one fault or more."""

    def __init__(self, document: dict[str, Any], seed: int) -> None:
        self.components = document["components"]["schemas"]
        self.root = document["paths"]["/x"]["put"]["requestBody"]["content"]["application/json"]["schema"]
        self.random = random.Random(seed)

    def make(self, count: int) -> Iterator[Any]:
        """Yield so many values, from careful to careless."""
        for index in range(count):
            self.faults = (0.0, 0.03, 0.12)[index % 3]
            yield self.of(self.root, 0)

    def of(self, schema: Any, depth: int) -> Any:
        r = self.random
        if schema is True or schema == {} or not isinstance(schema, dict) or depth > _DEEPEST:
            return r.choice(_ANYTHING)
        if r.random() < self.faults:
            return r.choice(_ANYTHING)
        if "$ref" in schema:
            return self.of(self.components[schema["$ref"].rpartition("/")[2]], depth + 1)
        if schema.get("nullable") and r.random() < 0.2:
            return None
        parts = [self.of(each, depth + 1) for each in schema.get("allOf", [])]
        parts += [
            self.of(r.choice(schema[each]), depth + 1) for each in ("anyOf", "oneOf") if schema.get(each)
        ]
        inner = schema.get("not", {}).get("not") if isinstance(schema.get("not"), dict) else None
        parts += [self.of(inner, depth + 1)] if inner is not None else []
        if {"type", "enum", "const", "properties", "required", "items"} & schema.keys() or not parts:
            parts.append(self._own(schema, depth))
        if all(isinstance(each, dict) for each in parts):
            return {name: value for each in parts for name, value in each.items()}
        return r.choice(parts)

    def _own(self, schema: Any, depth: int) -> Any:
        r = self.random
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return r.choice(schema["enum"])
        types = schema.get("type", "object" if "properties" in schema or "required" in schema else "string")
        makers: dict[str, Callable[[Any, int], Any]] = {
            "object": self._object,
            "array": self._array,
            "string": self._text,
        }
        makers |= dict.fromkeys(("integer", "number"), self._number)
        makers |= {"boolean": lambda *_: r.random() < 0.5, "null": lambda *_: None}
        return makers[r.choice(types) if isinstance(types, list) else types](schema, depth)

    def _object(self, schema: Any, depth: int) -> dict[str, Any]:
        r = self.random
        known = schema.get("properties", {})
        required = schema.get("required", [])
        share = r.choice((0.2, 0.8, 1.0))
        names = [n for n in known if r.random() < (1 - self.faults if n in required else share)]
        body = {name: self.of(known[name], depth + 1) for name in names if known[name] is not False}
        body |= {name: r.choice(_ANYTHING) for name in required if name not in known}
        extra = schema.get("additionalProperties", True)
        if r.random() < (0.3 if extra is not False else self.faults):
            for name in r.sample(_EXTRA_NAMES, r.choice((1, 1, 1, 2, 6))):
                body.setdefault(name, self.of(extra, depth + 1))
        for pattern, each in schema.get("patternProperties", {}).items():
            if r.random() < 0.4:
                body["x-a" if "x-" in pattern else "q"] = self.of(each, depth + 1)
        return body

    def _array(self, schema: Any, depth: int) -> list[Any]:
        least, most = schema.get("minItems", 0), schema.get("maxItems", schema.get("minItems", 0) + 4)
        off = self.faults > 0 and self.random.random() < 0.2
        count = self.random.choice((least, least + 1, most, max(least - off, 0), most + 2 * off))
        prefix = schema.get("prefixItems", [])
        items = [prefix[n] if n < len(prefix) else schema.get("items", True) for n in range(count)]
        found = [self.of(each, depth + 1) for each in items]
        if found and self.random.random() < 0.15:
            found = [*found[:-1], found[0]]
        if "contains" in schema and found and self.random.random() < 0.9:
            found[-1] = self.of(schema["contains"], depth + 1)
        return found

    def _text(self, schema: Any, _: int) -> str:
        r = self.random
        if "format" in schema or "pattern" in schema:
            return r.choice(_TEXTS)
        least, most = schema.get("minLength", 0), schema.get("maxLength", schema.get("minLength", 0) + 9)
        off = self.faults > 0 and r.random() < 0.3
        length = r.choice((least, most, (least + most) // 2, max(least - off, 0), most + off))
        fitting = [text for text in _TEXTS if least <= len(text) <= most] or ["a"]
        return r.choice((r.choice(fitting), "abcdefghijklmnop"[:length], "A-B.C D_E!+ÄÖÜ"[:length]))

    def _number(self, schema: Any, _: int) -> Any:
        r = self.random
        bounds = [
            schema[k]
            for k in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
            if type(schema.get(k)) in (int, float)
        ]
        base = r.choice([*bounds, 0, 6, r.randint(-5, 14)])
        value = base + r.choice((0, 0, 1, -1, 2, *((0.5, -0.5, 0.25) if "number" in schema["type"] else ())))
        if "multipleOf" in schema and r.random() < 0.8:
            value = round(value / schema["multipleOf"]) * schema["multipleOf"]
        return int(value) if float(value).is_integer() and r.random() < 0.9 else value
