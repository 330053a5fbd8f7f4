"""`contractgen lint --fix` mends what has one obvious fix, and changes no other byte."""

import json
from pathlib import Path
from typing import Any

import pytest

from contractgen.commands.cli import main
from contractgen.document.edits import edited
from contractgen.document.findings import Edit, OutError
from contractgen.document.load import load
from contractgen.document.reading import read
from contractgen.lint.linter import lint
from contractgen.render.package import render

DOCUMENT = """\
# The contract of things.
openapi: 3.1.0
info: {title: Thïngs, version: '1', description: null}
paths:
  /things/{id}:
    get:   # reads one
      operationId: get-thing
      parameters:
        - name: id   # its number
          in: path
          schema: {type: integer, minimum: 1, maximum: 9}
        - {name: word, in: query, required: false, schema: {type: string, maxLength: 5, nullable: true}}

      # What may come back:
      responses:
        # It is there.
        '200':
          description: A thing.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Thing'}
              example: {name: a}
        default: {$ref: '#/components/responses/Failed'}  # the rest

    delete:
      operationId: delete_thing
      security: []
      parameters: [{name: id, in: path, required: true, schema: {type: integer, minimum: 1, maximum: 9}}]
      responses:
        '204':
          description: |
            Gone.

        # Absent.
        '404': {$ref: "#/components/responses/NotFound"}
        '503':
          $ref: '#/components/responses/Failed'
components:
  responses:
    NotFound: {description: Nothing.}
    Failed: {description: No.}
    UnprocessableEntity: {description: No.}
    Internal-Server-Error: {description: No.}
  schemas:
    Thing:
      type: object
      required: [name]
      properties:
        name: {type: string, maxLength: 5}
        nullable: {type: boolean}
        note:
          nullable: true   # said in the manner of 3.0
          type: string
          maxLength: 5
        kind:
          type: string
          maxLength: 5
          nullable: false
        # the end
"""
NOT_FOUND = "        '404': {$ref: \"#/components/responses/NotFound\"}\n"
ADDED = """\
        '422': {"$ref": "#/components/responses/UnprocessableEntity"}
        '500': {"$ref": "#/components/responses/Internal-Server-Error"}
"""
FIXED = [
    (", description: null", ""),
    ("operationId: get-thing", "operationId: get_thing"),
    (
        "          in: path\n          schema",
        "          in: path\n          required: true\n          schema",
    ),
    ("{type: string, maxLength: 5, nullable: true}", '{type: ["string", "null"], maxLength: 5}'),
    (NOT_FOUND, NOT_FOUND + ADDED),
    (
        "          nullable: true   # said in the manner of 3.0\n          type: string\n",
        '          type: ["string", "null"]\n',
    ),
    ("          maxLength: 5\n          nullable: false\n", "          maxLength: 5\n"),
]


def fixed(text: str) -> str:
    for old, new in FIXED:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_every_other_byte_stays(tmp_path: Path, newline: str, start: str) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_bytes((start + DOCUMENT).replace("\n", newline).encode())
    before = lint(load(path))
    main(["lint", str(path), "--fix"])
    assert path.read_bytes().decode() == (start + fixed(DOCUMENT)).replace("\n", newline)
    after = {(each.pointer, each.message) for each in lint(load(path))}
    assert after == {(each.pointer, each.message) for each in before if not each.edits}
    assert not [each for each in lint(load(path)) if each.edits]


def test_json_stays_json(tmp_path: Path) -> None:
    """Tabs and surrogate pairs included, which YAML does not have."""
    path = tmp_path / "openapi.json"
    value = load_value(tmp_path)
    value["info"]["title"] = "\U0001f600"
    path.write_text(json.dumps(value, indent="\t"))
    main(["lint", str(path), "--fix"])
    value["info"].pop("description")
    get = value["paths"]["/things/{id}"]["get"]
    get["operationId"] = "get_thing"
    get["parameters"][0] = {
        "name": "id",
        "in": "path",
        "required": True,
        "schema": get["parameters"][0]["schema"],
    }
    get["parameters"][1]["schema"] = {"type": ["string", "null"], "maxLength": 5}
    properties = value["components"]["schemas"]["Thing"]["properties"]
    properties["note"] = {"type": ["string", "null"], "maxLength": 5}
    del properties["kind"]["nullable"]
    responses = value["paths"]["/things/{id}"]["delete"]["responses"]
    last = responses.pop("503")
    responses["422"] = {"$ref": "#/components/responses/UnprocessableEntity"}
    responses["500"] = {"$ref": "#/components/responses/Internal-Server-Error"}
    responses["503"] = last
    assert list(json.loads(path.read_text()).items()) == list(value.items())
    assert "\\ud83d\\ude00" in path.read_text()
    assert '\t\t\t\t\t"422": {"$ref"' in path.read_text()


def load_value(folder: Path) -> Any:
    path = folder / "source.yaml"
    path.write_text(DOCUMENT)
    return json.loads(json.dumps(load(path).value))


@pytest.mark.parametrize(
    ("text", "edit", "after"),
    [
        ("a: {}\n", Edit("add", "/a/b", True), 'a: {"b": true}\n'),
        ("{b: 1}", Edit("add", "/a", 1), "{a: 1, b: 1}"),
        ("b: 1\n", Edit("add", "/a", 1), "a: 1\nb: 1\n"),
        ("- b: 1\n", Edit("add", "/0/a", 1), "- a: 1\n  b: 1\n"),
        ("b: 1", Edit("add", "/c", 1), "b: 1\nc: 1"),
        ("b: 1 # one", Edit("add", "/c", 1), "b: 1 # one\nc: 1"),
        ("b: |\n  x\n\n# end\n", Edit("add", "/c", 1), "b: |\n  x\nc: 1\n\n# end\n"),
        ("b:\n- 1\n", Edit("add", "/c", 1), "b:\n- 1\nc: 1\n"),
        ("b:\n", Edit("add", "/c", 1), "b:\nc: 1\n"),
        ("a: {b: 1}\n", Edit("remove", "/a/b"), "a: {}\n"),
        ("a: {b: 1, c: 2}\n", Edit("remove", "/a/b"), "a: {c: 2}\n"),
        ("a: {b: 1, c: 2}\n", Edit("remove", "/a/c"), "a: {b: 1}\n"),
        ("a:\n  b: 1\n", Edit("remove", "/a/b"), "a:\n  {}\n"),
        ("- a: 1\n  b: 2\n", Edit("remove", "/0/a"), "- b: 2\n"),
        ("a:\n- x\n- y # why\n# z\n- z\n", Edit("remove", "/a/1"), "a:\n- x\n# z\n- z\n"),
        ("a: [x, x]\n", Edit("remove", "/a/1"), "a: [x]\n"),
        ("a: 'x'\n", Edit("replace", "/a", "y"), "a: 'y'\n"),
        ("a: x # x\n", Edit("replace", "/a", "no way"), 'a: "no way" # x\n'),
        ("a: false\n", Edit("replace", "/a", True), "a: true\n"),
        ('{\n  "a": 1\n}\n', Edit("add", "/b", 2), '{\n  "a": 1,\n  "b": 2\n}\n'),
    ],
)
def test_an_edit_changes_its_place_alone(tmp_path: Path, text: str, edit: Edit, after: str) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(text)
    assert edited(read(path), [edit]) == (after.encode(), 1)


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("a: &x {b: 1}\nc: *x\n", Edit("remove", "/a/b")),
        ("a: &x {b: 1}\nc: *x\n", Edit("add", "/c/d", 1)),
        ("a: 1\n", Edit("add", "/a", 2)),
        ("a: 1\n", Edit("remove", "/b")),
        ("a: [1]\n", Edit("replace", "/a", 1)),
    ],
)
def test_what_has_no_place_of_its_own_stays(tmp_path: Path, text: str, edit: Edit) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(text)
    assert edited(read(path), [edit]) == (text.encode(), 0)


def test_a_text_that_would_say_something_else_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_text("b: |+\n  x\n\n\n")  # whose empty lines are part of it
    with pytest.raises(OutError, match="do it by hand"):
        edited(read(path), [Edit("add", "/c", 1)])


def test_each_file_is_mended(tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_text(
        "openapi: 3.1.0\ninfo: {title: A, version: '1'}\npaths:\n  /a: {$ref: paths/a.yaml}\n"
    )
    (tmp_path / "paths").mkdir()
    other = "get:\n  operationId: get-a  # it\n  responses: {'204': {description: Done.}}\n"
    (tmp_path / "paths" / "a.yaml").write_text(other)
    main(["lint", str(tmp_path / "openapi.yaml"), "--fix"])
    assert (tmp_path / "paths" / "a.yaml").read_text() == other.replace("get-a", "get_a")


TOYS = """\
openapi: 3.1.0
info: {title: Toys, version: '1'}
paths:
  /toys:
    post:
      operationId: add_toy
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Toy'}}}
      responses: {'204': {description: Done.}}
components:
  schemas:
    Ball: {type: object, required: [kind], properties: {kind: {enum: [round, flat]}}}
    Car: {type: object, required: [kind], properties: {kind: {const: car}}}
    Toy:
      oneOf: [{$ref: '#/components/schemas/Ball'}, {$ref: '#/components/schemas/Car'}]
      discriminator:
"""
NAMED = "        propertyName: kind   # which toy\n"
MAPPED = "        mapping: {car: Car"
BALL, CAR = ('"#/components/schemas/Ball"', '"#/components/schemas/Car"')


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (NAMED, f'        mapping: {{"round": {BALL}, "flat": {BALL}, "car": {CAR}}}\n{NAMED}'),
        (f"{NAMED}{MAPPED}}}\n", f"{NAMED}{MAPPED}, flat: {BALL}, round: {BALL}}}\n"),
    ],
)
def test_a_mapping_that_is_lacking_changes_no_model(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(TOYS + before)
    models = models_of(path)
    main(["lint", str(path), "--fix"])
    assert path.read_text() == TOYS + after
    assert models_of(path) == models


def models_of(path: Path) -> list[str]:
    """The generated models without the contract's own sum."""
    lines = render(load(path))["models.py"].decode().splitlines()
    return [line for line in lines if not line.startswith("# SHA-256")]


def test_a_mapping_that_cannot_tell_the_variants_apart_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    text = (TOYS + NAMED).replace("const: car", "enum: [car, flat]")
    path.write_text(text)
    (finding,) = [each for each in lint(load(path)) if each.rule == "discriminator-value"]
    assert finding.hint == "map each value to its own schema"
    assert finding.edits == ()


def test_a_name_that_something_else_has_stays(tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    text = DOCUMENT.replace("operationId: delete_thing", "operationId: get_thing")
    path.write_text(text)
    main(["lint", str(path), "--fix"])
    assert "operationId: get-thing" in path.read_text()


def test_edits_are_a_json_patch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(DOCUMENT)
    main(["lint", str(path), "--json"])
    edits = [edit for finding in json.loads(capsys.readouterr().out)["findings"] for edit in finding["edits"]]
    where = "/paths/~1things~1{id}/get/operationId"
    assert {"op": "replace", "path": where, "value": "get_thing"} in edits
    assert path.read_text() == DOCUMENT
