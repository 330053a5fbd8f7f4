"""A contract may call things what it likes: each gets a name in Python, and an unusual one is told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from contractgen.document.findings import ContractError
from contractgen.plan.contract import Contract
from contractgen.plan.planner import make_plan
from contractgen.render.package import render
from tests.contractgen.packages import THING, contract, import_package, read_document, write_package
from tests.contractgen.service import Service
from tests.tiers import sampled, slow

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
            "数据",
            "Thing«Other»",
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
            "🚀",
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
    (
        operation,
        [
            *("things", "host", "request", "self", "Response", "print", "list", "get-thing", "é", "mro"),
            *("put_thing", "putThing", "PUT_THING"),
        ],
    ),
    (scheme, ["error", "unitOfWork", "class", "bearer-auth", "2", "naïve"]),
    (
        text,
        ['a """ b', "a\\", 'a"', "two\nlines\n", "{{ x }} {% y %} {# z #}", "tab\tand \x85 \u2028 \u202e"],
    ),
]
NO_HEADERS = ['X"A', "X A"]
CASES = [
    pytest.param(change, name, id=f"{change.__name__} {name!r}") for change, names in NAMES for name in names
]


@slow
@pytest.mark.parametrize(("change", "name"), sampled(CASES, 60))
async def test_whatever_a_thing_is_called_it_works(
    tmp_path: Path, change: Callable[[str], Any], name: str
) -> None:
    document = read_document(tmp_path, change(name))
    if change is header and name in NO_HEADERS:
        with pytest.raises(ContractError, match="is not a valid name of a header"):
            make_plan(document)
        return
    folder = write_package(document, tmp_path / "package")
    package = import_package(f"named_{abs(hash(tmp_path))}", folder)
    await _works(Service(package), make_plan(document), name if change is member else None)


async def _works(service: Service, contract: Contract, extra: str | None) -> None:
    """The one operation reads its parameters and sends its answer; the other takes a body."""
    get, put = contract.operations
    (answer_class,) = service.operation(get.operation_id).responses
    thing = {"name": "a", **({} if extra is None else {extra: "b"})}
    service.answers = {get.handler: answer_class(thing)}
    for parameter_ in get.parameters[1:]:
        service.calls.clear()
        answer = await service.ask("GET", f"{TARGET}?{quote(parameter_.name)}=abc")
        assert (answer.status, answer.json) == (200, thing)
        assert service.call[parameter_.argument] == "abc"
        assert (await service.ask("GET", f"{TARGET}?{quote(parameter_.name)}=abcdef")).status == 422
    service.calls.clear()
    service.answers[put.handler] = getattr(service.package.responses, put.responses[0].class_name)()
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
            document = read_document(tmp_path, change(name))
            write_package(document, tmp_path / "all" / f"{change.__name__}_{index}")
    write_package(read_document(tmp_path, _everything()), tmp_path / "all" / "everything")
    write_package(read_document(tmp_path, _with_config()), tmp_path / "all" / "config")
    assert mypy(tmp_path / "all") == []


# Names in which everything is wrong that can be, and the names in Python that they get side by side.
ODD = {
    "naïve": "naïve",
    "数据": "数据",
    "a🚀b": "a_b",
    "a.b": "a_b_2",
    "a-b": "a_b_3",
    "ﬁle": "file",
    "Ⅷ": "viii",
    "__init__": "init",
    "class": "class_",
    "9": "{kind}_9",
    "🚀": "{kind}",
    "!": "{kind}_2",
    "x" * 300: "x" * 300,
}


def _with_config() -> Any:
    """A member whose class is called Config, so that its dict is called as pydantic's configuration is."""
    document = contract()
    config = {"type": "object", "additionalProperties": False, "properties": {"a": {"type": "string"}}}
    document["components"]["schemas"]["Thing"]["properties"]["config"] = config
    return document


def _everything() -> Any:
    """Operations, tags, parameters and members of all odd names: on the wire no two of them are the same."""
    document = contract()
    document["tags"], document["paths"] = [{"name": name} for name in ODD], {}
    members = {name: {"type": "string", "maxLength": 5} for name in ODD}
    document["components"]["schemas"]["Thing"]["properties"] |= members
    answer = {"200": {"$ref": "#/components/responses/Thing"}}
    parameters = [{"name": name, "in": "query", "schema": {"type": "integer"}} for name in ODD]
    for index, name in enumerate(ODD):
        operation = {"operationId": name, "tags": [name], "parameters": parameters, "responses": answer}
        document["paths"][f"/{index}"] = {"get": operation}
    return document


async def test_odd_names_side_by_side(tmp_path: Path) -> None:
    document = read_document(tmp_path, _everything())
    planned = make_plan(document)
    assert [tag.module for tag in planned.tags] == [name.format(kind="tag")[:200] for name in ODD.values()]
    handlers = [operation.handler for operation in planned.operations]
    assert handlers == [name.format(kind="operation") for name in ODD.values()]
    arguments = [parameter.argument for parameter in planned.operations[0].parameters]
    assert arguments[:5] == ["naïve", "数据", "a_b", "a_b_2", "a_b_3"]
    assert [tag.class_name for tag in planned.tags][2:5] == ["AB", "AB_2", "AB_3"]
    service = Service(import_package("odd_names", write_package(document, tmp_path / "odd")))
    thing = {"name": "a"} | dict.fromkeys(ODD, "b")
    service.answers = dict.fromkeys(handlers, service.package.responses.Thing(thing))
    for index, name in enumerate(ODD):
        service.calls.clear()
        answer = await service.ask("GET", f"/{index}?{quote(name)}={index}")
        assert (answer.status, answer.json) == (200, thing)
        ((handler, _, named),) = service.calls
        assert handler == handlers[index]
        assert {name: value for name, value in named.items() if value is not None} == {
            arguments[index]: index
        }


def test_every_odd_name_is_told_where_it_stands(tmp_path: Path) -> None:
    warnings = make_plan(read_document(tmp_path, _everything())).warnings
    told = [each for each in warnings if "in Python" in each.message]
    operations = [each for each in told if each.pointer.endswith("/operationId")]
    assert [each.message.rsplit("called ")[1] for each in operations] == [
        f"{name} in Python"
        for name in ("a_b", "a_b_2", "a_b_3", "class_", "operation_9", "operation", "operation_2")
    ]
    assert all(each.line > 1 for each in told)
    assert "the tag 'a.b' is called a_b_2 in Python" in [each.message for each in told]
    assert not [each for each in warnings if "naïve" in each.message or "数据" in each.message]


def test_usual_names_are_not_told(tmp_path: Path) -> None:
    document = parameter("page-size")
    document["paths"][THING]["get"]["operationId"] = "getThing"
    assert make_plan(read_document(tmp_path, document)).warnings == ()


def test_a_new_operation_at_the_end_renames_no_other(tmp_path: Path) -> None:
    document = _everything()
    before = make_plan(read_document(tmp_path, document)).operations
    answer = {"200": {"description": "Fine."}}
    document["paths"]["/new"] = {"get": {"operationId": "a_b", "tags": ["a_b"], "responses": answer}}
    after = make_plan(read_document(tmp_path, document)).operations
    assert after[:-1] == before
    assert (after[-1].handler, after[-1].tag) == ("a_b_4", "a_b")


def test_what_the_generator_adds_to_a_class_is_not_told(tmp_path: Path) -> None:
    """Members of one type beside those that are listed once made it tell of `__pydantic_extra__`."""
    document = contract()
    document["components"]["schemas"]["Thing"]["additionalProperties"] = {"type": "integer"}
    told: list[Any] = []
    render(read_document(tmp_path, document), warn=told.append)
    assert told == []
