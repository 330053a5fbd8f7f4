"""Every keyword of JSON Schema in a body is enforced: what is valid is taken, what is not is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contractgen.packages import import_package, read_document, write_package
from tests.contractgen.probing import PROBES
from tests.contractgen.service import Service

S: dict[str, Any] = {"type": "string"}
I: dict[str, Any] = {"type": "integer"}  # noqa: E741 - as short as what it stands for
# schema of the member `v`, valid values, invalid values
KEYWORDS: dict[str, tuple[Any, list[Any], list[Any]]] = {
    "type integer": (I, [1, 1.0, -0.0], [1.5, True, "1", None]),
    "type of several": ({"type": ["string", "integer"]}, ["a", 1], [True, 1.5, None]),
    "enum": ({"enum": [1, "a", None, {"b": 1}]}, [1, 1.0, "a", None, {"b": 1}], [True, "1", {"b": 2}]),
    "const": ({"const": {"a": [1]}}, [{"a": [1]}], [{"a": [2]}, {}]),
    "false": (False, [], [1, None]),
    "pattern": ({**S, "pattern": r"^\d+$"}, ["12"], ["\u0663", "1\n", ""]),
    "format uuid": (
        {**S, "format": "uuid"},
        ["01939f6e-7b1c-7c2a-9f3e-2f4b6c8d0e1a"],
        ["01939f6e7b1c7c2a9f3e2f4b6c8d0e1a", "x"],
    ),
    "format date-time": ({**S, "format": "date-time"}, ["2026-11-23T09:30:00Z"], ["2026-11-23 09:30", "0"]),
    "format int32": ({**I, "format": "int32"}, [2147483647, -2147483648], [2147483648, 1.5]),
    "format int64": ({**I, "format": "int64", "minimum": 1}, [2**63 - 1], [0, 2**63]),
    "format date": ({**S, "format": "date"}, ["2026-02-28"], ["2026-02-29", "0", "2026-02-28T00:00:00Z"]),
    "format email": ({**S, "format": "email"}, ["a@b.co"], ["Bob <a@b.co>", "a"]),
    "format byte": ({**S, "format": "byte"}, ["YQ=="], ["!!!", "YQ"]),
    "format decimal": ({**S, "format": "decimal"}, ["1.50"], ["1e5", "one"]),
    "multipleOf": ({"type": "number", "multipleOf": 0.01}, [1.23, 4], [1.234]),
    "exclusive bounds": ({**I, "exclusiveMinimum": 1, "exclusiveMaximum": 3}, [2], [1, 3]),
    "uniqueItems": (
        {"type": "array", "uniqueItems": True, "items": {}},
        [[1, 2], [{"a": 1}, {"a": 2}]],
        [[1, 1.0], [{"a": 1}, {"a": 1}]],
    ),
    "contains": ({"type": "array", "contains": I, "minContains": 2}, [[1, "a", 2]], [[1], ["a"]]),
    "maxContains": (
        {"type": "array", "contains": I, "maxContains": 1},
        [[1], ["a", 1]],
        [[1, 2], ["a"]],
    ),
    "unevaluatedItems": (
        {"type": "array", "allOf": [{"prefixItems": [S]}], "unevaluatedItems": I},
        [["a"], ["a", 1, 2]],
        [["a", "b"], [1]],
    ),
    "prefixItems": ({"type": "array", "prefixItems": [S, I]}, [["a", 1, None], ["a"]], [[1]]),
    "additionalProperties": (
        {"type": "object", "additionalProperties": I},
        [{"a": 1}, {}],
        [{"a": "1"}],
    ),
    "patternProperties": (
        {"type": "object", "patternProperties": {"^x-": S}, "additionalProperties": False},
        [{"x-a": "1"}],
        [{"x-a": 1}, {"a": "1"}],
    ),
    "propertyNames": ({"type": "object", "propertyNames": {"maxLength": 2}}, [{"ab": 1}], [{"abc": 1}]),
    "required elsewhere": ({"type": "object", "required": ["a"]}, [{"a": None}], [{}]),
    "dependentRequired": (
        {"type": "object", "properties": {"a": S, "b": S}, "dependentRequired": {"a": ["b"]}},
        [{"a": "1", "b": "1"}, {"b": "1"}],
        [{"a": "1"}],
    ),
    "allOf": ({"allOf": [{**S, "minLength": 2}, {**S, "maxLength": 3}]}, ["ab"], ["a", "abcd", 1]),
    "anyOf": ({"anyOf": [{**S, "maxLength": 2}, {**I, "minimum": 5}]}, ["ab", 5], ["abc", 4, None]),
    "oneOf": ({"oneOf": [{**I, "minimum": 2}, {**I, "maximum": 4}]}, [1, 5], [3, "a"]),
    "not": ({"not": {"type": "string"}}, [1, None], ["a"]),
    "if": (
        {
            "type": "object",
            "if": {"required": ["a"]},
            "then": {"required": ["b"]},
            "else": {"required": ["c"]},
        },
        [{"a": 1, "b": 1}, {"c": 1}],
        [{"a": 1}, {}],
    ),
    "unevaluatedProperties": (
        {"type": "object", "allOf": [{"properties": {"a": S}}], "unevaluatedProperties": False},
        [{"a": "1"}],
        [{"a": "1", "b": 1}],
    ),
}


def document_of(schemas: dict[str, Any]) -> Any:
    """A contract with an operation that takes a body of each schema."""
    paths = {}
    for name in schemas:
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
        paths[f"/{name}"] = {
            "post": {
                "operationId": f"post_{name}",
                "tags": ["t"],
                "requestBody": {"required": True, "content": content},
                "responses": {"204": {"description": "Done."}},
            }
        }
    info = {"title": "Keywords", "version": "1"}
    return {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": schemas}}


def serve(folder: Path, name: str, schemas: dict[str, Any]) -> Service:
    package = import_package(name, write_package(read_document(folder, document_of(schemas)), folder / name))
    service = Service(package)
    for schema in schemas:
        answer = getattr(package.responses, f"Post{schema}204")
        service.answers[f"post_{schema.lower()}"] = answer()
    return service


async def takes(service: Service, schema: str, body: Any) -> bool:
    answer = await service.ask("POST", f"/{schema}", json=body)
    assert answer.status in (204, 422), answer.json
    return answer.status == 204


@pytest.fixture(scope="module")
def keywords(tmp_path_factory: pytest.TempPathFactory) -> Service:
    schemas = {
        f"K{index}": {"type": "object", "required": ["v"], "properties": {"v": schema}}
        for index, (schema, _, _) in enumerate(KEYWORDS.values())
    }
    return serve(tmp_path_factory.mktemp("keywords"), "keywords_of_json_schema", schemas)


@pytest.mark.parametrize("name", KEYWORDS)
async def test_a_keyword_is_enforced(keywords: Service, name: str) -> None:
    _, valid, invalid = KEYWORDS[name]
    schema = f"K{list(KEYWORDS).index(name)}"
    assert [value for value in valid if not await takes(keywords, schema, {"v": value})] == []
    assert [value for value in invalid if await takes(keywords, schema, {"v": value})] == []


def test_models_of_every_keyword_are_clean_under_mypy(
    tmp_path: Path, mypy: Callable[[Path], list[str]]
) -> None:
    schemas = {f"K{index}": schema for index, (schema, _, _) in enumerate(KEYWORDS.values())}
    objects = {name: {"type": "object", "properties": {"v": schema}} for name, schema in schemas.items()}
    write_package(read_document(tmp_path, document_of(objects)), tmp_path / "all" / "keywords")
    assert mypy(tmp_path / "all") == []


PROBED = json.loads((PROBES / "keywords.json").read_text())


@pytest.fixture(scope="module")
def probes(tmp_path_factory: pytest.TempPathFactory) -> Service:
    schemas = {f"P{index}": probe["schema"] for index, probe in enumerate(PROBED)}
    return serve(tmp_path_factory.mktemp("probes"), "probes_of_keywords", schemas)


@pytest.mark.parametrize("index", range(len(PROBED)), ids=[probe["name"] for probe in PROBED])
async def test_a_probe_of_a_keyword(probes: Service, index: int) -> None:
    probe = PROBED[index]
    taken = [body for body in probe["valid"] + probe["invalid"] if await takes(probes, f"P{index}", body)]
    # OpenAPI has int32 for a bound, and fuzzers hold services to it; to JSON Schema it is a word.
    assert taken == (probe["valid"] if probe["name"] != "int32-range" else [{"v": 1}])
