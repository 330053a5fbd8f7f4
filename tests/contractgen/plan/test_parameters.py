"""Names of parameters: a query that has one twice is warned of, and none hides what the routes import."""

from pathlib import Path
from typing import Any

import pytest

from contractgen.plan.planner import make_plan
from tests.contractgen.packages import THING, contract, read_document

OBJECT = {"type": "object", "properties": {"date": {"type": "string"}, "name": {"type": "string"}}}
DATE = {"name": "date", "in": "query", "schema": {"type": "string", "format": "date"}}
ORDER: dict[str, Any] = {"name": "order", "in": "query", "schema": OBJECT}
FILTER: dict[str, Any] = {"name": "filter", "in": "query", "schema": {"allOf": [OBJECT]}}
PLACE = f"/paths/{THING.replace('/', '~1')}/get/parameters"


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ([ORDER, DATE], ["its property 'date' has the name of a query parameter"]),
        ([DATE, ORDER], ["its property 'date' has the name of a query parameter"]),
        (
            [ORDER, FILTER],
            [f"its property {name!r} has the name of a property of 'order'" for name in ("date", "name")],
        ),
        ([ORDER | {"style": "deepObject"}, DATE], []),
        ([ORDER | {"explode": False}, DATE], []),
        ([ORDER, DATE | {"in": "header"}], []),
        ([ORDER | {"name": "date"}], []),
    ],
)
def test_properties_whose_names_other_parameters_have_are_named(
    tmp_path: Path, parameters: list[Any], said: list[str]
) -> None:
    document = contract()
    document["paths"][THING]["get"]["parameters"] += parameters
    warnings = make_plan(read_document(tmp_path, document)).warnings
    found = [each for each in warnings if each.pointer.startswith(PLACE)]
    assert [each.message for each in found] == said
    assert all(each.hint == "the style deepObject sends it as name[property]" for each in found)


def test_a_parameter_component_is_called_as_nothing_that_the_routes_import(tmp_path: Path) -> None:
    document = contract()
    names = ("UUID", "Schemas", "missing", "limit")
    document["components"]["parameters"] = {
        name: {"name": name, "in": "query", "schema": {"type": "string"}} for name in names
    }
    references = [{"$ref": f"#/components/parameters/{name}"} for name in names]
    document["paths"][THING]["get"]["parameters"] += references
    plan = make_plan(read_document(tmp_path, document))
    found = [each.component for each in plan.operations[0].parameters if each.component]
    assert found == ["uuid_", "schemas_", "missing_", "limit"]
