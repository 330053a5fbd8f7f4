"""Responses of a contract that is not like Pressroom's."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from contractgen_runtime.testing.checker import Checker, ContractViolation
from contractgen_runtime.testing.contract import Contract
from tests.contractgen_runtime.testing.contracts import CONTRACT

JSON = {"content-type": "application/json"}
PROBLEM = {"content-type": "application/problem+json"}
PAGE = JSON | {"x-total": "1"}
OWN = {"content-type": "application/vnd.shop+json"}
ORDER: dict[str, Any] = {"sum": 1.5, "note": None, "day": "2026-01-01", "kind": "on"}


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    path = tmp_path_factory.mktemp("contract") / "openapi.yaml"
    path.write_text(CONTRACT)
    return Contract(path)


@pytest.fixture
def checker(contract: Contract) -> Checker:
    return Checker(contract)


def check(checker: Checker, request: str, status: int, body: object, headers: dict[str, str]) -> None:
    method, path = request.split()
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = httpx.Response(status, content=content, headers=headers)
    checker.check(httpx.Request(method, f"http://testserver{path}"), response)


@pytest.mark.parametrize(
    ("request_", "status", "body", "headers", "witnessed"),
    [
        ("GET /v1/orders", 200, [ORDER], PAGE, ("list_orders", 200)),
        ("GET /v2/orders", 200, [], PAGE | {"x-tags": "1, 2"}, ("list_orders", 200)),
        ("GET /v1/orders", 200, [], PAGE | {"x-cost": "12.98"}, ("list_orders", 200)),
        ("GET /v1/orders", 200, [], PAGE | {"x-code": "12"}, ("list_orders", 200)),
        ("GET /v1/orders", 200, [ORDER | {"next": None}], PAGE, ("list_orders", 200)),
        ("GET /v1/orders", 200, [ORDER | {"next": ORDER}], PAGE, ("list_orders", 200)),
        ("GET /v1/orders", 200, [ORDER | {"kind": "2026-01-01"}], PAGE, ("list_orders", 200)),
        ("GET /v1/orders", 200, [ORDER | {"kind": "1:30"}], PAGE, ("list_orders", 200)),
        ("GET /v1/orders", 200, b"text", PAGE | {"content-type": "text/plain"}, ("list_orders", 200)),
        ("GET /v1/orders", 429, {"code": 1}, JSON, ("list_orders", "4XX")),
        ("POST /v1/orders", 201, ORDER, OWN, ("create_order", 201)),
        ("POST /v1/orders", 500, {"code": 1}, JSON, ("create_order", "default")),
        ("GET /v1/orders/1%2F2", 200, b"", {}, ("GET /orders/{id}", 200)),
        ("GET /v1/orders/latest", 204, b"", {}, ("latest_order", 204)),
        ("DELETE /v1/orders/1", 204, b"", {}, ("delete_order", 204)),
        ("PUT /v1/orders/1", 204, b"", {}, ("put_thing", 204)),
        ("POST /v1/orders%23archive", 202, b"", {}, ("archive_orders", 202)),
        ("GET /v1/carts?all=1", 204, b"", {}, ("list_carts", 204)),
        ("GET /v1/carts%3Fall", 204, b"", {}, ("list_carts", 204)),
        ("GET /other/absolute", 200, b"\x00", {"content-type": "image/png"}, ("absolute", 200)),
        ("DELETE /v1/orders/1", 404, {"status": 404}, PROBLEM, ("delete_order", 404)),
        ("DELETE /v1/orders/1", 404, b"", {}, ("delete_order", 404)),
        ("GET /v1/unsaid", 201, b"anything", {"content-type": "image/png"}, None),
        ("GET /v1/socket", 200, b"", {}, None),
        ("HEAD /v1/orders", 200, b"", PAGE, None),
        ("GET /v1/orders", 503, {"status": 503}, PROBLEM, None),
        ("GET /docs", 200, b"page", {}, None),
        ("GET /absolute", 404, {}, JSON, None),
        ("PUT /v1/orders", 405, {}, {"allow": "GET, HEAD, OPTIONS, POST"}, None),
        ("PUT /v1/orders/latest", 405, {}, {"allow": "GET, HEAD, OPTIONS"}, None),
    ],
)
def test_a_declared_response_is_witnessed(
    checker: Checker,
    request_: str,
    status: int,
    body: object,
    headers: dict[str, str],
    witnessed: tuple[str, int | str] | None,
) -> None:
    check(checker, request_, status, body, headers)
    assert checker.witnessed == ({witnessed} if witnessed else set())
    assert checker.witnessed <= checker.declared


@pytest.mark.parametrize(
    ("request_", "status", "body", "headers", "complaint"),
    [
        ("GET /v1/orders", 200, [ORDER | {"sum": 0}], PAGE, "body at /0/sum: 0"),
        ("GET /v1/orders", 200, [ORDER | {"day": "soon"}], PAGE, "body at /0/day"),
        ("GET /v1/orders", 200, [ORDER | {"day": None}], PAGE, "body at /0/day"),
        ("GET /v1/orders", 200, [ORDER | {"kind": None}], PAGE, "body at /0/kind"),
        ("GET /v1/orders", 200, [ORDER | {"kind": True}], PAGE, "body at /0/kind"),
        ("GET /v1/orders", 200, [ORDER | {"next": {}}], PAGE, "body at /0/next"),
        ("GET /v1/orders", 200, [ORDER | {"more": 1}], PAGE, "more"),
        ("GET /v1/orders", 200, [], JSON, "the header X-Total is missing"),
        ("GET /v1/orders", 200, [], PAGE | {"x-total": "-1"}, "header X-Total at /: -1"),
        ("GET /v1/orders", 200, [], PAGE | {"x-total": "many"}, "header X-Total at /"),
        ("GET /v1/orders", 200, [], PAGE | {"x-tags": "1, b"}, "header X-Tags at /1"),
        ("GET /v1/orders", 200, [], PAGE | {"x-cost": "much"}, "header X-Cost at /"),
        ("GET /v1/orders", 200, [], PAGE | {"x-code": "123"}, "header X-Code at /"),
        ("GET /v1/orders", 200, b"longer", PAGE | {"content-type": "text/plain"}, "body at /: "),
        ("GET /v1/orders", 200, [], PAGE | {"content-type": "image/png"}, "the media type is image/png"),
        ("GET /v1/orders", 302, b"", {}, "the status is not declared"),
        ("GET /v1/orders", 400, {"status": 400}, PROBLEM, "the media type is application/problem"),
        ("GET /v1/orders", 429, {"code": "1"}, JSON, "body at /code"),
        ("GET /v1/orders", 500, {"code": 1}, JSON, "the media type is not application/problem"),
        ("GET /v1/orders", 500, {"status": 503}, PROBLEM, "the problem has the status 503"),
        ("POST /v1/orders", 201, ORDER, JSON, "the media type is application/json"),
        ("POST /v1/orders", 500, {}, JSON, "code"),
        ("GET /v1/unsaid", 500, {}, JSON, "the media type is not application/problem"),
        ("DELETE /v1/orders/1", 404, {"status": 404}, JSON, "the contract declares no content"),
        ("DELETE /v1/orders/1", 404, {"status": 400}, PROBLEM, "the problem has the status 400"),
        ("GET /v1/orders/1", 200, {}, JSON, "the contract declares no content"),
        ("GET /v3/orders", 200, [], PAGE, "the status is not 404"),
        ("PUT /v1/orders", 405, {}, {"allow": "GET"}, "Allow names"),
    ],
)
def test_any_other_response_is_a_violation(
    checker: Checker, request_: str, status: int, body: object, headers: dict[str, str], complaint: str
) -> None:
    with pytest.raises(ContractViolation, match=complaint):
        check(checker, request_, status, body, headers)
    assert checker.witnessed == set()


def test_a_header_that_is_sent_twice(checker: Checker) -> None:
    request = httpx.Request("GET", "http://testserver/v1/orders")
    cookies = [("set-cookie", "a"), ("set-cookie", "b")]
    checker.check(request, httpx.Response(200, json=[], headers=[*PAGE.items(), *cookies]))
    with pytest.raises(ContractViolation, match="X-Total is sent 2 times"):
        checker.check(request, httpx.Response(200, json=[], headers=[*PAGE.items(), ("x-total", "1")]))


def test_rules_of_a_service_are_parameters(contract: Contract) -> None:
    strict = Checker(contract, admits_problems=False, forbids_echo=True, beside=("/status",))
    with pytest.raises(ContractViolation, match="not declared"):
        check(strict, "GET /v1/orders", 503, {"status": 503}, PROBLEM)
    with pytest.raises(ContractViolation, match="repeats what was sent, 'the-secret'"):
        check(strict, "GET /v1/orders?key=the-secret", 400, {"code": 1, "text": "the-secret"}, JSON)
    check(strict, "GET /status", 200, b"", {})
    with pytest.raises(ContractViolation, match="not 404"):
        check(strict, "GET /docs", 200, b"", {})


def test_every_operation_and_response_is_declared(checker: Checker) -> None:
    assert checker.declared == {
        ("list_orders", 200),
        ("list_orders", "4XX"),
        ("create_order", 201),
        ("create_order", "default"),
        ("GET /orders/{id}", 200),
        ("delete_order", 204),
        ("delete_order", 404),
        ("archive_orders", 202),
        ("list_carts", 204),
        ("put_thing", 204),
        ("delete_thing", 202),
        ("latest_order", 204),
        ("absolute", 200),
    }


def test_a_document_that_refers_to_others_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(CONTRACT.replace("'#/components/schemas/Error'", "errors.yaml#/Error"))
    with pytest.raises(ValueError, match=r"openapi\.yaml: the reference errors\.yaml#/Error leads"):
        Contract(path)


@pytest.mark.parametrize(
    ("path", "token"),
    [
        ("/{chain}/events", "~1{chain}~1events"),
        ("/{chain}/events", "~1%7Bchain%7D~1events"),
        ("/a b|c^`é", "~1a b|c^`é"),
        ("/a%b", "~1a%b"),
        ("/100%25", "~1100%2525"),
    ],
)
def test_a_reference_may_have_what_no_uri_has(path: str, token: str, tmp_path: Path) -> None:
    schema = f"#/paths/{token}/get/responses/200/content/application~1json/schema"
    pages: dict[str, Any] = {
        path: {"get": {"responses": {"200": _json({"type": "object", "required": ["a"]})}}},
        "/same": {"get": {"operationId": "same", "responses": {"200": _json({"$ref": schema})}}},
    }
    parameters = [{"name": "chain", "in": "path", "required": True, "schema": {}}] if "{" in path else []
    pages[path]["parameters"] = parameters
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": pages}
    (tmp_path / "openapi.yaml").write_text(yaml.safe_dump(document))
    checker = Checker(Contract(tmp_path / "openapi.yaml"))
    check(checker, "GET /same", 200, {"a": 1}, JSON)
    with pytest.raises(ContractViolation, match="required"):
        check(checker, "GET /same", 200, {}, JSON)


def _json(schema: Any) -> dict[str, Any]:
    return {"description": "d", "content": {"application/json": {"schema": schema}}}


def test_a_text_may_be_in_another_file(tmp_path: Path) -> None:
    """As descriptions of documents for Redoc are, whose `$ref` OpenAPI does not define."""
    path = tmp_path / "openapi.yaml"
    document = yaml.safe_load(CONTRACT)
    document["info"]["description"] = {"$ref": "./README.md"}
    document["tags"] = [{"name": "orders", "description": {"$ref": "./orders.md"}}]
    path.write_text(yaml.safe_dump(document))
    assert "list_orders" in Contract(path).operations


def test_paths_with_what_clients_do_not_send(tmp_path: Path) -> None:
    """The parameter of `{q}` would be in no request."""
    path = tmp_path / "openapi.json"
    operation = {"responses": {"204": {"description": "Done."}}}
    paths = {name: {"get": operation} for name in ("/a#x", "/b?q={q}", "/c/{id}?q=1")}
    path.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "a", "version": "1"}, "paths": paths}))
    contract = Contract(path)
    assert [len(contract.methods_of(each)) for each in ("/a", "/b", "/c/1", "/b?q=1")] == [1, 0, 1, 1]


def test_content_that_http_does_not_have(tmp_path: Path) -> None:
    """A 204 has no body, also where the contract declares one."""
    path = tmp_path / "openapi.json"
    content = {"application/json": {"schema": {"type": "object"}}}
    operation = {"operationId": "clear", "responses": {"204": {"description": "Gone.", "content": content}}}
    document = {"openapi": "3.1.0", "info": {"title": "a", "version": "1"}}
    path.write_text(json.dumps(document | {"paths": {"/a": {"post": operation}}}))
    own = Checker(Contract(path))
    check(own, "POST /a", 204, b"", {})
    assert own.witnessed == {("clear", 204)}
    with pytest.raises(ContractViolation, match="declares no content"):
        check(own, "POST /a", 204, {}, JSON)


@pytest.mark.parametrize(("text", "is_declared"), [("text 2", True), ("dGV4dA==", False), ("dGV4dA=", True)])
def test_subschemas_that_differ_by_the_format_byte(text: str, is_declared: bool, tmp_path: Path) -> None:
    """A text that is no base64 is one of the first alone."""
    data = [{"type": "string"}, {"type": "string", "format": "byte"}]
    content = {"application/json": {"schema": {"oneOf": data}}}
    get = {"operationId": "get", "responses": {"200": {"description": "It.", "content": content}}}
    spec = {"openapi": "3.0.3", "info": {"title": "A", "version": "1"}, "paths": {"/data": {"get": get}}}
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(spec))
    found = Checker(Contract(path))
    if is_declared:
        check(found, "GET /data", 200, text, JSON)
    else:
        with pytest.raises(ContractViolation, match="more than one"):
            check(found, "GET /data", 200, text, JSON)
    assert found.witnessed == ({("get", 200)} if is_declared else set())


@pytest.mark.parametrize(
    ("schema", "text", "is_declared"),
    [
        ({"type": "number"}, "42.5", True),
        ({"type": "number", "maximum": 42}, "42.5", False),
        ({"type": "boolean"}, "true", True),
        ({"type": "string", "enum": ["42"]}, "42", True),
        ({"type": "object"}, "{}", True),
        ({"type": "object", "required": ["a"]}, "{}", False),
        ({"type": "array"}, "[1]", True),
        ({"type": ["object", "null"]}, "null", False),
        ({"type": "number"}, "text", False),
    ],
)
def test_a_text_can_be_json(schema: Any, text: str, is_declared: bool, tmp_path: Path) -> None:
    content = {"text/plain": {"schema": schema}}
    get = {"operationId": "get", "responses": {"200": {"description": "It.", "content": content}}}
    spec = {"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": {"/data": {"get": get}}}
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(spec))
    found = Checker(Contract(path))
    if is_declared:
        check(found, "GET /data", 200, text.encode(), {"content-type": "text/plain"})
    else:
        with pytest.raises(ContractViolation):
            check(found, "GET /data", 200, text.encode(), {"content-type": "text/plain"})
    assert found.witnessed == ({("get", 200)} if is_declared else set())


def test_data_with_keys_that_yaml_reads_as_numbers(tmp_path: Path) -> None:
    """The metadata of a transaction, with its numbers as names, is an example of a public contract."""
    path = tmp_path / "openapi.yaml"
    path.write_text(
        """\
openapi: 3.1.0
info: {title: A, version: "1"}
paths:
  /data:
    get:
      operationId: get
      responses:
        200:
          description: It.
          content:
            application/json:
              schema:
                type: object
                example: {0: {1: a}, list: [{2: b}]}
                x-more: {3: c}
"""
    )
    found = Checker(Contract(path))
    check(found, "GET /data", 200, {"0": {}}, JSON)
    assert found.witnessed == {("get", 200)}
