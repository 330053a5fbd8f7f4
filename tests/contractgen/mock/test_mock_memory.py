"""A mock remembers what was created and changed; every response is checked against the contract."""

import copy
import json
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from contractgen.document.load import load
from contractgen.mock.application import create_mock
from contractgen.mock.memory import Memory
from contractgen.mock.plausible import next_version
from contractgen_runtime.testing.checker import Checker
from contractgen_runtime.testing.contract import Contract
from contractgen_runtime.testing.witness import serving
from tests.contract.document import CONTRACT, PATH
from tests.contractgen.mock.shop import CHAIR, LINE, ORDER, SHOP
from tests.contractgen.packages import read_document

TABLE = {"sku": "TB-07", "name": "Table", "price": 90, "tags": ["wood", "oak"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shop")


@pytest.fixture
async def client(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a new mock of the shop."""
    async with client_of(folder) as client:
        yield client


def client_of(folder: Path, change: Callable[[Any], None] = lambda _: None, **how: Any) -> Any:
    document = copy.deepcopy(SHOP)
    change(document)
    read = read_document(folder, document)
    (folder / "contract.json").write_text(json.dumps(document))
    checker = Checker(Contract(folder / "contract.json"))
    app = create_mock(read, folder, **how).app
    return serving(app, checker, url="http://testserver/v1")


async def found(client: httpx.AsyncClient, path: str) -> Any:
    response = await client.get(path)
    assert response.status_code == 200
    return response.json()


async def test_what_was_created_is_found_and_listed_first(client: httpx.AsyncClient) -> None:
    made = await client.post("/products", json=TABLE | {"cost": 30})
    assert (made.status_code, made.json()) == (201, TABLE)  # its color and size were not given
    assert await found(client, "/products/TB-07") == TABLE
    assert await found(client, "/products") == [TABLE, CHAIR]


async def test_an_item_that_nobody_created_is_the_example_with_its_id(client: httpx.AsyncClient) -> None:
    assert await found(client, "/products/ZZ-99") == CHAIR | {"sku": "ZZ-99"}
    assert await found(client, "/products") == [CHAIR]
    assert (await found(client, "/orders/5"))["data"]["self"] == "https://shop.example.com/orders/5"


async def test_a_patch_merges_and_null_removes(client: httpx.AsyncClient) -> None:
    changes = {"price": 50, "size": {"h": 100}, "color": None, "sku": "XX-11", "price_": 1, "name": 5}
    changed = await client.patch("/products/CH-01", json=changes)
    expected = {"sku": "CH-01", "name": "Chair", "price": 50, "tags": ["wood"], "size": {"w": 40, "h": 100}}
    assert changed.json() == await found(client, "/products/CH-01") == expected
    assert await found(client, "/products") == [expected]


async def test_null_stays_where_the_schema_has_it(client: httpx.AsyncClient) -> None:
    assert (await client.patch("/orders/17", json={"note": None})).json()["data"]["note"] is None


async def test_a_put_replaces(client: httpx.AsyncClient) -> None:
    assert (
        await client.put("/products/CH-01", json={"sku": "CH-01", "name": "Stool", "price": 9})
    ).status_code == 204
    assert await found(client, "/products/CH-01") == {"sku": "CH-01", "name": "Stool", "price": 9}
    await client.put("/products/NW-01", json=TABLE)
    assert await found(client, "/products/NW-01") == TABLE | {"sku": "NW-01"}


async def test_what_was_deleted_is_gone_from_lists_too(client: httpx.AsyncClient) -> None:
    await client.post("/products", json=TABLE)
    for sku in ("TB-07", "CH-01"):
        assert (await client.delete(f"/products/{sku}")).status_code == 204
        assert (await client.get(f"/products/{sku}")).status_code == 404
        assert (await client.delete(f"/products/{sku}")).status_code == 404
    assert await found(client, "/products") == []
    assert (await client.post("/products", json=TABLE)).status_code == 201
    assert await found(client, "/products") == [TABLE]
    assert (await client.get("/products/CH-01")).status_code == 404


async def test_ids_and_times_are_the_services(client: httpx.AsyncClient) -> None:
    """A 201 without a body has the new item's path in Location."""
    paths = [(await client.post("/orders", json={"status": "paid"})).headers["location"] for _ in range(3)]
    assert len({*paths, "/v1/orders/17"}) == 4
    item = (await found(client, paths[0].removeprefix("/v1")))["data"]
    assert item.keys() == ORDER.keys() - {"note"}
    assert (item["status"], item["version"], paths[0]) == ("paid", 1, f"/v1/orders/{item['orderId']}")
    assert item["self"] == f"https://shop.example.com/orders/{item['orderId']}"
    assert item["createdAt"] == item["updatedAt"] > "2026-01-01T09:00:00Z"
    changed = (await client.patch(f"/orders/{item['orderId']}", json={"note": "x"})).json()["data"]
    assert (changed["version"], changed["createdAt"]) == (2, item["createdAt"])
    assert changed["updatedAt"] >= item["updatedAt"]


async def test_an_action_has_the_effect_of_its_example(client: httpx.AsyncClient) -> None:
    path = (await client.post("/orders", json={"status": "open"})).headers["location"].removeprefix("/v1")
    assert (await client.post(f"{path}/pay")).json()["data"]["status"] == "paid"
    assert (await found(client, path))["data"]["status"] == "paid"
    await client.delete(path)
    assert (await client.post(f"{path}/pay")).status_code == (await client.get(path)).status_code == 404


async def test_a_nested_list_has_the_items_of_its_owner(client: httpx.AsyncClient) -> None:
    made = (await client.post("/orders/5/lines", json={"sku": "TB-07"})).json()
    assert (made["orderId"], made["sku"], made["count"]) == (5, "TB-07", 1)
    assert await found(client, "/orders/5/lines") == [made, LINE]
    assert await found(client, "/orders/6/lines") == [LINE]
    assert await found(client, f"/orders/5/lines/{made['id']}") == made
    assert (await client.delete("/orders/5")).status_code == 204
    assert (await client.get(f"/orders/5/lines/{made['id']}")).status_code == 404


async def test_lists_are_filtered_by_properties(client: httpx.AsyncClient) -> None:
    await client.post("/products", json=TABLE | {"color": "blue"})
    for query, skus in {
        "color=blue": ["TB-07"],
        "color=red": ["CH-01"],
        "color=green": [],
        "tags=oak": ["TB-07"],
        "tags=oak&tags=wood": ["TB-07", "CH-01"],
        "limit=1": ["TB-07"],
        "limit=1&offset=1": ["CH-01"],
        "offset=2": [],
    }.items():
        assert [each["sku"] for each in await found(client, f"/products?{query}")] == skus, query


async def test_pages_by_number_do_not_repeat_and_end(client: httpx.AsyncClient) -> None:
    for _ in range(4):
        await client.post("/orders", json={"status": "paid"})
    seen, page = [], 1
    while page:
        body = await found(client, f"/orders?page={page}")
        assert (body["total"], body["page"]) == (5, page)
        seen += [each["orderId"] for each in body["orders"]]
        page = body["next_page"]
    assert (len(seen), len(set(seen)), seen[-1]) == (5, 5, 17)
    assert (await found(client, "/orders?status=open"))["total"] == 1


async def test_pages_by_cursor_do_not_repeat_while_items_come(folder: Path) -> None:
    def cursors(document: Any) -> None:
        listed = document["paths"]["/orders"]["get"]
        listed["parameters"] = [
            {"name": "limit", "in": "query", "schema": {"type": "integer", "default": 2}},
            {"name": "cursor", "in": "query", "schema": {"type": "string"}},
        ]
        content = listed["responses"]["200"]["content"]["application/json"]
        content["schema"]["properties"]["next_page"] = {"type": "string"}
        content["example"] = {"orders": [ORDER], "total": 1, "next_page": "again"}

    async with client_of(folder, cursors) as client:
        seen, query = [], ""
        for _ in range(4):
            await client.post("/orders", json={"status": "paid"})
        while True:
            body = await found(client, f"/orders{query}")
            seen += [each["orderId"] for each in body["orders"]]
            await client.post("/orders", json={"status": "paid"})
            if "next_page" not in body:
                break
            query = f"?cursor={body['next_page']}"
    assert (len(seen), len(set(seen)), seen[-1]) == (5, 5, 17)


async def test_the_figures_of_an_inner_envelope_are_those_of_the_page(folder: Path) -> None:
    """Links are objects here, and null at the end."""

    def inner(document: Any) -> None:
        content = document["paths"]["/orders"]["get"]["responses"]["200"]["content"]["application/json"]
        link = {"type": ["object", "null"], "properties": {"uri": {"type": "string"}}}
        figures = {"type": "object", "properties": {"total": {"type": "integer"}, "next": link}}
        content["schema"]["properties"] |= {"next_page": link, "meta": figures}
        link = {"uri": "/orders?page=2"}
        meta = {"total": 9, "next": link}
        content["example"] = {"orders": [ORDER], "total": 9, "next_page": link, "meta": meta}

    async with client_of(folder, inner) as client:
        body = await found(client, "/orders")
    assert (body["total"], body["next_page"], body["meta"]) == (1, None, {"total": 1, "next": None})


async def test_a_resource_without_an_id_is_replaced(client: httpx.AsyncClient) -> None:
    assert (await client.put("/settings", json={"language": "fr"})).json() == {"language": "fr"}
    assert await found(client, "/settings") == {"language": "fr"}


async def test_a_preferred_response_is_the_example_and_remembers_nothing(client: httpx.AsyncClient) -> None:
    response = await client.post("/products", json=TABLE, headers={"prefer": "code=201"})
    assert response.json() == CHAIR
    await client.delete("/products/CH-01", headers={"prefer": "code=204"})
    assert await found(client, "/products") == [CHAIR]


async def test_a_stateless_mock_sends_its_examples(folder: Path) -> None:
    async with client_of(folder, stateless=True) as client:
        assert (await client.post("/products", json=TABLE)).json() == CHAIR
        assert await found(client, "/products/TB-07") == CHAIR


async def test_what_cannot_be_made_valid_is_the_example(folder: Path) -> None:
    """The response admits its example alone."""

    def fix(document: Any) -> None:
        document["components"]["schemas"]["Product"] = {"const": CHAIR}
        body = document["paths"]["/products"]["post"]["requestBody"]["content"]["application/json"]
        body["schema"] = {"type": "object"}

    async with client_of(folder, fix) as client:
        assert (await client.post("/products", json=TABLE)).json() == CHAIR
        assert await found(client, "/products/CH-01") == CHAIR
        assert await found(client, "/products") == [CHAIR]


@pytest.mark.parametrize(("kind", "kept"), [("chair", True), ("stool", False)])
async def test_a_discriminator_that_leads_nowhere_is_not_kept(kind: str, kept: bool, folder: Path) -> None:
    """The schema admits any text there, and clients cannot read it."""

    def fix(document: Any) -> None:
        product = document["components"]["schemas"]["Product"]
        product["properties"]["kind"] = {"type": "string"}
        mapping = {"chair": "#/components/schemas/Product"}
        product["discriminator"] = {"propertyName": "kind", "mapping": mapping}

    async with client_of(folder, fix) as client:
        await client.put("/products/CH-01", json=CHAIR | {"kind": kind, "name": "Stool"})
        product = await found(client, "/products/CH-01")
        assert product["name"] == "Stool"
        assert (product.get("kind") == kind) is kept


async def test_conditions_are_those_of_the_remembered_version(folder: Path) -> None:
    def tags(document: Any) -> None:
        item = document["paths"]["/products/{sku}"]
        tag = {"ETag": {"required": True, "schema": {"type": "string"}}}
        for method, name, status in (("get", "If-None-Match", "304"), ("patch", "If-Match", "412")):
            item[method]["responses"]["200"]["headers"] = tag
            item[method]["responses"][status] = {"description": "Condition."}
            item[method]["parameters"] = [{"name": name, "in": "header", "schema": {"type": "string"}}]

    async with client_of(folder, tags) as client:
        first = (await client.get("/products/CH-01")).headers["etag"]
        assert (await client.get("/products/CH-01", headers={"if-none-match": first})).status_code == 304
        sent = {"if-match": first}
        changed = await client.patch("/products/CH-01", json={"price": 1}, headers=sent)
        assert (changed.status_code, changed.headers["etag"] != first) == (200, True)
        assert (await client.patch("/products/CH-01", json={"price": 2}, headers=sent)).status_code == 412
        assert (await client.patch("/products/CH-01", json={}, headers={"if-match": "*"})).status_code == 200
        assert (await client.get("/products/CH-01", headers={"if-none-match": first})).status_code == 200
        assert (await found(client, "/products/CH-01"))["price"] == 1


async def test_a_version_beside_an_item_is_its_entity_tag(tmp_path: Path) -> None:
    """An item of a list is changed without another read, and only in this version."""
    app = create_mock(load(PATH), tmp_path).app
    token = {"authorization": "Bearer any"}
    async with serving(app, Checker(CONTRACT)) as client:
        new = {"title": "Compilers", "content": "Programs."}
        made = await client.post("/api/v1/posts", json=new, headers=token)
        item = (await found(client, "/api/v1/posts"))["items"][0]
        tag = f'"{item["version"]}"'
        assert (item["id"], made.headers["etag"]) == (made.json()["id"], tag)
        sent = token | {"if-match": tag}
        changed = await client.patch(made.headers["location"], json={"title": "Linkers"}, headers=sent)
        assert (changed.status_code, changed.headers["etag"] != tag) == (200, True)
        assert changed.headers["etag"] == f'"{changed.json()["version"]}"'
        stale = await client.patch(made.headers["location"], json={"title": "Loaders"}, headers=sent)
        assert stale.status_code == 412


@pytest.mark.parametrize("version", ["00", "0a1f", "19", "ff", 7])
def test_the_next_version_has_the_form_of_the_last(version: int | str) -> None:
    after = next_version(version)
    assert (type(after), after != version) == (type(version), True)
    if isinstance(version, str):
        assert re.fullmatch(rf"[0-9a-f]{{{len(version)}}}", str(after))
        assert str(after).isdecimal() or not version.isdecimal()


def test_the_oldest_items_are_forgotten() -> None:
    memory = Memory(most_items=2, most_bytes=60)
    for number in range(3):
        memory.keep("/things/{id}", f"/things/{number}", {"id": number})
    assert list(memory.of("/things/{id}")) == ["/things/2", "/things/1"]
    memory.keep("/things/{id}", "/things/1", {"id": 1, "text": "x" * 40})
    assert list(memory.of("/things/{id}")) == ["/things/2"]
    memory.keep("/things/{id}", "/things/2/parts/1", {"id": 1})
    memory.forget("/things/2")
    assert memory.find("/things/2/parts/1") is memory.find("/things/2") is None
