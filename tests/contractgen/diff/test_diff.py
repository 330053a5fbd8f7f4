"""Each planted change has its level, in both directions."""

import argparse
import copy
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contractgen.commands.cli import main
from contractgen.commands.diff import add_arguments, run
from contractgen.diff.compare import diff
from contractgen.document.findings import ContractError
from contractgen.document.load import load
from tests.contractgen.corpus import contracts
from tests.contractgen.packages import THING, contract, read_document, write_document
from tests.tiers import slow

OWN = Path(__file__).parents[3] / "openapi" / "openapi.yaml"
GET, PUT = ("paths", THING, "get"), ("paths", THING, "put")
WORD = (*GET, "parameters", 1)
RESPONSE = ("components", "responses", "Thing")
ASKED = (*PUT, "requestBody", "content", "application/json", "schema")
READ = (*RESPONSE, "content", "application/json", "schema")
GONE = object()
B, C, P, N = "breaking", "compatible", "patch", None


def edited(place: tuple[Any, ...], value: Any, document: Any = None) -> Any:
    document = contract() if document is None else copy.deepcopy(document)
    owner = document
    for name in place[:-1]:
        owner = owner[name]
    if value is GONE:
        del owner[place[-1]]
    else:
        owner[place[-1]] = value
    return document


def level(folder: Path, old: Any, new: Any) -> str | None:
    """The worst level of all changes."""
    changes = diff(read_document(folder, old), read_document(folder, new))
    return changes[0].level if changes else None


# Place, value, level of the change, level of taking it back.
STRUCTURE = [
    (GET, GONE, B, C),
    ((*GET, "operationId"), "other", B, B),
    ((*GET, "deprecated"), True, C, P),
    ((*GET, "summary"), "Other", P, P),
    ((*GET, "tags"), ["other"], P, P),
    (("info", "version"), "2", P, P),
    (("servers",), [{"url": "https://a.example"}], B, B),
    ((*GET, "security"), [{"bearerAuth": []}], B, C),
    ((*PUT, "security"), [{"bearerAuth": ["admin"]}], B, C),
    ((*PUT, "security"), [{"bearerAuth": []}, {}], C, B),
    (("components", "securitySchemes", "bearerAuth", "scheme"), "basic", B, B),
    (("components", "securitySchemes", "bearerAuth", "scheme"), "Bearer", N, N),
    (WORD, GONE, B, C),
    ((*WORD, "required"), True, B, C),
    ((*WORD, "in"), "header", B, B),
    ((*WORD, "style"), "pipeDelimited", B, B),
    ((*WORD, "style"), "form", N, N),
    ((*WORD, "description"), "Other", P, P),
    ((*WORD, "schema", "maxLength"), 3, B, C),
    ((*WORD, "schema", "default"), "a", C, B),
    ((*PUT, "requestBody", "required"), False, C, B),
    ((*PUT, "requestBody", "content", "text/plain"), {}, C, B),
    ((*PUT, "requestBody"), GONE, B, B),
    ((*PUT, "responses", "404"), {"description": "None."}, C, C),
    ((*PUT, "responses", "202"), {"description": "Later."}, B, B),
    ((*RESPONSE, "headers", "X-Age"), GONE, B, C),
    ((*RESPONSE, "headers", "X-Age", "required"), True, C, B),
    ((*RESPONSE, "content", "text/plain"), {}, C, B),
]
OBJECT = {"type": "object", "properties": {"a": {"type": "string"}}}
CLOSED = OBJECT | {"additionalProperties": False}
# Two schemas: level in a request and in a response, and the same for the way back.
SCHEMAS = [
    ({"type": "string"}, {"type": ["string", "integer"]}, (C, B), (B, C)),
    ({"type": "string"}, {"type": ["string", "null"]}, (C, B), (B, C)),
    ({"type": "string"}, {"type": "integer"}, (B, B), (B, B)),
    ({"type": "integer"}, {"type": "number"}, (C, B), (B, C)),
    ({"enum": ["a"]}, {"enum": ["b", "a"]}, (C, B), (B, C)),
    ({"const": "a"}, {"type": "string", "enum": ["a"]}, (N, N), (N, N)),
    ({"type": "string"}, {"type": "string", "enum": ["a"]}, (B, C), (C, B)),
    ({"type": "integer", "minimum": 1}, {"type": "integer", "minimum": 0}, (C, B), (B, C)),
    ({"type": "integer", "minimum": 1}, {"type": "integer", "exclusiveMinimum": 0}, (N, N), (N, N)),
    ({"type": "number", "minimum": 0}, {"type": "number", "exclusiveMinimum": 0}, (B, C), (C, B)),
    ({"type": "string", "pattern": "^a"}, {"type": "string", "pattern": "^b"}, (B, B), (B, B)),
    ({"type": "string"}, {"type": "string", "format": "uuid"}, (B, C), (C, B)),
    ({"type": "integer", "multipleOf": 2}, {"type": "integer", "multipleOf": 4}, (B, C), (C, B)),
    (OBJECT, OBJECT | {"required": ["a"]}, (B, C), (C, B)),
    (OBJECT, {"type": "object", "properties": {}}, (C, B), (B, C)),
    (CLOSED, CLOSED | {"properties": {}}, (B, C), (C, B)),
    (OBJECT, OBJECT | {"additionalProperties": False}, (B, C), (C, B)),
    (OBJECT, {"allOf": [OBJECT]}, (N, N), (N, N)),
    (OBJECT, {"allOf": [OBJECT, {"required": ["a"]}]}, (B, C), (C, B)),
    ({"type": "array"}, {"type": "array", "items": {"type": "string"}}, (B, C), (C, B)),
    ({"type": "array"}, {"type": "array", "uniqueItems": True}, (B, C), (C, B)),
    ({"type": "string"}, {"anyOf": [{"type": "string"}, {"type": "null"}]}, (C, B), (B, C)),
    ({"type": ["string", "null"]}, {"anyOf": [{"type": "string"}, {"type": "null"}]}, (N, N), (N, N)),
    ({"type": "string"}, {"oneOf": [{"type": "string"}, {"type": "integer"}]}, (C, B), (B, C)),
    (
        {"anyOf": [OBJECT, {"type": "null"}, {"type": "array"}]},
        {"anyOf": [{"type": "array"}, OBJECT, {"type": "null"}]},
        (N, N),
        (N, N),
    ),
    ({"not": {"type": "string"}}, {"not": {"type": ["string", "integer"]}}, (B, C), (C, B)),
    ({"if": {"type": "string"}}, {"if": {"type": "array"}}, (N, N), (N, N)),
    ({"if": {"type": "string"}, "then": False}, {"if": {"type": "array"}, "then": False}, (B, B), (B, B)),
    ({"if": OBJECT, "then": {}}, {"if": OBJECT, "then": {"required": ["a"]}}, (B, C), (C, B)),
    ({"if": OBJECT}, {"if": OBJECT, "else": {"type": "array"}}, (B, C), (C, B)),
    ({"if": OBJECT, "then": {"title": "a"}}, {"then": {"title": "b"}, "if": OBJECT}, (P, P), (P, P)),
    ({"type": "object"}, {"type": "object", "if": OBJECT, "then": {}}, (N, N), (N, N)),
    ({"type": "string", "description": "a"}, {"type": "string", "description": "b"}, (P, P), (P, P)),
    (
        {"$ref": "#/components/schemas/Thing"},
        {"allOf": [{"$ref": "#/components/schemas/Thing"}]},
        (N, N),
        (N, N),
    ),
]


@pytest.mark.parametrize(("place", "value", "there", "back"), STRUCTURE)
def test_structure(tmp_path: Path, place: tuple[Any, ...], value: Any, there: str, back: str) -> None:
    changed = edited(place, value)
    assert (level(tmp_path, contract(), changed), level(tmp_path, changed, contract())) == (there, back)


@pytest.mark.parametrize(("old", "new", "there", "back"), SCHEMAS)
def test_schemas(tmp_path: Path, old: Any, new: Any, there: Any, back: Any) -> None:
    for place, forth, backwards in zip((ASKED, READ), there, back, strict=True):
        first, second = edited(place, old), edited(place, new)
        assert (level(tmp_path, first, second), level(tmp_path, second, first)) == (forth, backwards)


UNREACHED = ("components", "schemas", "Other")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (GONE, {"type": "string"}, "is new"),
        ({"type": "string"}, GONE, "is gone"),
        ({"$ref": "#/components/schemas/Thing"}, {"type": "string"}, "changed"),
    ],
)
def test_a_component_that_no_operation_reaches_is_told_of(
    tmp_path: Path, old: Any, new: Any, message: str
) -> None:
    first, second = (edited(UNREACHED, each) if each is not GONE else contract() for each in (old, new))
    (change,) = diff(read_document(tmp_path, first), read_document(tmp_path, second))
    assert (change.level, change.message) == (P, f"Other, which no operation reaches, {message}")
    assert change.pointer == "/components/schemas/Other"


def test_a_component_is_reached_through_others_and_discriminators(tmp_path: Path) -> None:
    """A bound that is narrowed there is told once, as what it does to clients."""
    union = {"oneOf": [{"type": "object"}], "discriminator": {"propertyName": "a", "mapping": {"a": "Other"}}}
    old = edited(UNREACHED, {"type": "string"}, edited(ASKED, union))
    assert level(tmp_path, old, edited(UNREACHED, {"type": "integer"}, old)) is None
    old = edited(UNREACHED, {"type": "string"}, edited(ASKED, {"$ref": "#/components/schemas/Other"}))
    changes = diff(
        read_document(tmp_path, old), read_document(tmp_path, edited((*UNREACHED, "maxLength"), 1, old))
    )
    assert [change.level for change in changes] == [B]


def test_a_path_parameters_name_is_not_on_the_wire(tmp_path: Path) -> None:
    text = json.dumps(contract()).replace("thing_id", "id")
    assert level(tmp_path, contract(), json.loads(text)) is None


def test_nullable_of_30_is_the_null_type_of_31(tmp_path: Path) -> None:
    new = edited(READ, {"type": ["string", "null"]})
    old = edited(("openapi",), "3.0.3", edited(READ, {"type": "string", "nullable": True}))
    old["components"]["schemas"]["Thing"]["properties"]["note"] = {
        "type": "string",
        "maxLength": 5,
        "nullable": True,
    }
    assert level(tmp_path, old, new) is None


def test_a_recursive_schema_ends_and_is_compared(tmp_path: Path) -> None:
    place = ("components", "schemas", "Thing", "properties", "note")
    old = edited(place, {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}})
    assert level(tmp_path, old, old) is None
    assert level(tmp_path, old, edited((*place, "maxItems"), 3, old)) == B


def test_what_is_gone_is_shown_in_the_old_document(tmp_path: Path) -> None:
    (change,) = diff(read_document(tmp_path, contract()), read_document(tmp_path, edited(WORD, GONE)))
    assert (change.pointer, change.message) == (
        "/paths/~1things~1{thing_id}/get/parameters/1",
        "the query parameter word is gone",
    )
    assert change.line > 1


@pytest.mark.parametrize(("value", "code"), [("1", 0), (GONE, 1)])
def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], value: Any, code: int) -> None:
    (tmp_path / "new").mkdir()
    old = write_document(tmp_path, contract())
    new = write_document(tmp_path / "new", edited(WORD, value) if value is GONE else contract())
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert run(parser.parse_args([str(old), str(new)])) == code
    assert capsys.readouterr().out.endswith(f"{code} breaking, 0 compatible, 0 patch\n")
    assert run(parser.parse_args([str(old), str(new), "--json"])) == code
    assert len(json.loads(capsys.readouterr().out)["changes"]) == code


def test_what_is_not_openapi_is_refused(tmp_path: Path) -> None:
    for broken in (edited(("openapi",), "3.3.0"), edited((*GET, "parameters"), 3)):
        with pytest.raises(ContractError):
            level(tmp_path, contract(), broken)


@slow
@pytest.mark.parametrize("path", [OWN, *contracts(4)])
def test_a_contract_does_not_differ_from_itself_in_another_order(path: Path) -> None:
    document = load(path)
    begin = time.perf_counter()
    assert diff(document, replace(document, value=_turned(document.value))) == []
    assert time.perf_counter() - begin < 20


def _turned(value: Any, name: str = "") -> Any:
    """The same in another order: members everywhere, and the lists that are sets."""
    if isinstance(value, dict):
        return {key: _turned(each, key) for key, each in reversed(value.items())}
    if isinstance(value, list):
        return value[::-1] if name in ("required", "tags") else [_turned(each) for each in value]
    return value


@pytest.mark.parametrize("beside", [{"allOf": [{"type": "string"}]}, {"not": {"type": "string"}}])
def test_a_fault_beside_nullable_is_a_finding_at_its_place(tmp_path: Path, beside: Any) -> None:
    """The normal form moves it into a subschema that neither document has, so it cannot be left out."""
    document = contract() | {"openapi": "3.0.3"}
    thing = document["components"]["schemas"]["Thing"]["properties"]
    thing["note"] = {"type": "string"}
    thing["name"] = {"nullable": True, "maxLength": "x", **beside}
    read = read_document(tmp_path, document)
    with pytest.raises(ContractError, match="maxLength should be an integer"):
        diff(read, read)


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = contract()
    old = write_document(tmp_path, document).rename(tmp_path / "old.yaml")
    document["paths"][THING]["get"]["security"] = [{"bearerAuth": []}]
    new = write_document(tmp_path, document)
    assert main(["diff", str(old), str(new)]) == 1
    assert "breaking" in capsys.readouterr().out
    assert main(["diff", str(old), str(old)]) == 0
    assert main(["diff", str(old), str(tmp_path / "missing.yaml")]) == 2
