"""Random schemas of OpenAPI 3.0 and 3.1: nested, composed, with references, formats, null and flags."""

from random import Random
from typing import Any

DEPTH = 4
_NAMES = ("a", "b", "c", "kind", "id")
_WORDS = ("x", "cat", "dog", "red", "Red", "", "5")
_FORMATS = (
    "date",
    "date-time",
    "time",
    "uuid",
    "ipv4",
    "ipv6",
    "email",
    "uri",
    "byte",
    "hostname",
    "password",
)
_PATTERNS = ("^[a-z]+$", "^\\d{2,4}$", "a", "^(cat|dog)$", "\\w\\s?\\w", "^.{1,3}$", "[^x]")


class RandomSchemas:
    """Schemas from a seed; `components` has what they refer to, by name."""

    def __init__(self, seed: int, *, is_30: bool) -> None:
        self.random = Random(seed)
        self.is_30 = is_30
        self.components: dict[str, Any] = {}
        self.names = [f"C{seed}_{number}" for number in range(3)]
        for kind, name in zip(("object", None, None), self.names, strict=True):
            self.components[name] = self.schema(2, kind)
        tree = {"type": "object", "properties": {"a": self.schema(0), "b": {"$ref": self._to(f"Tree{seed}")}}}
        self.components[f"Tree{seed}"] = tree
        for name in (f"Cat{seed}", f"Dog{seed}"):
            self.components[name] = self._named_object(name)
        self.cats = [f"Cat{seed}", f"Dog{seed}"]

    def schema(self, depth: int = DEPTH, kind: str | None = None) -> Any:
        """One schema of a JSON type, or of any."""
        if kind is None and depth > 0:
            roll = self.random.random()
            if roll < 0.12:
                return self._composed(depth - 1)
            if roll < 0.22 and self.components:
                return self._reference()
            if roll < 0.26 and hasattr(self, "cats"):
                return self._discriminated()
            if roll < 0.31:
                return self._untyped(depth - 1)
        types = ["object", "object", "array", "string", "string", "integer", "number", "boolean"]
        kind = kind or self.random.choice(types if depth > 0 else types[3:])
        return self._with_null(getattr(self, f"_{kind}")(depth))

    def _maybe(self, chance: float = 0.35) -> bool:
        return self.random.random() < chance

    def _with_null(self, schema: dict[str, Any]) -> dict[str, Any]:
        if not self._maybe(0.15):
            return schema
        if self.is_30:
            return schema | {"nullable": True}
        return schema | {"type": [schema["type"], "null"]} if "type" in schema else schema

    @staticmethod
    def _to(name: str) -> str:
        return f"#/components/schemas/{name}"

    def _untyped(self, depth: int) -> Any:
        """A schema without a type, of several, or one that says yes or no."""
        schema = getattr(self, f"_{self.random.choice(['object', 'array', 'string', 'integer'])}")(depth)
        if self._maybe(0.5) or self.is_30:
            return {name: each for name, each in schema.items() if name not in ("type", "const", "enum")}
        if self._maybe(0.2):
            return {"enum": self.random.sample([1, 1.5, True, None, "x", [1], {"a": 1}], 3)}
        if self._maybe(0.2):
            return {"const": self.random.choice([1, 1.0, False, None, "x", [], {"a": [1]}])}
        return schema | {"type": sorted({schema["type"], self.random.choice(["string", "number", "object"])})}

    def _reference(self) -> Any:
        schema: Any = {"$ref": self._to(self.random.choice(list(self.components)))}
        if self._maybe(0.15):
            schema |= {"description": "Beside a reference."} if self.is_30 else {"minProperties": 1}
        return schema

    def _composed(self, depth: int) -> Any:
        keyword = self.random.choice(["allOf", "anyOf", "oneOf", "oneOf", "not"])
        if keyword == "not":
            return {"not": self.schema(depth)}
        if keyword == "allOf":
            kind = self.random.choice(["object", "object", "string", "integer"])
            found: Any = {"allOf": [self.schema(depth, kind) for _ in range(self.random.randint(1, 2))]}
            return found | ({"type": kind} if self._maybe() else {}) | self._null_of_composition()
        branches = [self.schema(depth) for _ in range(self.random.randint(1, 3))]
        return {keyword: branches} | self._null_of_composition()

    def _null_of_composition(self) -> Any:
        return {"nullable": True} if self.is_30 and self._maybe(0.2) else {}

    def _discriminated(self) -> Any:
        schema: Any = {
            self.random.choice(["oneOf", "anyOf"]): [{"$ref": self._to(name)} for name in self.cats],
            "discriminator": {"propertyName": "kind"},
        }
        if self._maybe(0.6):
            mapping = {"cat": self.cats[0], "dog": self._to(self.cats[1])}
            schema["discriminator"]["mapping"] = mapping
        return schema

    def _named_object(self, name: str) -> Any:
        known = [name, "cat", "dog"] if self._maybe() else None
        kind = {"type": "string"} | ({"enum": known} if known else {})
        properties = {"kind": kind, **{each: self.schema(1) for each in ("a", "b") if self._maybe(0.6)}}
        return {"type": "object", "required": ["kind"], "properties": properties}

    def _object(self, depth: int) -> Any:
        names = [name for name in _NAMES if self._maybe(0.5)] or ["a"]
        properties = {name: self.schema(depth - 1) for name in names}
        for each in properties.values():
            if "$ref" not in each and self._maybe(0.12):
                each[self.random.choice(["readOnly", "writeOnly"])] = True
        schema: Any = {"type": "object", "properties": properties}
        if self._maybe(0.5):
            schema["required"] = sorted(self.random.sample(names, self.random.randint(1, len(names))))
            schema["required"] += ["other"] if self._maybe(0.1) else []
        if self._maybe(0.4):
            schema["additionalProperties"] = self.random.choice([False, False, True, self.schema(0)])
        for keyword, chance in (("minProperties", 0.1), ("maxProperties", 0.1)):
            if self._maybe(chance):
                schema[keyword] = self.random.randint(0, 3)
        if not self.is_30:
            schema |= self._more_of_objects(names, depth)
        return schema

    def _more_of_objects(self, names: list[str], depth: int) -> Any:
        choices = {
            "patternProperties": {"^z": self.schema(max(depth - 2, 0))},
            "propertyNames": {"maxLength": self.random.randint(1, 8)},
            "dependentRequired": {names[0]: [names[-1]]},
            "dependentSchemas": {names[0]: {"required": [names[-1]]}},
            "unevaluatedProperties": False,
            "if": {"required": [names[0]]},
        }
        found = {name: choices[name] for name in choices if self._maybe(0.06)}
        return found | ({"then": {"required": [names[-1]]}} if "if" in found else {})

    def _array(self, depth: int) -> Any:
        schema: Any = {"type": "array", "items": self.schema(depth - 1)}
        for keyword, chance in (("minItems", 0.25), ("maxItems", 0.25)):
            if self._maybe(chance):
                schema[keyword] = self.random.randint(0, 3)
        if self._maybe(0.2):
            schema["uniqueItems"] = True
        if not self.is_30 and self._maybe(0.2):
            schema["prefixItems"] = [self.schema(0), self.schema(0)]
        if not self.is_30 and self._maybe(0.15):
            schema["contains"] = self.schema(0)
            schema |= {"minContains": self.random.randint(0, 2)} if self._maybe() else {}
            schema |= {"maxContains": self.random.randint(1, 3)} if self._maybe() else {}
        return schema

    def _string(self, _: int) -> Any:
        schema: Any = {"type": "string"}
        roll = self.random.random()
        if roll < 0.2:
            schema["enum"] = sorted(self.random.sample(_WORDS, self.random.randint(1, 3)))
        elif roll < 0.4:
            schema["format"] = self.random.choice(_FORMATS)
        elif roll < 0.55:
            schema["pattern"] = self.random.choice(_PATTERNS)
        elif roll < 0.6 and not self.is_30:
            schema = {"type": "string", "const": self.random.choice(_WORDS)}
        if self._maybe(0.3):
            schema["minLength"] = self.random.randint(0, 4)
        if self._maybe(0.3):
            schema["maxLength"] = self.random.randint(0, 12)
        return schema

    def _integer(self, _: int) -> Any:
        schema = self._bounded({"type": "integer"}, self.random.choice([1, 2, 5]))
        if self._maybe(0.2):
            schema["format"] = self.random.choice(["int32", "int64"])
        if self._maybe(0.15):
            return {"type": "integer", "enum": sorted(self.random.sample(range(-2, 5), 2))}
        return schema

    def _number(self, _: int) -> Any:
        return self._bounded({"type": "number"}, self.random.choice([0.1, 0.5, 2]))

    def _bounded(self, schema: Any, factor: float) -> Any:
        low = self.random.randint(-3, 3)
        for keyword, bound in (("minimum", low), ("maximum", low + self.random.randint(0, 9))):
            if self._maybe(0.3):
                exclusive = f"exclusive{keyword.capitalize()}"
                if not self._maybe(0.25):
                    schema[keyword] = bound
                elif self.is_30:
                    schema |= {keyword: bound, exclusive: True}
                else:
                    schema[exclusive] = bound
        if self._maybe(0.15):
            schema["multipleOf"] = factor
        return schema

    def _boolean(self, _: int) -> Any:
        return {"type": "boolean"}
