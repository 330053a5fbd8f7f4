"""A contract of several files is one contract, and every finding names the file in which it stands."""

from pathlib import Path
from typing import Any

import pytest

from contractgen.commands.cli import main
from contractgen.diff.compare import diff
from contractgen.document.findings import ContractError
from contractgen.document.load import Document, load
from contractgen.plan.planner import make_plan
from contractgen.render.package import render
from tests.tiers import slow

ROOT = """\
openapi: 3.1.0
info: {title: Pets, version: '1'}
paths:
  /pets:
    $ref: paths/pets.yaml
  /pets/{pet_id}:
    get:
      $ref: 'paths/one.json#/get'
components:
  schemas:
    Pet:
      $ref: ./schemas/Pet.yaml
    Tag: {type: string, maxLength: 9}
  x-notes: {$ref: ./nowhere.md}
"""
FILES = {
    "openapi.yaml": ROOT,
    "paths/pets.yaml": """\
get:
  operationId: list_pets
  parameters:
    - $ref: '../parameters.yaml#/limit'
  responses:
    '200':
      description: Pets.
      content:
        application/json:
          schema: {type: array, items: {$ref: ../schemas/Pet.yaml}}
          examples:
            one: {$ref: ../examples/one.json}
    default: {$ref: '../responses.yaml#/Problem'}
post:
  operationId: create_pet
  requestBody:
    content:
      application/json:
        schema: {$ref: '../openapi.yaml#/components/schemas/Pet'}
  responses:
    '201': {description: Made., content: {application/json: {schema: {$ref: '../schemas/Pet.yaml'}}}}
""",
    "paths/one.json": """\
{"get": {"operationId": "get_pet",
  "parameters": [{"name": "pet_id", "in": "path", "required": true, "schema": {"type": "string"}}],
  "responses": {"200": {"$ref": "../responses.yaml#/Animal"}}}}
""",
    "parameters.yaml": "limit: {name: limit, in: query, schema: {type: integer, minimum: 1}}\n",
    "responses.yaml": """\
Problem: {description: Wrong., content: {application/json: {schema: {$ref: 'schemas/problem.yaml'}}}}
Animal:
  description: A cat or a dog.
  content:
    application/json:
      schema:
        oneOf: [{$ref: schemas/cat.yaml}, {$ref: 'schemas/others.yaml#/$defs/dog'}]
        discriminator:
          propertyName: kind
          mapping: {c: schemas/cat.yaml, d: 'schemas/others.yaml#/$defs/dog'}
""",
    "schemas/Pet.yaml": """\
type: object
required: [name]
properties:
  name: {type: string, maxLength: 5}
  tag: {$ref: '../openapi.yaml#/components/schemas/Tag'}
  parents: {type: array, items: {$ref: Pet.yaml}}
  owner: {$ref: owner/Pet.yaml}
""",
    "schemas/owner/Pet.yaml": "type: object\nproperties: {pets: {type: array, items: {$ref: ../Pet.yaml}}}\n",
    "schemas/cat.yaml": "type: object\nrequired: [kind]\nproperties: {kind: {type: string}}\n",
    "schemas/others.yaml": """\
$defs:
  dog: {type: object, required: [kind], properties: {kind: {type: string}}}
""",
    "schemas/problem.yaml": "type: object\nproperties: {title: {type: string, minLength: 0}}\n",
    "examples/one.json": '{"value": [{"name": "Rex"}]}',
}


def written(folder: Path, **changes: str | None) -> Path:
    """The contract of several files in a folder, some of them changed or left out; its own path."""
    for name, text in {**FILES, **changes}.items():
        if text is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return folder / "openapi.yaml"


def findings(path: Path) -> list[str]:
    """What is wrong with a contract, its files relative to its folder."""
    with pytest.raises(ContractError) as caught:
        make_plan(load(path))
    return [str(each).replace(f"{path.parent}/", "") for each in caught.value.findings]


@pytest.fixture
def joined(tmp_path: Path) -> Document:
    return load(written(tmp_path))


def test_what_files_hold_becomes_components_by_their_names(joined: Document) -> None:
    components = joined.value["components"]
    assert {section: list(each) for section, each in components.items() if section != "x-notes"} == {
        "schemas": ["Pet", "Tag", "owner_Pet", "problem", "cat", "dog"],
        "parameters": ["limit"],
        "examples": ["one"],
        "responses": ["Problem", "Animal"],
    }
    members = components["schemas"]["Pet"]["properties"]
    assert members["tag"] == {"$ref": "#/components/schemas/Tag"}
    assert members["parents"]["items"] == {"$ref": "#/components/schemas/Pet"}
    assert members["owner"] == {"$ref": "#/components/schemas/owner_Pet"}


def test_a_path_and_an_operation_take_the_place_of_their_references(joined: Document) -> None:
    assert list(joined.value["paths"]["/pets"]) == ["get", "post"]
    assert joined.value["paths"]["/pets/{pet_id}"]["get"]["operationId"] == "get_pet"


def test_a_discriminator_names_the_components(joined: Document) -> None:
    schema = joined.value["components"]["responses"]["Animal"]["content"]["application/json"]["schema"]
    assert schema["discriminator"]["mapping"] == {
        "c": "#/components/schemas/cat",
        "d": "#/components/schemas/dog",
    }


def test_what_is_no_reference_is_left_alone(joined: Document) -> None:
    assert joined.value["components"]["x-notes"] == {"$ref": "./nowhere.md"}


def test_the_whole_is_generated_and_served(joined: Document, tmp_path: Path) -> None:
    files = render(joined)
    assert b"class Pet(" in files["models.py"]
    (tmp_path / "whole.yaml").write_bytes(files["_contract.yaml"])
    assert load(tmp_path / "whole.yaml").value == joined.value
    assert diff(load(tmp_path / "whole.yaml"), joined) == []


def test_one_file_is_served_as_it_is_written(tmp_path: Path) -> None:
    path = written(tmp_path, **dict.fromkeys(FILES))
    path.write_text("openapi: 3.1.0  # said\ninfo: {title: a, version: '1'}\npaths: {}\n")
    assert load(path).source == path.read_bytes()


def test_a_finding_is_in_the_file_where_it_stands(tmp_path: Path) -> None:
    path = written(tmp_path, **{"schemas/problem.yaml": "type: object\nproperties:\n  a: {minLength: 'x'}\n"})
    (finding,) = findings(path)
    assert finding.startswith("schemas/problem.yaml:3:7: #/properties/a/minLength: ")


@pytest.mark.parametrize(
    ("reference", "finding"),
    [
        ("missing.yaml", "schemas/missing.yaml:1:1: #: cannot be read: No such file or directory"),
        ("missing.yaml", "schemas/Pet.yaml:1:1: #: the reference missing.yaml leads to no file"),
        ("cat.yaml#/nothing", "schemas/Pet.yaml:1:1: #: the reference cat.yaml#/nothing leads nowhere"),
        ("#/nothing", "schemas/Pet.yaml:1:1: #: the reference #/nothing leads nowhere"),
        (
            "https://example.com/a.yaml",
            "schemas/Pet.yaml:1:1: #: the reference https://example.com/a.yaml leads to remote/exam",
        ),
        ("//example.com/a.yaml", "schemas/Pet.yaml:1:1: #: the reference //example.com/a.yaml is not a rela"),
        ("file:///etc/passwd", "schemas/Pet.yaml:1:1: #: the reference file:///etc/passwd is not a relative"),
        ("/etc/passwd", "schemas/Pet.yaml:1:1: #: the reference /etc/passwd is not a relative path"),
        (".", "schemas:1:1: #: cannot be read: it is not a regular file"),
        ("cat.yaml#anchor", "schemas/Pet.yaml:1:1: #: cannot follow the reference 'cat.yaml#anchor'"),
        ("http://[", "schemas/Pet.yaml:1:1: #: cannot follow the reference 'http://['"),
        ("bad.yaml", "schemas/bad.yaml:1:4: #: did not find expected node content"),
        ("a%00b.yaml", "schemas/Pet.yaml:1:1: #: the reference a%00b.yaml is not a relative path"),
    ],
)
def test_a_reference_that_cannot_be_followed(tmp_path: Path, reference: str, finding: str) -> None:
    path = written(tmp_path, **{"schemas/Pet.yaml": f"$ref: '{reference}'\n", "schemas/bad.yaml": "a: ]"})
    assert any(each.startswith(finding) for each in findings(path)), findings(path)


def test_files_that_lead_to_each_other_and_to_nothing_else(tmp_path: Path) -> None:
    path = written(
        tmp_path, **{"schemas/Pet.yaml": "$ref: cat.yaml\n", "schemas/cat.yaml": "$ref: Pet.yaml\n"}
    )
    assert any("leads back to itself" in each for each in findings(path))


def test_paths_that_lead_to_each_other(tmp_path: Path) -> None:
    path = written(
        tmp_path, **{"paths/pets.yaml": "$ref: 'more.yaml'\n", "paths/more.yaml": "$ref: pets.yaml\n"}
    )
    assert "leads back to itself" in findings(path)[0]


@slow
def test_references_that_multiply_end(tmp_path: Path) -> None:
    """Each file puts the next in two places: 2 ** 40 copies when nobody counts."""
    step = "properties: {{a: {{properties: {{$ref: {0}.yaml}}}}, b: {{properties: {{$ref: {0}.yaml}}}}}}\n"
    files = {f"schemas/{n}.yaml": step.format(n + 1).removeprefix("properties: ") for n in range(40)}
    path = written(tmp_path, **files, **{"schemas/40.yaml": "{}\n", "schemas/Pet.yaml": step.format(0)})
    assert "references repeat too much" in findings(path)[0]


@pytest.mark.parametrize("command", ["generate", "check"])
def test_a_change_in_any_file_is_noticed(tmp_path: Path, command: str, capsys: Any) -> None:
    spec, out = written(tmp_path), tmp_path / "pets"
    arguments = [str(spec), "--out", str(out)]
    assert main(["generate", *arguments]) == 0
    assert main(["check", *arguments]) == 0
    problem = tmp_path / "schemas" / "problem.yaml"
    problem.write_text(problem.read_text().replace("title", "reason"))
    assert main([command, *arguments]) == (0 if command == "generate" else 1)
    assert "models.py" in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("#", "a document"),
        ("openapi.yaml", "a document"),
        ("other.yaml", "a document"),
        ("#/components/responses/R", "a response"),
        ("other.yaml#/components/responses/R", "a response"),
        ("#/paths/~1pets", "a path item"),
    ],
)
def test_a_reference_to_another_kind_of_object(tmp_path: Path, reference: str, found: str) -> None:
    """Taken for a schema it would admit anything."""
    response = "components: {responses: {R: {description: ok}}}\n"
    root = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {/pets: {}}\n" + response
    schema = f"  schemas: {{S: {{type: object, properties: {{a: {{$ref: '{reference}'}}}}}}}}\n"
    (tmp_path / "openapi.yaml").write_text(
        root.replace("{responses: {R: {description: ok}}}", "\n  responses: {R: {description: ok}}") + schema
    )
    (tmp_path / "other.yaml").write_text(root)
    (finding,) = findings(tmp_path / "openapi.yaml")
    assert (
        f"#/components/schemas/S/properties/a: the reference {reference} leads to {found}, not to a schema"
        in finding
    )


def test_a_discriminator_keeps_the_names_of_another_file(tmp_path: Path) -> None:
    """Two components that have one name: the value of the discriminator is that of the file itself."""
    (tmp_path / "openapi.yaml").write_text(
        "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}\n"
        "components: {schemas: {Cat: {type: string}, Pet: {$ref: pets.yaml#/Pet}}}\n"
    )
    (tmp_path / "pets.yaml").write_text(
        "Pet: {oneOf: [{$ref: '#/Cat'}, {$ref: '#/Dog'}], discriminator: {propertyName: kind}}\n"
        "Cat: {type: object, required: [kind], properties: {kind: {type: string}}}\n"
        "Dog: {type: object, required: [kind], properties: {kind: {type: string}}}\n"
    )
    pet = load(tmp_path / "openapi.yaml").value["components"]["schemas"]["Pet"]
    assert pet["oneOf"][0] == {"$ref": "#/components/schemas/pets_Cat"}
    assert pet["discriminator"]["mapping"] == {"Cat": "#/components/schemas/pets_Cat"}
