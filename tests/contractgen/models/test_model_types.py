"""The types of answers say what their schemas say, as far as a type can: members, null, listed values."""

from typing import Any

import pytest

from contractgen.plan.planner import make_plan
from contractgen.verify.compare import compare
from contractgen.verify.declared import declared
from contractgen.verify.derived import derived
from tests.contractgen.packages import contract, import_package, read_document, write_package
from tests.contractgen.service import Service
from tests.tiers import slow

pytestmark = slow  # A package is generated for each of the schemas.

ID = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
MAYBE = {"$ref": "#/components/schemas/Maybe"}
CAT = {"$ref": "#/components/schemas/Cat"}
DOG = {"$ref": "#/components/schemas/Dog"}
COMPONENTS = {
    "Id": ID,
    "Maybe": ID | {"type": ["object", "null"]},
    "Owner": {"type": "object", "properties": {"data": ID, "since": {"type": "string"}}},
    "Data": ID,
    "Bee": {"type": "object", "properties": {"kind": {"enum": ["bee"]}, "wings": {"type": "integer"}}},
    "Fly": {"type": "object", "properties": {"kind": {"enum": ["fly"]}}},
    "Count": {"type": "integer", "oneOf": [{"const": 4}]},
    "Cat": {"type": "object", "properties": {"kind": {"type": "string"}, "lives": {"type": "integer"}}},
    "Dog": {"type": "object", "properties": {"kind": {"type": "string"}}},
}
COMPONENTS["Untyped"] = {"required": ["b"], "properties": {"b": {"type": "string"}}}
COMPONENTS |= {
    name: {"type": "object", "properties": {"next": {"$ref": f"#/components/schemas/{name}"}}}
    for name in ("Node", "Twin")
}
COMPONENTS["Demanding"] = ID | {"required": ["id", "note"]}
COMPONENTS["Many"] = {
    "oneOf": [{"type": "object", "properties": {f"m{n}": {"type": "integer"}}} for n in range(25)]
}
NAME = {"name": {"type": "string"}}
MORE = {"type": "object", "properties": NAME}
BEE = {"$ref": "#/components/schemas/Bee"}
SCHEMAS: dict[str, Any] = {
    "members demanded beside allOf": {
        "required": ["name"],
        "allOf": [{"$ref": "#/components/schemas/Id"}, MORE],
    },
    "members demanded of one branch": {"required": ["id"], "allOf": [{"$ref": "#/components/schemas/Id"}]},
    "members demanded by a branch": {"allOf": [MORE, {"required": ["name"]}]},
    "null or a listed value": {
        "type": "object",
        "properties": {"count": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Count"}]}},
    },
    "an object or null as a whole": MAYBE,
    "a member that nothing can be": {"type": "object", "properties": {"x": False, "y": {"type": "integer"}}},
    "items that are narrowed": {
        "allOf": [
            {"type": "object", "properties": {"all": {"type": "array", "items": MORE}}},
            {"properties": {"all": {"type": "array", "items": {"properties": {"name": {"enum": ["a"]}}}}}},
        ]
    },
    "members of a member that is said twice": {
        "allOf": [
            {"type": "object", "properties": {"one": MORE}},
            {"type": "object", "properties": {"one": ID}},
        ]
    },
    "a member that one of two hides": {
        "allOf": [
            {"type": "object", "properties": {"kind": {"type": "string", "writeOnly": True}}},
            {"type": "object", "properties": {"kind": {"enum": ["a"]}, "name": {"type": "string"}}},
        ]
    },
    "a fraction as the bound of an integer": {
        "type": "object",
        "properties": {
            "one": {"type": "integer", "minimum": 0.5, "exclusiveMaximum": 2.5},
            "two": {"type": ["integer", "null"], "maximum": 1.5},
        },
    },
    "a bound beyond exact floats": {"type": "integer", "maximum": 1.8446744073709552e19},
    "null that is something else": {"oneOf": [{"type": "string"}, {"type": "integer"}], "type": "null"},
    "an object or null": {"type": "object", "properties": {"maybe": MAYBE}},
    "an object that could be null elsewhere": {
        "type": "object",
        "properties": {
            "one": {"type": "object", "oneOf": [MAYBE, MORE]},
            "all": {"type": "object", "allOf": [MAYBE, MORE]},
        },
    },
    "a member that is narrowed": {
        "allOf": [MORE, {"type": "object", "properties": {"name": {"type": ["string", "null"]}}}]
    },
    "variants that list their kinds": {
        "oneOf": [{"$ref": "#/components/schemas/Bee"}, {"$ref": "#/components/schemas/Fly"}],
        "discriminator": {"propertyName": "kind"},
    },
    "a component that is equal to a part of another": {
        "type": "object",
        "properties": {
            "one": {"$ref": "#/components/schemas/Owner"},
            "two": {"$ref": "#/components/schemas/Data"},
        },
    },
    "listed values that its type or its length rules out": {
        "type": "object",
        "properties": {
            "one": {"type": "string", "enum": ["a", None, 1]},
            "two": {"type": ["string", "null"], "enum": [3, None]},
            "three": {"type": "string", "enum": ["ab", "abc"], "maxLength": 2},
        },
    },
    "members beside variants": {
        "oneOf": [MORE, {"properties": {"kind": {"enum": ["a"]}}, "required": ["kind"]}],
        "properties": {"kind": {"type": "string"}, "id": {"type": "string"}},
        "type": "object",
    },
    "members beside variants of objects, without a type": {
        "anyOf": [MORE, ID],
        "properties": {"kind": {"type": "string"}},
        "required": ["kind"],
    },
    "members demanded beside variants that have them": {
        "oneOf": [
            {"type": "object", "properties": {"kind": {"enum": [kind]}, "note": {"type": "string"}}}
            for kind in ("a", "b")
        ],
        "required": ["kind"],
    },
    "members demanded beside variants of which one has them": {"anyOf": [MORE, ID], "required": ["id"]},
    "a member that every variant demands and one has": {
        "oneOf": [
            {"type": "object", "required": ["name"], "properties": NAME},
            {"type": "object", "required": ["name"], "properties": {"id": {"type": "string"}}},
        ]
    },
    "members beside a type that no object is": {
        "type": "object",
        "properties": {
            "it": {"oneOf": [{"type": "boolean"}, {"type": "object"}], "properties": NAME},
            "all": {"anyOf": [{"type": "array"}, MORE], "properties": {"id": {"type": "string"}}},
        },
    },
    "members beside variants of which one only demands": {
        "type": "object",
        "anyOf": [{"required": ["kind"]}, {"properties": {"kind": {"enum": ["a"]}}, "required": ["id"]}],
        "properties": {"kind": {"type": "string"}, "id": {"type": "string"}},
    },
    "a part that demands what another has": {
        "allOf": [
            {"$ref": "#/components/schemas/Demanding"},
            {"type": "object", "properties": {"note": {"type": "string"}}},
        ]
    },
    "a member that says its type first, and its parts then": {
        "allOf": [
            {"type": "object", "properties": {"one": {"type": "object"}}},
            {"properties": {"one": {"allOf": [ID]}}},
        ]
    },
    "a member that is said twice, once in parts": {
        "allOf": [
            {"type": "object", "properties": {"one": MORE}},
            {"properties": {"one": {"allOf": [ID, {"properties": {"more": {"type": "integer"}}}]}}},
        ]
    },
    "a member that is said twice, first by a reference": {
        "allOf": [
            {"type": "object", "properties": {"one": {"$ref": "#/components/schemas/Id"}}},
            {"properties": {"one": MORE}},
        ]
    },
    "a member that is said twice, by two references": {
        "allOf": [
            {"type": "object", "properties": {"one": {"$ref": "#/components/schemas/Id"}}},
            {"properties": {"one": DOG}},
        ]
    },
    "a member that is said by two references to what refers to itself": {
        "allOf": [
            {"type": "object", "properties": {"one": {"$ref": "#/components/schemas/Node"}}},
            {"properties": {"one": {"$ref": "#/components/schemas/Twin"}}},
        ]
    },
    "a member that a part of a member rules out": {
        "allOf": [
            {
                "type": "object",
                "properties": {"one": {"type": "object", "properties": {"id": False, **NAME}}},
            },
            {"properties": {"one": ID | {"required": []}}},
        ]
    },
    "a union of many that is an object, in a union": {
        "type": "object",
        "properties": {
            "one": {
                "oneOf": [CAT, {"type": "object", "$ref": "#/components/schemas/Many"}],
                "discriminator": {"propertyName": "kind"},
            }
        },
    },
    "variants of which one alone stands elsewhere as well": {
        "type": "object",
        "properties": {
            "pet": {"oneOf": [CAT, DOG, BEE], "discriminator": {"propertyName": "kind"}},
            "cat": CAT,
        },
    },
    "an array of objects or null beside one of equal objects": {
        "type": "object",
        "properties": {
            "all": {"type": "array", "items": ID},
            "some": {"type": "array", "items": ID | {"type": ["object", "null"]}},
            "map": {"type": "object", "additionalProperties": ID | {"type": ["object", "null"]}},
            "one": ID | {"type": ["object", "null"]},
        },
    },
    "an enum in which no value is of its type, in a union": {
        "type": "object",
        "properties": {"one": {"anyOf": [{"type": "string", "enum": [120]}, {"type": "integer"}]}},
    },
    "an enum that has a value twice": {
        "type": "object",
        "properties": {"one": {"type": "string", "enum": ["a", "b", "b"]}, "two": {"enum": [1, 1.0, True]}},
    },
    "properties that all subschemas require": {
        "type": "object",
        "properties": {name: {"type": "string"} for name in "pqr"},
        "anyOf": [{"required": ["p", "q"]}, {"allOf": [{"required": ["r"]}, {"required": ["p"]}]}],
    },
    "properties that all subschemas require, of two unions and in allOf": {
        "allOf": [
            {"type": "object", "properties": {name: {"type": "string"} for name in "pqr"}},
            {"oneOf": [{"required": ["p"]}, {"anyOf": [{"required": ["p", "q"]}, {"required": ["p", "r"]}]}]},
            {"anyOf": [{"required": ["q"]}]},
        ],
    },
    "a type beside subschemas that have none": {
        "type": "object",
        "properties": {
            "one": {"type": "object", "oneOf": [MAYBE, {"$ref": "#/components/schemas/Untyped"}]},
            "two": {"type": "string", "anyOf": [{"type": ["string", "integer"]}, {"type": "null"}]},
            "three": {
                "type": ["string", "null"],
                "oneOf": [{"enum": ["a", 1]}, {"type": ["integer", "null"]}],
            },
            "four": {"type": "integer", "anyOf": [{"type": "number"}, {"type": "string"}]},
            "five": {"type": "string", "oneOf": [{"minLength": 3}, {"maxLength": 1}]},
        },
    },
    "a property that nothing can be, for its own contradiction": {
        "type": "object",
        "properties": {"x": {"type": "string", "const": 1}, "y": {"type": "integer"}},
    },
    "a variant of a union that stands elsewhere as well": {
        "type": "object",
        "properties": {
            "pet": {"oneOf": [CAT, DOG], "discriminator": {"propertyName": "kind"}},
            "cat": CAT,
        },
    },
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_type_says_what_its_schema_says(tmp_path: Any, name: str) -> None:
    document = contract()
    document["components"]["schemas"] |= COMPONENTS
    content = document["components"]["responses"]["Thing"]["content"]["application/json"]
    content["schema"] = SCHEMAS[name]
    read = read_document(tmp_path, document)
    package = import_package(f"types_{abs(hash(name))}", write_package(read, tmp_path / "types"))
    planned = make_plan(read)
    assert compare(planned.document, declared(planned), derived(Service(package).app)) == []
