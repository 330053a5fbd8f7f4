"""A component that is a scalar or an enum has one name in Python, which stands wherever it is used."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from contractgen.document.load import load
from contractgen.render.package import render
from tests.contractgen.packages import contract, import_package, read_document, write_package
from tests.contractgen.service import Service
from tests.tiers import slow

PATTERN = "^[a-z]+[0-9]$"
CODE = {"type": "string", "maxLength": 9, "pattern": PATTERN, "description": "Letters, and one digit."}
SIZE = {"type": "string", "enum": ["small", "large"], "default": "small"}
THING = "/things/00000000-0000-4000-8000-000000000000"


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def everywhere() -> Any:
    """A contract that refers to scalars from every kind of place."""
    document = contract()
    code, size = reference("Code"), reference("Size")
    document["components"]["schemas"] |= {
        "Code": CODE,
        "Size": SIZE,
        "Number": {"type": "integer", "minimum": 1},
        "Note": {"type": ["string", "null"], "maxLength": 3},
        "Same": code,
        "Things": {
            "type": "object",
            "additionalProperties": code,
            "required": ["required", "note"],
            "properties": {
                "required": code,
                "optional": code,
                "note": reference("Note"),
                "same": reference("Same"),
                "nullable": {"anyOf": [code, {"type": "null"}]},
                "several": {"type": "array", "items": code, "maxItems": 2},
                "either": {"anyOf": [code, reference("Number")]},
                "Size": size,
            },
        },
    }
    item = document["paths"]["/things/{thing_id}"]
    item["get"]["parameters"] += [
        {"name": "code", "in": "query", "schema": code},
        {"name": "size", "in": "query", "schema": size},
        {"name": "sizes", "in": "query", "schema": {"type": "array", "items": size}},
    ]
    things = {"application/json": {"schema": reference("Things")}}
    item["get"]["responses"]["200"] = {
        "description": "Things.",
        "headers": {"X-Size": {"required": True, "schema": size}},
        "content": things,
    }
    item["put"]["requestBody"]["content"] = things
    item["put"]["responses"]["200"] = {
        "description": "One.",
        "content": {"application/json": {"schema": code}},
    }
    return document


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("aliases")
    return write_package(read_document(folder, everywhere()), folder / "aliased")


def test_bounds_and_values_stand_once(folder: Path) -> None:
    paths = list(folder.rglob("*.py"))
    source = "".join(path.read_text() for path in paths)
    converter = f'Text(max_length=9, pattern="{PATTERN}")'  # what reads a parameter has its own bounds
    assert source.replace(converter, "").count(PATTERN) == 1
    assert source.count('"small", "large"') == 1


def test_what_refers_to_it_has_its_name(folder: Path) -> None:
    source = (folder / "models.py").read_text()
    wanted = [
        "required: Code",
        "optional: Code | MISSING = MISSING",
        "note: Note",
        "same: Same | MISSING = MISSING",
        "nullable: Code | None | MISSING = MISSING",
        "Annotated[list[Code] | MISSING, Field(max_length=2)]",
        "either: Code | Number | MISSING = MISSING",
        'Annotated[Size | MISSING, Field(alias="Size")]',
        "Note: TypeAlias = Annotated[str | None, Field(max_length=3)]",
        "Same: TypeAlias = Code",
        '"""Letters, and one digit."""',
    ]
    assert [line for line in wanted if line not in source] == []
    protocol = (folder / "operations.py").read_text()
    arguments = ["code: models.Code | None", "size: models.Size,", "sizes: list[models.Size] | None"]
    assert [argument for argument in arguments if argument not in protocol] == []
    assert "x_size: models.Size" in (folder / "responses" / "things.py").read_text()
    assert get_args(import_package("aliased", folder).models.Size) == ("small", "large")


def test_a_value_alone_has_a_model_beside_its_type(folder: Path) -> None:
    package = import_package("aliased", folder)
    assert package.models.CodeRoot("a1").root == "a1"
    assert package.responses.PutThing200("a1").encode()[2] == b'"a1"'
    assert package.responses.PutThing200(package.models.CodeRoot("a1")).encode()[2] == b'"a1"'


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("required", "a"), ("optional", "A1"), ("several", ["c"]), ("either", 0), ("Size", "x")),
        *(("other", "1"), ("note", "long"), ("same", "a"), ("nullable", "a")),
    ],
)
async def test_it_decides_as_the_schema_does(folder: Path, name: str, value: Any) -> None:
    service = Service(import_package("aliased", folder))
    service.answers["put_thing"] = service.package.responses.PutThing200("a1")
    right = {"required": "a1", "note": None, "several": ["c3"], "either": 1, "Size": "small", "other": "x1"}
    assert (await service.ask("PUT", THING, token="any", json=right)).status == 200
    response = await service.ask("PUT", THING, token="any", json=right | {name: value})
    assert response.status == 422
    assert {each["pointer"].split("/")[1] for each in response.json["errors"]} == {name}


@slow
def test_the_package_is_clean_under_mypy(folder: Path, mypy: Callable[[Path], list[str]]) -> None:
    assert mypy(folder.parent) == []


def test_a_name_that_is_taken_is_reported(tmp_path: Path) -> None:
    document = everywhere()
    document["components"]["schemas"]["code"] = {"type": "string", "maxLength": 2}
    found: list[str] = []
    render(read_document(tmp_path, document), warn=lambda finding: found.append(str(finding)))
    assert [each for each in found if "the type of this schema is called Code2 in Python" in each]


def test_the_service_repeats_no_enum_of_the_contract() -> None:
    schemas = load(Path("openapi/openapi.yaml")).value["components"]["schemas"]
    enums = [schema["enum"] for schema in schemas.values() if "enum" in schema]
    paths = [path for path in Path("src/pressroom").rglob("*.py") if "migrations" not in path.parts]
    sources = [path.read_text() for path in paths]
    assert len(enums) >= 4
    repeated = [e for e in enums if any(all(f'"{value}"' in text for value in e) for text in sources)]
    assert repeated == []


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["BY_NAME", "BY_NAME_DESCENDING"], {"BY_NAME": "name", "BY_NAME_DESCENDING": "-name"}),
        (["by name", "class"], {"BY_NAME": "name", "CLASS": "-name"}),
        (["SAME", "SAME"], {"SAME": "name", "SAME_2": "-name"}),
        (["TOO_FEW"], None),
    ],
)
def test_values_have_the_names_of_the_contract(
    tmp_path: Path, names: list[str], expected: dict[str, str] | None
) -> None:
    document = everywhere()
    document["components"]["schemas"]["Order"] = {
        "type": "string",
        "enum": ["name", "-name"],
        "x-enum-varnames": names,
        "x-enum-descriptions": ["A to Z.", "Z to A."],
    }
    folder = write_package(read_document(tmp_path, document), tmp_path / "named")
    module = f"named_{len(names)}_{names[0].replace(' ', '_')}_{expected is None}"
    values = getattr(import_package(module, folder).models, "OrderValues", None)
    found = values and {name: value for name, value in vars(values).items() if name[0] != "_"}
    assert found == expected
    assert ('"""Z to A."""' in (folder / "models.py").read_text()) is (expected is not None)


def test_an_alias_has_another_name_than_a_class_within_a_schema(tmp_path: Path) -> None:
    """No model refers to the alias, so the library calls the item of `secrets` by its name."""
    document = contract()
    item = {"type": "object", "properties": {"version": {"type": "number"}}}
    secrets = {"type": "array", "items": item}
    document["components"]["schemas"] |= {
        "Secret": {"type": "string"},
        "SecretDict": {"type": "string"},
        "Vault": {"type": "object", "properties": {"secrets": secrets}},
    }
    get = document["paths"]["/things/{thing_id}"]["get"]
    get["parameters"].append({"name": "secret", "in": "query", "schema": reference("Secret")})
    get["parameters"].append({"name": "other", "in": "query", "schema": reference("SecretDict")})
    get["responses"]["200"] = {
        "description": "A vault.",
        "content": {"application/json": {"schema": reference("Vault")}},
    }
    folder = write_package(read_document(tmp_path, document), tmp_path / "vault")
    models = import_package("vault", folder).models
    assert models.Vault.model_validate({"secrets": [{"version": 1}]}).secrets[0].version == 1
    assert (models.Secret2, models.SecretDict2) == (str, str)
