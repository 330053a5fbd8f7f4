"""`nullable: true` of OpenAPI 3.0: served routes decide as a foreign validator of the raw schema does."""

from pathlib import Path
from typing import Any

from tests.contractgen.verify.judging import judged, with_schemas

BOOLEAN = {"type": "boolean"}
MAYBE = {"type": "string", "nullable": True}
TO_MAYBE = {"$ref": "#/components/schemas/Maybe"}
SCHEMAS: dict[str, Any] = {
    "a_type": {"type": "integer", "nullable": True},
    "an_enum_without_null": {"type": "string", "nullable": True, "enum": ["a"]},
    "an_enum_with_null": {"type": "string", "nullable": True, "enum": ["a", None]},
    "one_of": {"oneOf": [BOOLEAN, {"type": "integer"}], "nullable": True},
    "one_of_that_admits_null": {"oneOf": [BOOLEAN, MAYBE], "nullable": True},
    "one_of_that_refers_to_null": {"oneOf": [BOOLEAN, TO_MAYBE], "nullable": True},
    "one_of_that_refers_to_null_within": {"oneOf": [BOOLEAN, {"anyOf": [TO_MAYBE]}], "nullable": True},
    "one_of_with_anything": {"oneOf": [BOOLEAN, {"minLength": 2}], "nullable": True},
    "any_of_that_admits_null": {"anyOf": [BOOLEAN, MAYBE], "nullable": True},
    "all_of": {"allOf": [BOOLEAN], "nullable": True},
    "a_type_beside_one_of": {
        "type": "string",
        "oneOf": [{"maxLength": 2}, {"minLength": 4}],
        "nullable": True,
    },
    "one_of_without_nullable": {"oneOf": [BOOLEAN, TO_MAYBE]},
    "read_only_beside_nothing": {
        "type": "object",
        "properties": {"a": {"nullable": True, "readOnly": True}},
    },
    "read_only_beside_one_of": {
        "type": "object",
        "properties": {"a": {"oneOf": [BOOLEAN, MAYBE], "nullable": True, "readOnly": True}},
    },
    "read_only_in_all_of": {
        "type": "object",
        "properties": {"a": {"allOf": [BOOLEAN, {"readOnly": True, "nullable": True}]}},
    },
}


def test_null_is_decided_as_foreign_validators_do(tmp_path: Path) -> None:
    found = judged(tmp_path, with_schemas(SCHEMAS, "3.0.3", Maybe=MAYBE))
    assert [f"{each.pointer}: {each.message}" for each in found.findings()] == []
