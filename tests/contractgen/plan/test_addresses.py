"""Under which paths operations are served: servers, path items, and what stands in no path that is sent."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contractgen.diff.compare import diff
from contractgen.document.findings import ContractError
from contractgen.lint.linter import lint
from contractgen.plan.planner import make_plan
from tests.contractgen.packages import contract, import_package, read_document, write_package
from tests.contractgen.service import Service

ANSWER = {"204": {"description": "Done."}}
Serve = Callable[[Any], Service]


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    """The service of a contract; every handler answers 204."""

    def start(document: Any) -> Service:
        name = f"addresses_{abs(hash(tmp_path))}"
        folder = write_package(read_document(tmp_path, document), tmp_path / name)
        service = Service(import_package(name, folder))
        for operation in make_plan(read_document(tmp_path, document)).operations:
            answer = getattr(service.package.responses, operation.responses[0].class_name)
            service.answers[operation.handler] = answer()
        return service

    return start


def document(*paths: str, **more: Any) -> Any:
    """A contract with one operation for each of some paths, or `put /path`; named o0, o1 ..."""
    found: dict[str, Any] = {}
    for number, each in enumerate(paths):
        method, path = ("get", each) if each.startswith("/") else each.split(" ")
        names = [part.split("}")[0] for part in path.split("{")[1:]]
        parameters = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
        ]
        operation = {"operationId": f"o{number}", "parameters": parameters, "responses": ANSWER}
        found.setdefault(path, {})[method] = operation
    return {"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": found, **more}


async def reached(service: Service, path: str, method: str = "GET") -> str:
    """The handler that a request reaches, with its arguments, or the status of a refusal."""
    service.calls.clear()
    answer = await service.ask(method, path)
    if not service.calls:
        return str(answer.status)
    ((handler, _, named),) = service.calls
    return " ".join([handler, *(f"{name}={value}" for name, value in named.items())])


def warnings(folder: Path, document: Any) -> list[tuple[str, str]]:
    return [(each.pointer, each.message) for each in make_plan(read_document(folder, document)).warnings]


# Servers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("servers", "bases"),
    [
        ([], [""]),
        ([{"url": "/"}], [""]),
        ([{"url": "https://a.b"}], [""]),
        ([{"url": "https://a.b/v1/"}, {"url": "http://c.d/v1"}], ["/v1"]),
        ([{"url": "/v1"}, {"url": "https://a.b/v2"}], ["/v1", "/v2"]),
        ([{"url": "v1"}], ["/v1"]),
        ([{"url": "./a/../v1?x=1#y"}], ["/v1"]),
        ([{"url": "//host:8080/v1"}], ["/v1"]),
        ([{"url": "https://a.b/api+more/%C3%A9"}], ["/api+more/%C3%A9"]),
        ([{"url": "https://a.b/{v}", "variables": {"v": {"default": "v1"}}}], ["/v1"]),
        (
            [{"url": "/{v}", "variables": {"v": {"default": "v2", "enum": ["v1", "v2"]}}}],
            ["/v2", "/v1"],
        ),
        (
            [
                {
                    "url": "{scheme}://{host}/x",
                    "variables": {"scheme": {"default": "s"}, "host": {"default": "h"}},
                }
            ],
            ["/x"],
        ),
        ([{"url": "https://{tenant}.a.b/x"}], ["/x"]),
        (
            [
                {
                    "url": "https://{region}.a.b/{v}",
                    "variables": {
                        "region": {"default": "r0", "enum": [f"r{n}" for n in range(50)]},
                        "v": {"default": "v1", "enum": ["v1", "v2"]},
                    },
                }
            ],
            ["/v1", "/v2"],
        ),
        (
            [{"url": "https://a.b//v1//{v}", "variables": {"v": {"default": "c", "enum": ["c", "d"]}}}],
            ["//v1//c", "//v1//d"],
        ),
        ([{"url": "{server}/v1", "variables": {"server": {"default": "https://a.b/c"}}}], ["/c/v1"]),
        ([{"url": "https://a.b/{v}/c"}, {"url": "/v1"}], ["/v1"]),
        ([{"url": "https://[/v2"}], [""]),
    ],
)
def test_the_paths_of_servers(tmp_path: Path, servers: Any, bases: list[str]) -> None:
    (operation,) = make_plan(read_document(tmp_path, document("/a", servers=servers))).operations
    assert operation.addresses == tuple(f"{base}/a" for base in bases)


async def test_operations_are_served_under_every_base_path(serve: Serve) -> None:
    service = serve(document("/a/{x}", servers=[{"url": "/v1"}, {"url": "https://a.b/v2/é"}, {"url": "/"}]))
    for path in ("/v1/a/b", "/v2/%C3%A9/a/b", "/a/b"):
        assert await reached(service, path) == "o0 x=b"
    assert await reached(service, "/v2/a/b") == "404"


async def test_servers_of_a_path_and_of_an_operation(serve: Serve) -> None:
    """As box has them: on other hosts, which one process plays. They override the document's servers."""
    made = document("/a", "put /a", "/b", servers=[{"url": "https://api.box.com/2.0"}])
    made["paths"]["/a"]["servers"] = [{"url": "https://upload.box.com/api/2.0"}]
    made["paths"]["/a"]["put"]["servers"] = [{"url": "https://dl.box.com/"}]
    service = serve(made)
    assert await reached(service, "/api/2.0/a") == "o0"
    assert await reached(service, "/a", "PUT") == "o1"
    assert await reached(service, "/a") == "405"
    assert (await reached(service, "/2.0/a"), await reached(service, "/2.0/a", "PUT")) == ("404", "404")
    assert await reached(service, "/api/2.0/a", "PUT") == "405"
    assert (await reached(service, "/2.0/b"), await reached(service, "/b")) == ("o2", "404")


async def test_an_empty_list_of_servers_overrides_nothing(serve: Serve) -> None:
    made = document("/a", "/b", "put /b", servers=[{"url": "/v1"}])
    made["paths"]["/a"]["get"]["servers"] = []
    made["paths"]["/b"] |= {"servers": [{"url": "/v2"}]}
    made["paths"]["/b"]["put"]["servers"] = []
    service = serve(made)
    assert (await reached(service, "/v1/a"), await reached(service, "/a")) == ("o0", "404")
    assert (await reached(service, "/v2/b"), await reached(service, "/v2/b", "PUT")) == ("o1", "o2")
    assert (await reached(service, "/v1/b"), await reached(service, "/b")) == ("404", "404")


async def test_a_second_base_path_takes_nothing_away(serve: Serve, tmp_path: Path) -> None:
    made = document("/a", "/v1/a", servers=[{"url": "/"}, {"url": "/v1"}])
    service = serve(made)
    assert await reached(service, "/a") == "o0"
    assert await reached(service, "/v1/a") == "o1"
    assert await reached(service, "/v1/v1/a") == "o1"
    assert warnings(tmp_path, made) == [
        ("/paths/~1a/get", "GET /v1/a reaches another operation: #/paths/~1v1~1a/get")
    ]


@pytest.mark.parametrize(
    ("server", "place", "message"),
    [
        ({"url": "/{v}", "variables": {"v": {"default": "v1"}}}, "/variables/v", "has no enum"),
        ({"url": "https://a.b/{v}"}, "/url", "is not a valid URL"),
        (
            {
                "url": "/".join(f"/{{{n}}}" for n in range(20)),
                "variables": {f"{n}": {"default": "0", "enum": ["0", "1", "2"]} for n in range(20)},
            },
            "",
            "only that of the variables' defaults is served",
        ),
    ],
)
def test_addresses_that_are_not_served_are_told(
    tmp_path: Path, server: Any, place: str, message: str
) -> None:
    ((pointer, told),) = warnings(tmp_path, document("/a", servers=[server]))
    assert pointer == f"/servers/0{place}"
    assert message in told


# Fragments and queries ----------------------------------------------------------------------------------


async def test_what_follows_a_hash_or_a_question_mark_is_escaped(serve: Serve, tmp_path: Path) -> None:
    made = document("/a#x", "/a#y", "/b", "/b#z", "/c/{id}", "put /c/{id}#add", "/d?q=1", "/e?q={q}")
    service = serve(made)
    assert await reached(service, "/a%23x") == "o0"
    assert await reached(service, "/a%23y") == "o1"
    assert await reached(service, "/a") == "o0"
    assert (await reached(service, "/b"), await reached(service, "/b%23z")) == ("o2", "o3")
    assert await reached(service, "/c/1", "PUT") == "o5 id=1"
    assert await reached(service, "/c/1%23add", "PUT") == "o5 id=1"
    assert await reached(service, "/c/1%23add") == "o4 id=1#add"
    assert await reached(service, "/d%3Fq=1") == "o6"
    assert await reached(service, "/e%3Fq=1") == "o7 q=1"
    assert (await service.ask("GET", "/e?q=1")).status == 404
    reach = "without the part after # or ?, this path reaches another operation"
    assert warnings(tmp_path, made) == [
        ("/paths/~1a#y/get", f"{reach}: #/paths/~1a#x/get"),
        ("/paths/~1b#z/get", f"{reach}: #/paths/~1b/get"),
        (
            "/paths/~1e?q={q}/get",
            "no client sends what follows # or ? as a part of the path: {q} is there",
        ),
    ]


# Path items ---------------------------------------------------------------------------------------------


async def test_path_items_by_reference(serve: Serve) -> None:
    made = document("put /own/{x}", "get /a/{x}")
    made["components"] = {"pathItems": {"A": made["paths"].pop("/a/{x}")}}
    made["paths"] |= {"/a/{x}": {"$ref": "#/components/pathItems/A"}, "/b/{x}": {"$ref": "#/paths/~1a~1{x}"}}
    service = serve(made)
    assert await reached(service, "/own/1", "PUT") == "o0 x=1"
    assert await reached(service, "/a/1") == "o1 x=1"
    assert await reached(service, "/b/1") == "o1_2 x=1"


async def test_parameters_of_a_path_item_stand_in_its_place(serve: Serve) -> None:
    made = document("/a/{x}")
    item = made["paths"]["/a/{x}"]
    item["parameters"] = item["get"].pop("parameters")
    item["get"]["parameters"] = [{"name": "y", "in": "query", "schema": {"type": "string"}}]
    assert await reached(serve(made), "/a/1?y=2") == "o0 x=1 y=2"


@pytest.mark.parametrize("other", ["/a/{y}", "/%61/{x}"])
def test_operations_that_cannot_be_told_apart(tmp_path: Path, other: str) -> None:
    with pytest.raises(ContractError, match=r"conflicts with #/paths/~1a~1\{x\}/get"):
        make_plan(read_document(tmp_path, document("/a/{x}", other)))


async def test_equivalent_templates_of_different_methods(serve: Serve) -> None:
    service = serve(document("/a/{x}", "put /a/{y}"))
    assert (await reached(service, "/a/1"), await reached(service, "/a/1", "PUT")) == ("o0 x=1", "o1 y=1")
    assert (await service.ask("POST", "/a/1")).header("allow") == "GET, HEAD, OPTIONS, PUT"


def test_every_fault_of_a_template_is_found_in_one_run(tmp_path: Path) -> None:
    made = document("/a/{x}/{y}", "/{z}/{z}", "/{v}{w}")
    made["paths"]["/a/{x}/{y}"]["get"]["parameters"][1]["name"] = "u"
    with pytest.raises(ContractError) as caught:
        make_plan(read_document(tmp_path, made))
    assert [finding.pointer for finding in caught.value.findings] == [
        "/paths/~1a~1{x}~1{y}/get",
        "/paths/~1a~1{x}~1{y}/get/parameters/1/name",
        "/paths/~1{z}~1{z}",
        "/paths/~1{z}~1{z}/get/parameters",
        "/paths/~1{v}{w}",
    ]


# OpenAPI 3.2 --------------------------------------------------------------------------------------------


async def test_methods_of_openapi_3_2(serve: Serve) -> None:
    made = document("/a", "query /a", openapi="3.2.0")
    copy = {"operationId": "copy_it", "responses": ANSWER}
    made["paths"]["/a"]["additionalOperations"] = {"COPY": copy, "M-Search": {"responses": ANSWER}}
    service = serve(made)
    assert await reached(service, "/a", "QUERY") == "o1"
    assert await reached(service, "/a", "COPY") == "copy_it"
    assert await reached(service, "/a", "M-Search") == "m_search_a"
    assert (await service.ask("POST", "/a")).header("allow") == "COPY, GET, HEAD, M-Search, OPTIONS, QUERY"


def test_diff_knows_the_methods_of_openapi_3_2(tmp_path: Path) -> None:
    old, new = document("/a", openapi="3.1.0"), document("/a", "query /a", openapi="3.2.0")
    new["paths"]["/a"]["additionalOperations"] = {"COPY": {"responses": ANSWER}}
    changes = [
        (change.level, change.pointer)
        for change in diff(read_document(tmp_path, old), read_document(tmp_path, new))
    ]
    assert ("compatible", "/paths/~1a/query") in changes
    assert ("compatible", "/paths/~1a/additionalOperations/COPY") in changes


@pytest.mark.parametrize(
    "item",
    [
        None,
        [],
        {"additionalOperations": []},
        {"additionalOperations": {"X": None}, "get": 3},
        {"servers": 3, "get": {"responses": ANSWER}},
        {"servers": [{"url": 3}], "get": {"responses": ANSWER}},
    ],
)
def test_path_items_that_are_none(tmp_path: Path, item: Any) -> None:
    """Such a document once had `lint` end with a traceback."""
    made = document("/a", openapi="3.2.0")
    made["paths"]["/a"] = item
    assert any(finding.pointer.startswith("/paths/~1a") for finding in lint(read_document(tmp_path, made)))


@pytest.mark.parametrize("method", ["GET", "no method"])
def test_methods_that_are_no_additional_ones(tmp_path: Path, method: str) -> None:
    made = document("/a", openapi="3.2.0")
    made["paths"]["/a"]["additionalOperations"] = {method: {"responses": ANSWER}}
    with pytest.raises(ContractError):
        make_plan(read_document(tmp_path, made))


async def test_media_types_by_reference(tmp_path: Path) -> None:
    made = contract()
    made |= {
        "openapi": "3.2.0",
        "$self": "https://example.com/api",
        "tags": [{"name": "things", "kind": "nav"}],
    }
    content = made["paths"]["/things/{thing_id}"]["put"]["requestBody"]["content"]
    made["components"]["mediaTypes"] = {"Thing": content["application/json"]}
    content["application/json"] = {"$ref": "#/components/mediaTypes/Thing"}
    folder = write_package(read_document(tmp_path, made), tmp_path / "media_types")
    service = Service(import_package("media_types_32", folder))
    service.answers["put_thing"] = service.package.responses.PutThing204()
    target = "/things/01939f6e-7b1c-7c2a-9f3e-2f4b6c8d0e1a"
    assert (await service.ask("PUT", target, token="a", json={"name": "a"})).status == 204
    assert (await service.ask("PUT", target, token="a", json={"name": "abcdef"})).status == 422
