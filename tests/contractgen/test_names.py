"""A contract may call things what it likes: a name is refused where it stands, or works."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from contractgen.findings import ContractError, Finding
from contractgen.names import python_name, snake_case
from tests.contractgen.packages import (
    THING,
    contract,
    import_package,
    read_document,
    write_package,
)
from tests.contractgen.service import Service

THING_ID = "01939f6e-7b1c-7c2a-9f3e-2f4b6c8d0e1a"
TARGET = f"/things/{THING_ID}"


def parameter(name: str) -> Any:
    document = contract()
    for method in ("get", "put"):
        schema = {"type": "string", "maxLength": 5}
        document["paths"][THING][method]["parameters"].append({"name": name, "in": "query", "schema": schema})
    return document


def schema(name: str) -> Any:
    document = contract()
    document["components"]["schemas"][name] = document["components"]["schemas"].pop("Thing")
    reference = {"schema": {"$ref": f"#/components/schemas/{name}"}}
    document["components"]["responses"]["Thing"]["content"]["application/json"] = reference
    document["paths"][THING]["put"]["requestBody"]["content"]["application/json"] = reference
    return document


def member(name: str) -> Any:
    document = contract()
    thing = document["components"]["schemas"]["Thing"]
    thing["properties"][name] = {"type": "string", "maxLength": 5}
    thing["required"].append(name)
    return document


def tag(name: str) -> Any:
    document = contract()
    document["tags"] = []
    for method in ("get", "put"):
        document["paths"][THING][method]["tags"] = [name]
    return document


def response(name: str) -> Any:
    document = contract()
    document["components"]["responses"][name] = document["components"]["responses"].pop("Thing")
    document["paths"][THING]["get"]["responses"]["200"] = {"$ref": f"#/components/responses/{name}"}
    return document


def header(name: str) -> Any:
    document = contract()
    document["components"]["responses"]["Thing"]["headers"][name] = {"schema": {"type": "string"}}
    return document


def operation(name: str) -> Any:
    document = contract()
    document["paths"][THING]["get"]["operationId"] = name
    return document


def scheme(name: str) -> Any:
    document = contract()
    schemes = document["components"]["securitySchemes"]
    schemes[name] = schemes.pop("bearerAuth")
    document["paths"][THING]["put"]["security"] = [{name: []}]
    return document


def text(value: str) -> Any:
    """Prose with what would end a docstring or a string, wherever prose may stand."""
    document = contract()
    document["info"]["title"] = value
    document["info"]["version"] = value
    document["tags"][0]["description"] = value
    document["paths"][THING]["get"]["summary"] = value
    document["components"]["responses"]["Thing"]["description"] = value
    document["components"]["schemas"]["Thing"]["description"] = value
    document["components"]["schemas"]["Thing"]["properties"]["name"]["description"] = value
    return document


NAMES: list[tuple[Callable[[str], Any], list[str]]] = [
    (
        parameter,
        [
            "body",
            "self",
            "request",
            "context",
            "caller",
            "host",
            "models",
            "responses",
            "operations",
            "things",
            "admit",
            "get_thing",
            "UUID",
            "Literal",
            "print",
            "class",
            "page-size",
            "filter[a]",
            "_x",
            "é",
            "q\"'",
        ],
    ),
    (
        schema,
        [
            "BaseModel",
            "Field",
            "Response",
            "Literal",
            "UUID",
            "list",
            "TypedDict",
            "NotRequired",
            "AwareDatetime",
            "RootModel",
            "Any",
            "ThingDict",
            "Encoded",
            "thing",
            "Thing-2",
            "class",
            "None",
            "str",
        ],
    ),
    (
        member,
        [
            "in",
            "class",
            "self",
            "body",
            "type",
            "schema",
            "copy",
            "json",
            "model_config",
            "model_dump",
            "validate",
            "a-b",
            "_x",
            "__init__",
            "2x",
            "",
            "é",
            "a.b",
            "a b",
            "a'b",
            'a"b',
            "a\\b",
            "name_",
            "Name",
            "list",
            "str",
        ],
    ),
    (
        tag,
        [
            "host",
            "self",
            "Host",
            "app",
            "routes",
            "models",
            "operations",
            "Operation",
            "UnitOfWork",
            "Principal",
            "Refusal",
            "Protocol",
            "UUID",
            "Literal",
            "Api",
            "context",
            "opening hours",
            "class",
            "2x",
            "",
        ],
    ),
    (
        response,
        [
            "Response",
            "dataclass",
            "ClassVar",
            "Literal",
            "models",
            "encoder",
            "Encoded",
            "header_value",
            "a-b",
        ],
    ),
    (
        header,
        [
            "Body",
            "Status",
            "Encode",
            "Class",
            "From",
            "2fa",
            "X_Age",
            "Content-Type",
            "Content-Length",
            'X"A',
            "X A",
        ],
    ),
    (operation, ["things", "host", "request", "self", "Response", "print", "list", "get-thing", "é", "mro"]),
    (scheme, ["error", "unitOfWork", "class", "bearer-auth", "2"]),
    (
        text,
        ['a """ b', "a\\", 'a"', "two\nlines\n", "{{ x }} {% y %} {# z #}", "tab\tand \x85 \u2028 \u202e"],
    ),
]
CASES = [
    pytest.param(change, name, id=f"{change.__name__} {name!r}") for change, names in NAMES for name in names
]


def names_of(change: Callable[[str], Any]) -> list[str]:
    return next(names for known, names in NAMES if known is change)


@pytest.mark.parametrize(("change", "name"), CASES)
async def test_a_name_is_refused_or_works(tmp_path: Path, change: Callable[[str], Any], name: str) -> None:
    document = read_document(tmp_path, change(name))
    findings: list[Finding] = []
    try:
        folder = write_package(document, tmp_path / "package")
        package = import_package(f"named_{change.__name__}_{names_of(change).index(name)}", folder)
        await _works(Service(package), name if change is member else None)
    except ContractError as error:
        findings = error.findings
    assert all(finding.line > 1 for finding in findings)


async def _works(service: Service, extra: str | None) -> None:
    """The one operation reads its parameters and sends its answer; the other takes a body."""
    route: Any
    put: Any
    (route,) = [
        r for r in service.app.routes if getattr(r, "methods", None) == {"GET"} and hasattr(r, "operation")
    ]
    operation = route.operation
    (answer_class,) = operation.responses
    thing = {"name": "a", **({} if extra is None else {extra: "b"})}
    handler = python_name(snake_case(operation.operation_id), "operationId")
    service.answers = {handler: answer_class(thing)}
    for parameter_ in operation.parameters[1:]:
        service.calls.clear()
        answer = await service.ask("GET", f"{TARGET}?{quote(parameter_.name)}=abc")
        assert (answer.status, answer.json) == (200, thing)
        assert service.call[python_name(parameter_.name, "parameter")] == "abc"
        assert (await service.ask("GET", f"{TARGET}?{quote(parameter_.name)}=abcdef")).status == 422
    (put,) = [r for r in service.app.routes if getattr(r, "methods", None) == {"PUT"}]
    put_id = put.operation.operation_id
    service.calls.clear()
    service.answers[put_id] = put.operation.responses[0]()
    assert (await service.ask("PUT", TARGET, token="a", json=thing)).status == 204
    body = service.call["body"]
    assert body.model_dump(by_alias=True, exclude_unset=True) == thing
    assert (await service.ask("PUT", TARGET, token="a", json={**thing, "name": "abcdef"})).status == 422
    if extra is not None:
        assert (await service.ask("PUT", TARGET, token="a", json={**thing, extra: "abcdef"})).status == 422


def test_packages_with_odd_names_are_clean_under_mypy(
    tmp_path: Path, mypy: Callable[[Path], list[str]]
) -> None:
    for change, names in NAMES:
        for index, name in list(enumerate(names))[:12:4]:
            with contextlib.suppress(ContractError):
                document = read_document(tmp_path, change(name))
                write_package(document, tmp_path / "all" / f"{change.__name__}_{index}")
    assert mypy(tmp_path / "all") == []


async def test_a_contract_without_schemas_or_security(tmp_path: Path) -> None:
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Bare", "version": "1"},
        "paths": {
            "/a": {"get": {"operationId": "a", "tags": ["a"], "responses": {"204": {"description": "Done."}}}}
        },
    }
    package = import_package(
        "bare_contract", write_package(read_document(tmp_path, document), tmp_path / "bare")
    )
    service = Service(package)
    service.answers["a"] = package.responses.A204()
    assert (await service.ask("GET", "/a")).status == 204


async def test_bounds_on_the_items_of_a_list(tmp_path: Path) -> None:
    document = contract()
    words = {"type": "array", "maxItems": 2, "items": {"type": "string", "maxLength": 3}}
    document["components"]["schemas"]["Thing"]["properties"]["words"] = words
    package = import_package(
        "bounded_items", write_package(read_document(tmp_path, document), tmp_path / "items")
    )
    service = Service(package)
    service.answers["put_thing"] = package.responses.PutThing204()
    for items, status in [(["abc"], 204), (["abcd"], 422)]:
        answer = await service.ask("PUT", TARGET, token="a", json={"name": "a", "words": items})
        assert answer.status == status
