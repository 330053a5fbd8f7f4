"""A document is checked once; after that nothing changes it, and no error of planning is caught."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contractgen.document.findings import ContractError
from contractgen.document.load import Document, load
from contractgen.plan import planner
from contractgen.render.package import render
from contractgen.schema import sound
from tests.contractgen.packages import THING, contract, read_document

GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("*/openapi.yaml"))


def _with_parts_to_drop() -> Any:
    """A contract with defaults that their schemas reject, one within the other, and harmless violations."""
    document = contract()
    inner = {"type": "integer", "default": "x"}
    outer = {"type": "object", "properties": {"inner": inner}, "required": ["inner", "inner"], "default": {}}
    document["components"]["schemas"] |= {"Outer": outer, "Pattern": {"pattern": "^a$", "default": "b"}}
    document["paths"][THING]["get"]["parameters"][1]["schema"] = {"type": "integer", "default": "x"}
    return document


def _findings(document: Document) -> list[str]:
    with pytest.raises(ContractError) as caught:
        planner.make_plan(document)
    return [each.message for each in caught.value.findings]


def _raise(*_: Any, **__: Any) -> Any:
    raise TypeError("a bug")


def test_defaults_and_harmless_violations_are_removed_with_a_warning_each(tmp_path: Path) -> None:
    found = sound.check(read_document(tmp_path, _with_parts_to_drop()))
    schemas = found.document.value["components"]["schemas"]
    assert schemas["Outer"] == {
        "type": "object",
        "properties": {"inner": {"type": "integer"}},
        "required": ["inner"],
    }
    assert "default" not in schemas["Pattern"]
    assert sorted(each.pointer for each in found.warnings) == [
        "/components/schemas/Outer/default",
        "/components/schemas/Outer/properties/inner/default",
        "/components/schemas/Outer/required",
        "/components/schemas/Pattern/default",
        "/paths/~1things~1{thing_id}/get/parameters/1/schema/default",
    ]


def test_keywords_for_text_in_files_are_removed_with_a_warning_each(tmp_path: Path) -> None:
    document = contract()
    text = {"type": "string", "enum": ["a"]}
    document["components"]["schemas"]["Upload"] = {
        "type": "object",
        "properties": {"file": {**text, "format": "binary", "maxLength": 9}, "text": text},
    }
    content = {"multipart/form-data": {"schema": {"$ref": "#/components/schemas/Upload"}}}
    document["paths"][THING]["put"] = {
        "operationId": "put_thing",
        "requestBody": {"content": content},
        "responses": {"204": {"description": "Done."}},
    }
    found = sound.check(read_document(tmp_path, document))
    properties = found.document.value["components"]["schemas"]["Upload"]["properties"]
    assert properties == {"file": {"type": "string", "format": "binary", "maxLength": 9}, "text": text}
    assert [(each.pointer, each.message) for each in found.warnings] == [
        (
            "/components/schemas/Upload/properties/file/enum",
            "'enum' of a file has no effect: a file is bytes, not text",
        )
    ]


@pytest.mark.parametrize("name", [*(path.parent.name for path in GOLDEN), "parts to drop"])
def test_nothing_changes_a_sound_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    known = {path.parent.name: path for path in GOLDEN}
    document = load(known[name]) if name in known else read_document(tmp_path, _with_parts_to_drop())
    checked = sound.check(document)
    before = json.dumps([checked.document.value, document.value])

    def check(_: Document) -> sound.Sound:
        return checked

    monkeypatch.setattr(planner, "check", check)
    render(document)
    assert json.dumps([checked.document.value, document.value]) == before


def _of_parts(document: Any) -> None:
    body = document["paths"][THING]["put"]["requestBody"]
    body["content"] = {"multipart/mixed": body["content"].pop("application/json")}


def _of_structure(document: Any) -> None:
    document["paths"][THING]["get"]["tags"] = "a"


@pytest.mark.parametrize(
    ("change", "owner", "step"),
    [
        *(
            (_of_parts, planner, name)
            for name in ("Addresses", "parameters_of", "name_webhooks", "classes_of")
        ),
        *(
            (_of_structure, sound, name)
            for name in ("normal_form", "schema_violations", "refused_constructs")
        ),
    ],
)
def test_a_bug_surfaces_also_where_the_document_has_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], None], owner: Any, step: str
) -> None:
    value = contract()
    change(value)
    document = read_document(tmp_path, value)
    assert len(_findings(document)) == 1
    monkeypatch.setattr(owner, step, _raise)
    with pytest.raises(TypeError, match="a bug"):
        planner.make_plan(document)


def test_a_schema_is_checked_wherever_an_operation_leads_to_it(tmp_path: Path) -> None:
    """Also where no code depends on it, and not below components that nothing refers to."""
    value = contract()
    bad = {"type": "sting"}
    value["paths"][THING]["get"]["responses"]["418"] = {
        "description": "Tea.",
        "headers": {"X-Tea": {"schema": bad}},
        "content": {"text/xml": {"schema": {"allOf": [{"$ref": "#/components/parameters/Tea/schema"}]}}},
    }
    value["components"]["parameters"] = {
        "Tea": {"name": "tea", "in": "query", "schema": bad},
        "Unused": {"name": "unused", "in": "query", "schema": bad},
    }
    with pytest.raises(ContractError) as caught:
        sound.check(read_document(tmp_path, value))
    assert sorted(each.pointer for each in caught.value.findings) == [
        "/components/parameters/Tea/schema/type",
        f"/paths/{THING.replace('/', '~1')}/get/responses/418/headers/X-Tea/schema/type",
    ]
