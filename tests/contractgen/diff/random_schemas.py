"""Random schemas as people write them, in the dialect of OpenAPI 3.0 or of 3.1."""

from dataclasses import dataclass, field
from random import Random as Source
from typing import Any

Schema = dict[str, Any]
NAMES = ("id", "name", "size", "kind", "tags")
WORDS = ("a", "bb", "ccc", "red", "blue")
PATTERNS = ("^[a-z]+$", "^[0-9]{2,4}$", "a", "^(red|blue)$")
FORMATS = ("date", "uuid", "ipv4")
NAME_PATTERNS = ("^x-", "^[a-z]$")
COMPONENTS = ("Alpha", "Beta", "Cat", "Dog")
_SCALARS = ("string", "string", "integer", "number", "boolean")


def reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


@dataclass
class Random:
    """Makes schemas from a seed."""

    seed: int
    is_30: bool
    random: Source = field(init=False)

    def __post_init__(self) -> None:
        self.random = Source(self.seed)

    def document(self) -> dict[str, Any]:
        """Return a document of which the request body and the response have one schema."""
        components: dict[str, Schema] = {
            "Alpha": self.object(2),
            "Beta": {"allOf": [self.scalar(), self.enum()]} if self.chance(0.1) else self.array(2),
            "Cat": self.of_kind("cat"),
            "Dog": self.of_kind("dog"),
        }
        if self.chance(0.3):
            components["Alpha"]["properties"]["self"] = reference("Alpha")
        return self.around(self.schema(4), components)

    def around(self, schema: Any, components: dict[str, Any]) -> dict[str, Any]:
        content = {"application/json": {"schema": schema}}
        operation = {
            "operationId": "put",
            "requestBody": {"required": True, "content": content},
            "responses": {"200": {"description": "ok", "content": content}},
        }
        return {
            "openapi": "3.0.3" if self.is_30 else "3.1.0",
            "info": {"title": "t", "version": "1"},
            "paths": {"/x": {"put": operation}},
            "components": {"schemas": components},
        }

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def schema(self, depth: int) -> Schema:
        kinds = (
            ["scalar"] * 4
            + ["enum"]
            + (["object"] * 4 + ["array"] * 2 + ["union", "all", "reference"]) * (depth > 0)
        )
        kind = self.random.choice(kinds)
        match kind:
            case "object":
                schema = self.object(depth)
            case "array":
                schema = self.array(depth)
            case "union":
                schema = self.union(depth)
            case "all":
                schema = {"allOf": [self.object(depth - 1), self.object(depth - 1)]}
            case "reference":
                return reference(self.random.choice(COMPONENTS))
            case "enum":
                schema = self.enum()
            case _:
                schema = self.scalar()
        return self.maybe_null(schema)

    def maybe_null(self, schema: Schema) -> Schema:
        if not self.chance(0.15) or not isinstance(schema.get("type"), str):
            return schema
        if self.is_30:
            return schema | {"nullable": True}
        if "enum" in schema or "const" in schema:
            return schema
        return schema | {"type": [schema["type"], "null"]}

    def enum(self) -> Schema:
        values: list[Any] = self.random.sample(WORDS, self.random.randint(1, 3))
        if self.chance(0.3):
            values = self.random.sample(range(5), self.random.randint(1, 3))
        type_ = "string" if isinstance(values[0], str) else "integer"
        if not self.is_30 and self.chance(0.3):
            return {"const": values[0]}
        return {"enum": values} | ({"type": type_} if self.is_30 or self.chance(0.7) else {})

    def scalar(self) -> Schema:
        type_ = self.random.choice(_SCALARS)
        schema: Schema = {"type": type_}
        if type_ == "string":
            self._string(schema)
        elif type_ != "boolean":
            self._number(schema, type_)
        return schema

    def _string(self, schema: Schema) -> None:
        if self.chance(0.35):
            schema["minLength"] = self.random.randint(1, 3)
        if self.chance(0.45):
            schema["maxLength"] = self.random.randint(3, 8)
        if self.chance(0.15):
            schema["pattern"] = self.random.choice(PATTERNS)
        elif self.chance(0.15):
            schema.clear()
            schema |= {"type": "string", "format": self.random.choice(FORMATS)}

    def _number(self, schema: Schema, type_: str) -> None:
        if self.chance(0.5):
            schema["minimum"] = self.random.randint(-3, 3)
            if self.chance(0.3):
                self._exclude(schema, "minimum")
        if self.chance(0.5):
            schema["maximum"] = self.random.randint(4, 12)
            if self.chance(0.3):
                self._exclude(schema, "maximum")
        if self.chance(0.15):
            schema["multipleOf"] = self.random.choice((2, 3) if type_ == "integer" else (0.5, 2))
        if self.chance(0.15) and type_ == "integer":
            schema["format"] = "int32"

    def _exclude(self, schema: Schema, bound: str) -> None:
        exclusive = "exclusive" + bound.capitalize()
        if self.is_30:
            schema[exclusive] = True
        else:
            schema[exclusive] = schema.pop(bound)

    def object(self, depth: int) -> Schema:
        names = self.random.sample(NAMES, self.random.randint(1, 4))
        schema: Schema = {
            "type": "object",
            "properties": {name: self.schema(max(depth - 1, 0)) for name in names},
        }
        if self.chance(0.6):
            schema["required"] = self.random.sample(names, self.random.randint(1, len(names)))
        closing = self.random.random()
        if closing < 0.35:
            schema["additionalProperties"] = False
        elif closing < 0.5:
            schema["additionalProperties"] = self.scalar()
        if not self.is_30 and self.chance(0.1):
            schema["patternProperties"] = {self.random.choice(NAME_PATTERNS): self.scalar()}
        if self.chance(0.1):
            schema["maxProperties"] = self.random.randint(2, 5)
        if self.chance(0.05):
            schema["minProperties"] = 1
        if not self.is_30 and self.chance(0.05):
            schema["dependentRequired"] = {names[0]: [names[-1]]}
        return schema

    def array(self, depth: int) -> Schema:
        schema: Schema = {"type": "array", "items": self.schema(depth - 1)}
        if self.chance(0.4):
            schema["minItems"] = self.random.randint(1, 2)
        if self.chance(0.4):
            schema["maxItems"] = self.random.randint(2, 5)
        if self.chance(0.2):
            schema["uniqueItems"] = True
        if not self.is_30 and self.chance(0.15):
            schema["prefixItems"] = [self.scalar() for _ in range(self.random.randint(1, 2))]
        if not self.is_30 and self.chance(0.1):
            schema["contains"] = self.scalar()
        return schema

    def union(self, depth: int) -> Schema:
        if self.chance(0.3):
            return {
                "oneOf": [reference("Cat"), reference("Dog")],
                "discriminator": {
                    "propertyName": "kind",
                    "mapping": {"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"},
                },
            }
        parts = [self.schema(depth - 1) for _ in range(self.random.randint(2, 3))]
        if self.chance(0.1):
            return {**self.schema(0), "not": self.random.choice([self.enum(), self.scalar()])}
        return {self.random.choice(("anyOf", "oneOf")): parts}

    def of_kind(self, name: str) -> Schema:
        """A component with the value of a discriminator."""
        schema = self.object(1)
        schema["properties"]["kind"] = {"type": "string", "enum": [name]}
        schema["required"] = sorted({*schema.get("required", []), "kind"})
        schema.pop("maxProperties", None)
        return schema
