"""Comparisons that would follow more ways than there is time for end."""

import time
from pathlib import Path
from typing import Any

import pytest

from contractgen.diff.compare import diff
from tests.contractgen.packages import read_document
from tests.tiers import slow

pytestmark = slow  # Seconds of the processor.


def document(schemas: dict[str, Any], thing: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{thing}"}}}
    operation = {
        "operationId": "put_thing",
        "requestBody": {"content": content},
        "responses": {"200": {"description": "ok", "content": content}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/thing": {"put": operation}},
        "components": {"schemas": schemas},
    }


def is_breaking(folder: Path, old: dict[str, Any], new: dict[str, Any]) -> bool:
    begin = time.process_time()
    changes = diff(read_document(folder, old), read_document(folder, new))
    assert time.process_time() - begin < 5  # a third of it is used
    return any(each.level == "breaking" for each in changes)


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf"])
def test_schemas_that_refer_to_one_another_end(tmp_path: Path, keyword: str) -> None:
    """Each of a row refers to the next two, so that there are more ways through it than can be followed."""
    count = 9

    def row(**bound: int) -> dict[str, Any]:
        schemas: dict[str, Any] = {}
        for n in range(count):
            text = {"type": "string"} | (bound if n == 5 else {})
            following = [{"$ref": f"#/components/schemas/A{number}"} for number in (n + 1, n + 2)]
            schemas[f"A{n}"] = {keyword: [*following, {"type": "object", "properties": {f"p{n}": text}}]}
        return schemas | {f"A{n}": {"type": "object", "required": [f"q{n}"]} for n in (count, count + 1)}

    assert is_breaking(tmp_path, document(row(), "A0"), document(row(maxLength=3), "A0"))


def test_a_knot_of_schemas_that_deny_one_another_ends(tmp_path: Path) -> None:
    """Each refers to all, and denies objects of them: nearly every proof about them is too long."""
    count = 12
    names = [f"K{n}" for n in range(count)]
    references = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    pairs = {f"p{n}": {"anyOf": [each, references[(n + 1) % count]]} for n, each in enumerate(references)}
    denied = {f"p{n}": each for n, each in enumerate(references)}
    knot: dict[str, Any] = {
        name: {"type": "object", "properties": pairs, "not": {"required": [f"p{n}"], "properties": denied}}
        for n, name in enumerate(names)
    }
    turned = {name: knot[names[(n + 1) % count]] for n, name in enumerate(names)}
    assert is_breaking(tmp_path, document(knot, "K0"), document(turned, "K0"))
