"""Recorded messages: responses are valid by their raw schemas, requests are accepted by the routes."""

import json
import os
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from contractgen_runtime.mocking.examples import ExampleRequest, Examples
from contractgen_runtime.responses import key_of
from contractgen_runtime.testing.credentials import Credentials, with_credentials
from tests.contractgen import packages
from tests.contractgen.mocked import JSON, PNG, Mocked, examples_of, pets
from tests.contractgen.packages import GOLDEN, write_document
from tests.contractgen.service import Answer, ask
from tests.tiers import slow

#: Contracts of 3.1, whose schemas are JSON Schema, beside that of the pets.
CONTRACTS = {
    "library": GOLDEN / "library" / "openapi.yaml",
    "answers": GOLDEN / "answers" / "openapi.yaml",
    "own": Path(__file__).parents[3] / "openapi" / "openapi.yaml",
}
JSON_TYPES = ("application/json", "+json")
DONE = {"204": {"description": "Done."}}
ROLES = "user,moderator,admin,editor,librarian"


@pytest.fixture(params=["pets", *CONTRACTS])
def contract(request: pytest.FixtureRequest) -> Any:
    return pets() if request.param == "pets" else yaml.safe_load(CONTRACTS[request.param].read_text())


def resolved(contract: Any, node: Any) -> Any:
    while "$ref" in node:
        found = contract
        for name in node["$ref"].removeprefix("#/").split("/"):
            found = found[name.replace("~1", "/").replace("~0", "~")]
        node = found
    return node


def declared(contract: Any, mocked: Mocked) -> Iterator[tuple[str, Any]]:
    """The class of each response of each operation, and its declaration in the raw document."""
    for route in mocked.app.routes:
        operation: Any = getattr(route, "operation", None)
        if operation is not None:
            (written,) = [
                each
                for item in contract["paths"].values()
                for each in resolved(contract, item).values()
                if isinstance(each, dict) and each.get("operationId") == operation.operation_id
            ]
            for kind in operation.responses:
                yield kind.__name__, resolved(contract, written["responses"][key_of(kind)])


def test_every_recorded_response_is_valid_by_its_raw_schema(contract: Any, tmp_path: Path) -> None:
    recorded = json.loads(examples_of(contract))["responses"]
    judged = [
        each
        for name, response in declared(contract, Mocked(contract, tmp_path))
        for example in recorded[name]
        for each in judge(contract, response, example)
    ]
    assert judged.count(True) >= 2
    assert False not in judged


def judge(contract: Any, response: Any, example: Any) -> Iterator[bool]:
    """Whether a recorded response has the headers and the body that its declaration demands."""
    content = response.get("content", {})
    headers = {key: resolved(contract, each) for key, each in response.get("headers", {}).items()}
    demanded = {key.lower() for key, each in headers.items() if each.get("required")}
    sent = dict(example["headers"])
    yield demanded <= sent.keys() and bool(content) == ("content-type" in sent)
    media_type = example["media_type"].partition(";")[0]
    if media_type.endswith(JSON_TYPES):
        schema = {**contract, **content.get(media_type, {}).get("schema", {})}
        yield jsonschema.Draft202012Validator(schema).is_valid(json.loads(example["body"]))


async def test_every_recorded_request_is_accepted(contract: Any, tmp_path: Path) -> None:
    mocked = Mocked(contract, tmp_path)
    examples = Examples.read(tmp_path / "examples.json")
    schemes = contract["components"].get("securitySchemes", {})
    basic = {name for name, each in schemes.items() if each.get("scheme") == "basic"}
    values = {name: f"{ROLES}:x" if name in basic else ROLES for name in schemes}
    routes = [each.operation for each in mocked.app.routes if hasattr(each, "operation")]
    assert {each.operation_id for each in routes} == examples.operations.keys()
    for operation in sorted(routes, key=lambda each: each.method == "DELETE"):  # what was deleted is gone
        request = examples.operations[operation.operation_id].request
        assert request is not None, operation.operation_id
        sent = with_credentials(request, Credentials(schemes, values), operation.security)
        assert sent is not None, operation.operation_id
        answer = await send(mocked.app, sent)
        expected = {501} if operation.operation_id == "getRiddle" else range(200, 400)
        assert answer.status in expected, (operation.operation_id, answer.body)


async def send(app: Any, sent: ExampleRequest) -> Answer:
    headers = [("host", "testserver"), *sent.headers]
    headers += [("cookie", "; ".join("=".join(pair) for pair in sent.cookies))] if sent.cookies else []
    target = f"{sent.path}?{sent.query}" if sent.query else sent.path
    return await ask(app, sent.method, target, headers=headers, body=sent.body)


def test_the_responses_of_an_operation_are_recorded_by_their_examples() -> None:
    recorded = json.loads(examples_of(pets()))["responses"]
    found = {name: [each["name"] for each in examples] for name, examples in recorded.items()}
    assert found["ListPets200"] == ["two", "none"]
    assert found["GetPet2XX"] == [""]
    assert found["GetRiddle200"] == [], "no value fits its schema"
    report = [each["media_type"] for each in recorded["GetReport200"]]
    assert report == ["application/json", "application/vnd.pet+json"]
    assert recorded["DeletePet204"][0]["body"] == ""
    assert ["location", "/pets/7"] in recorded["CreatePet201"][0]["headers"]


@pytest.mark.parametrize("form", ["example", "examples"])
def test_a_request_has_the_examples_of_its_parameters_and_its_body(tmp_path: Path, form: str) -> None:
    """An example that its schema rejects is not used."""

    def example(value: Any) -> dict[str, Any]:
        return {form: value if form == "example" else {"one": {"value": value}}}

    document = packages.contract()
    put = document["paths"]["/things/{thing_id}"]["put"]
    identity = "01939f6e-7b1c-7c2a-9f3e-2f4b6c8d0e1a"
    put["parameters"][0] |= example(identity)
    put["parameters"].append(
        {"name": "q", "in": "query", "required": True, "schema": {"maxLength": 3, "type": "string"}}
        | example("long")
    )
    put["requestBody"]["content"][JSON] |= example({"name": "Rex"})
    Mocked(document, tmp_path)
    request = Examples.read(tmp_path / "examples.json").operations["put_thing"].request
    assert request is not None
    assert (request.path, request.body) == (f"/things/{identity}", b'{"name": "Rex"}')
    assert request.query != "q=long"


def test_a_form_that_is_valid_only_if_a_text_is_a_list_is_no_example(tmp_path: Path) -> None:
    text = {"type": "object", "properties": {"key": {"type": "string"}}, "required": ["key"]}
    union = {"oneOf": [text, {**text, "maxProperties": 9}, {"type": "object", "required": ["key"]}]}
    document = packages.contract()
    content = {"application/x-www-form-urlencoded": {"schema": union, "example": {"key": "a"}}}
    document["paths"]["/things/{thing_id}"]["put"]["requestBody"]["content"] = content
    Mocked(document, tmp_path)
    request = Examples.read(tmp_path / "examples.json").operations["put_thing"].request
    assert request is None or request.body != b"key=a"


def test_an_operation_has_its_module_and_its_handler() -> None:
    recorded = json.loads(examples_of(pets()))["operations"]
    assert (recorded["createPet"]["module"], recorded["createPet"]["handler"]) == ("pets", "create_pet")
    request = recorded["createPet"]["request"]
    assert (request["method"], request["path"]) == ("POST", "/pets")
    assert ["content-type", "application/json"] in request["headers"]
    assert json.loads(request["body"]).keys() == {"id", "name"}
    assert "authorization" not in dict(request["headers"]), "credentials are those of a service"


def uploads() -> Any:
    """A contract with a binary response, and parameters with characters that end a path."""
    contract = pets()
    word = {"type": "string", "enum": ["a#b?c/d ä%"]}
    body = {"application/json": {"schema": {"enum": ["ä☃"]}}}
    contract["paths"] = {
        "/files/{word}": {
            "parameters": [
                {"name": "word", "in": "path", "required": True, "schema": word},
                {"name": "q", "in": "query", "required": True, "schema": {"enum": ["x&y=z #+"]}},
                {"name": "X-Word", "in": "header", "required": True, "schema": {"enum": ["h"]}},
                {"name": "session", "in": "cookie", "required": True, "schema": {"enum": ["c"]}},
            ],
            "put": {
                "operationId": "putFile",
                "tags": ["pets"],
                "requestBody": {"required": True, "content": body},
                "responses": {"200": {"description": "Stored.", "content": {"image/png": {"example": PNG}}}},
            },
        },
        "/legacy#sheet": {
            "get": {
                "operationId": "getSheet",
                "tags": ["pets"],
                "responses": {"204": {"description": "Done."}},
            }
        },
    }
    return contract


async def test_special_characters_and_binary_responses_arrive(tmp_path: Path) -> None:
    contract = uploads()
    contract["paths"].pop("/legacy#sheet")
    mocked = Mocked(contract, tmp_path)
    request = Examples.read(tmp_path / "examples.json").operations["putFile"].request
    assert request is not None
    assert request.path == "/files/a%23b%3Fc%2Fd%20%C3%A4%25"
    assert request.query == "q=x%26y%3Dz%20%23%2B"
    assert ("x-word", "h") in [(name.lower(), value) for name, value in request.headers]
    assert request.cookies == (("session", "c"),)
    assert json.loads(request.body) == "ä☃"
    answer = await send(mocked.app, request)
    assert (answer.status, answer.body) == (200, PNG.encode())


async def test_a_whole_number_at_a_bound_that_is_written_with_an_exponent(tmp_path: Path) -> None:
    """As a float, 1e30 is a little more than 10 ** 30."""
    contract = uploads()
    contract["paths"].pop("/legacy#sheet")
    put = contract["paths"]["/files/{word}"]["put"]
    schema = {"type": "integer", "maximum": 1e30}
    put["requestBody"]["content"]["application/json"]["schema"] = schema
    mocked = Mocked(contract, tmp_path)
    request = Examples.read(tmp_path / "examples.json").operations["putFile"].request
    assert request is not None
    assert (await send(mocked.app, request)).status == 200


def test_a_request_for_another_path_is_no_example(tmp_path: Path) -> None:
    """The only value of the template is a path of its own, which has precedence."""
    contract = uploads()
    (template,) = [each for each in contract["paths"] if "{" in each]
    template = contract["paths"][template]
    template["parameters"][0]["schema"] = {"enum": ["ä b"]}
    contract["paths"]["/files/ä b"] = contract["paths"].pop("/legacy#sheet")
    Mocked(contract, tmp_path)
    operations = Examples.read(tmp_path / "examples.json").operations
    assert (operations["putFile"].request, operations["getSheet"].request is None) == (None, False)


@pytest.mark.parametrize(("values", "is_known"), [(["a-b"], False), (["ab"], True)])
def test_a_path_with_the_text_between_two_placeholders_is_no_example(
    values: list[str], is_known: bool, tmp_path: Path
) -> None:
    contract = uploads()
    item = contract["paths"].pop("/files/{word}")
    word = item["parameters"][0]
    item["parameters"] = [{**word, "name": name, "schema": {"enum": values}} for name in ("word", "other")]
    contract["paths"]["/files/{word}-{other}"] = item
    Mocked(contract, tmp_path)
    operations = Examples.read(tmp_path / "examples.json").operations
    assert (operations["putFile"].request is not None) is is_known


async def test_a_path_with_a_number_sign_is_sent_percent_encoded(tmp_path: Path) -> None:
    """SOAP-like contracts write `/service#Action`: a client would cut that off as a fragment."""
    contract = uploads()
    contract["paths"].pop("/files/{word}")
    mocked = Mocked(contract, tmp_path)
    request = Examples.read(tmp_path / "examples.json").operations["getSheet"].request
    assert request is not None
    assert request.path == "/legacy%23sheet"
    assert (await send(mocked.app, request)).status == 204


@pytest.mark.parametrize(
    ("path", "sent"),
    [("/legacy?name={word}", "/legacy%3Fname=%C3%A4"), ("/legacy/{word}?name=a", "/legacy/%C3%A4%3Fname=a")],
)
async def test_a_path_with_a_question_mark_is_sent_percent_encoded(
    path: str, sent: str, tmp_path: Path
) -> None:
    """A client would send what follows it as a query, in which no parameter of the path is looked for."""
    contract = uploads()
    item = contract["paths"].pop("/legacy#sheet")
    parameter = {"name": "word", "in": "path", "required": True, "schema": {"enum": ["ä"]}}
    contract["paths"] = {path: {**item, "parameters": [parameter]}}
    mocked = Mocked(contract, tmp_path)
    request = Examples.read(tmp_path / "examples.json").operations["getSheet"].request
    assert request is not None
    assert request.path == sent
    assert (await send(mocked.app, request)).status == 204


def test_what_is_no_text_is_written_in_base64(tmp_path: Path) -> None:
    written = json.loads(examples_of(uploads()))
    written["responses"]["PutFile200"][0] |= {"base64": "iVBORw=="}
    del written["responses"]["PutFile200"][0]["body"]
    path = tmp_path / "examples.json"
    path.write_text(json.dumps(written))
    assert Examples.read(path).responses["PutFile200"][0].body == b64decode("iVBORw==")


@slow
def test_the_bytes_are_the_same_in_every_run(tmp_path: Path) -> None:
    found = set()
    for seed in ("0", "1"):
        folder = tmp_path / seed
        folder.mkdir()
        spec = write_document(folder, yaml.safe_load(CONTRACTS["library"].read_text()))
        settings = f'[tool.contractgen]\nspec = "{spec.name}"\nout = "api"\nexamples = "examples.json"\n'
        (folder / "pyproject.toml").write_text(settings)
        command = [sys.executable, "-m", "contractgen", "generate"]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=True)
        found.add((folder / "examples.json").read_bytes())
    assert len(found) == 1
    assert json.loads(found.pop())["operations"].keys() >= {"get_book"}
