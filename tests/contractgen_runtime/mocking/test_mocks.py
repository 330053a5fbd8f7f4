"""Operations without a handler: mocked, marked, and guarded by generated code as every other one."""

import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from contractgen_runtime.mocking.mocks import Mocks
from contractgen_runtime.mounting import HandlerError
from tests.contractgen.mocked import JSON, PNG, REX, TOM, Mocked, handlers_of, pets
from tests.contractgen.packages import package_of

ADMIN = {"authorization": "Bearer admin"}
#: One operation that is implemented, one that is marked; the others are missing.
SOURCE = """
async def get_pet(context, /, *, pet_id):
    return responses.GetPet2XX(models.Pet(id=pet_id, name="Mine"), status=200)


@unimplemented
async def list_pets(context, /, *, limit):
    raise NotImplementedError
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> httpx.AsyncClient:
    return client_of(Mocked(pets(), tmp_path_factory.mktemp("examples"), SOURCE))


def client_of(mocked: Mocked) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(mocked.app), base_url="http://testserver")


def is_marked(response: httpx.Response) -> bool:
    return [*response.headers.get_list("x-contractgen-mocked")] == ["true"]


# What is mocked ------------------------------------------------------------------------------------------


async def test_only_what_has_no_handler_is_mocked(client: httpx.AsyncClient) -> None:
    marked, missing, written = [await client.get(each) for each in ("/pets", "/report", "/pets/3")]
    assert (marked.status_code, marked.json(), is_marked(marked)) == (200, [REX, TOM], True)
    assert (missing.status_code, missing.json(), is_marked(missing)) == (200, REX, True)
    assert (written.status_code, written.json(), is_marked(written)) == (
        200,
        {"id": 3, "name": "Mine"},
        False,
    )


async def test_what_was_deleted_is_gone_until_it_is_made_again(tmp_path: Path) -> None:
    """Its 404 is the declared one, where the range of the contract has it."""
    client = client_of(Mocked(pets(), tmp_path))
    assert (await client.get("/pets/3")).status_code == 200
    assert (await client.delete("/pets/3", headers=ADMIN)).status_code == 204
    gone = await client.get("/pets/3")
    assert (gone.status_code, is_marked(gone)) == (404, True)
    assert (await client.delete("/pets/3", headers=ADMIN)).status_code == 404
    assert (await client.get("/pets/4")).status_code == 200
    assert (await client.get("/pets/3", headers={"prefer": "code=200"})).status_code == 200
    assert (await client.post("/pets", headers=ADMIN, json=REX)).status_code == 201
    assert (await client.get("/pets/3")).status_code == 200


async def test_what_was_deleted_at_a_path_that_ends_with_a_slash(tmp_path: Path) -> None:
    document = pets()
    document["paths"] = {f"{path}/": item for path, item in document["paths"].items()}
    client = client_of(Mocked(document, tmp_path))
    assert (await client.delete("/pets/3/", headers=ADMIN)).status_code == 204
    assert (await client.get("/pets/3/")).status_code == 404
    assert (await client.post("/pets/", headers=ADMIN, json=REX)).status_code == 201
    assert (await client.get("/pets/3/")).status_code == 200


async def test_what_is_made_below_what_was_deleted_is_there_alone(tmp_path: Path) -> None:
    """Where the contract declares no 404 for it; OPTIONS is not about what is there."""
    document = pets()
    pet = document["paths"]["/pets/{pet_id}"]
    made = {"201": {"description": "Made."}}
    parameters = [*pet.get("parameters", []), *pet["get"].get("parameters", [])]
    document["paths"]["/pets/{pet_id}/toys"] = {
        "parameters": parameters,
        "get": {"operationId": "listToys", "tags": pet["get"]["tags"], "responses": pet["get"]["responses"]},
        "post": {"operationId": "addToy", "tags": pet["get"]["tags"], "responses": made},
    }
    told = {"204": {"description": "What is possible."}}
    pet["options"] = pet["get"] | {"operationId": "petOptions", "responses": told}
    client = client_of(Mocked(document, tmp_path))
    assert (await client.delete("/pets/3", headers=ADMIN)).status_code == 204
    assert (await client.options("/pets/3")).status_code == 204
    assert (await client.get("/pets/3")).status_code == 404
    assert (await client.get("/pets/3/toys")).status_code == 404
    assert (await client.post("/pets/3/toys")).status_code == 201
    assert (await client.get("/pets/3/toys")).status_code == 200
    assert (await client.get("/pets/3")).status_code == 404


async def test_a_status_that_no_rfc_knows_is_mocked(tmp_path: Path) -> None:
    document = pets()
    document["paths"]["/report"]["get"]["responses"]["419"] = {"description": "It took too long."}
    response = await client_of(Mocked(document, tmp_path)).get("/report", headers={"prefer": "code=419"})
    assert (response.status_code, is_marked(response)) == (419, True)


def test_mocked_operations_are_listed_in_the_order_of_the_contract(tmp_path: Path) -> None:
    some = Mocked(pets(), tmp_path, SOURCE).mocks.mocked
    assert some == ["listPets", "createPet", "deletePet", "readFeed", "getPhoto", "getReport", "getRiddle"]
    assert Mocked(pets(), tmp_path).mocks.mocked == ["listPets", "createPet", "getPet", *some[2:]]


async def test_a_service_with_all_handlers_mocks_nothing(tmp_path: Path) -> None:
    document = pets()
    document["paths"] = {"/pets/{pet_id}": document["paths"]["/pets/{pet_id}"]}
    del document["paths"]["/pets/{pet_id}"]["delete"]
    mocked = Mocked(document, tmp_path, SOURCE.partition("@")[0])
    assert mocked.mocks.mocked == []
    response = await client_of(mocked).get("/pets/3", headers={"prefer": "code=404"})
    assert (response.status_code, is_marked(response)) == (200, False)


def test_a_handler_of_another_shape_is_no_open_one(tmp_path: Path) -> None:
    with pytest.raises(HandlerError, match="the handler get_pet differs") as caught:
        Mocked(pets(), tmp_path, SOURCE.replace("pet_id):", "id):"))
    assert caught.value.open_operations == ()


def test_a_handler_without_operation_is_named_while_others_are_mocked(tmp_path: Path) -> None:
    with pytest.raises(HandlerError, match="no operation get_cat under the tag 'pets'"):
        Mocked(pets(), tmp_path, SOURCE.replace("get_pet(", "get_cat("))


def test_nothing_is_mocked_where_that_is_not_allowed(tmp_path: Path) -> None:
    with pytest.raises(HandlerError) as caught:
        Mocked(pets(), tmp_path, SOURCE, allowed=False)
    expected = ("list_pets", "create_pet", "delete_pet", "read_feed", "get_photo", "get_report", "get_riddle")
    assert caught.value.open_operations == expected


def test_production_needs_no_examples(tmp_path: Path) -> None:
    package = package_of(pets())
    handlers = handlers_of(SOURCE, package)
    mocks = Mocks(package, tmp_path / "nowhere.json", allowed=False)
    assert mocks.fill(handlers) is handlers
    assert mocks.mocked == []


@pytest.mark.parametrize("name", ["shop.handlers.pets", "shop.pets", "pets", "shop.pets.handlers"])
async def test_the_tag_of_a_module_is_read_from_its_name(tmp_path: Path, name: str) -> None:
    """`<tag>.py` or `<tag>/handlers.py`, as `contractgen generate` finds them."""
    mocked = Mocked(pets(), tmp_path)
    handlers = handlers_of("", mocked.package)
    handlers.__name__ = name
    filled: Any = mocked.mocks.fill(handlers)
    assert callable(filled.list_pets)


def test_a_module_that_is_no_tags_is_named(tmp_path: Path) -> None:
    mocked = Mocked(pets(), tmp_path)
    with pytest.raises(LookupError, match=r"no tag whose handlers are in shop\.handlers\.cats"):
        mocked.mocks.fill(handlers_of("", mocked.package, "cats"))


def test_examples_of_another_contract_are_named(tmp_path: Path) -> None:
    mocked = Mocked(pets(), tmp_path)
    document = pets()
    document["paths"]["/pets"]["get"]["operationId"] = "findPets"
    package = package_of(document)
    mocks = Mocks(package, tmp_path / "examples.json", allowed=True)
    with pytest.raises(LookupError, match="no operation find_pets; run `contractgen generate`"):
        mocks.fill(handlers_of("", package))
    assert "listPets" in mocked.mocks.mocked


# Guards --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (("POST", "/pets", {}, REX), 401),
        (("POST", "/pets", {"authorization": "Bearer bad"}, REX), 401),
        (("POST", "/pets", {"authorization": "Bearer user"}, REX), 403),
        (("POST", "/pets", ADMIN, {"id": "x", "name": "Rex"}), 422),
        (("POST", "/pets", ADMIN | {"content-type": "text/plain"}, REX), 415),
        (("GET", "/pets?limit=11", {}, None), 422),
        (("GET", "/pets?other=1", {}, None), 422),
        (("DELETE", "/pets/1", {}, None), 401),
        (("PUT", "/pets", {}, None), 405),
        (("GET", "/cats", {}, None), 404),
    ],
)
async def test_a_mocked_operation_rejects_as_any_other(
    client: httpx.AsyncClient, request_: tuple[str, str, dict[str, str], Any], status: int
) -> None:
    method, path, headers, body = request_
    response = await client.request(method, path, headers=headers, json=body)
    assert (response.status_code, is_marked(response)) == (status, False)


# Choice --------------------------------------------------------------------------------------------------


async def test_headers_and_status_are_those_of_the_example(client: httpx.AsyncClient) -> None:
    made = await client.post("/pets", headers=ADMIN, json=REX)
    assert (made.status_code, made.headers["location"], made.json()) == (201, "/pets/7", REX)
    gone = await client.delete("/pets/1", headers=ADMIN)
    assert (gone.status_code, gone.content, is_marked(gone)) == (204, b"", True)
    assert "content-type" not in gone.headers


@pytest.mark.parametrize(
    ("path", "prefer", "expected"),
    [
        ("/pets", "code=200", (200, [REX, TOM])),
        ("/pets", "code=404", (404, {"why": "no"})),
        ("/pets", "code=503", (503, {"why": "no"})),  # the default
        ("/pets", "example=none", (200, [])),
        ("/pets", 'example="two", code=200', (200, [REX, TOM])),
        ("/pets", "respond-async, code=404", (404, {"why": "no"})),
        ("/pets", "handling=strict", (200, [REX, TOM])),
        ("/report", "code=200", (200, REX)),
    ],
)
async def test_a_client_prefers_a_response(
    client: httpx.AsyncClient, path: str, prefer: str, expected: tuple[int, Any]
) -> None:
    response = await client.get(path, headers={"prefer": prefer})
    assert (response.status_code, response.json()) == expected
    assert is_marked(response)


@pytest.mark.parametrize("status", [202, 206, 404, 418])
async def test_a_client_prefers_a_status_of_a_range(tmp_path: Path, status: int) -> None:
    response = await client_of(Mocked(pets(), tmp_path)).get("/pets/1", headers={"prefer": f"code={status}"})
    assert (response.status_code, response.json()) == (status, TOM if status < 300 else {"why": "no"})


async def test_a_range_is_answered_by_its_first_status(tmp_path: Path) -> None:
    response = await client_of(Mocked(pets(), tmp_path)).get("/pets/1")
    assert (response.status_code, response.json()) == (200, TOM)


@pytest.mark.parametrize(
    ("path", "prefer", "detail"),
    [
        ("/report", "code=404", "declares the statuses 200."),
        ("/report", "code=abc", "declares the statuses 200."),
        ("/report", "code=0200", "declares the statuses 200."),
        ("/report", "code=²00", "declares the statuses 200."),
        ("/pets", "code=", None),
        ("/pets", "code=999", "declares the statuses 200, 404, default."),
        ("/pets", "example=three", "examples of this response are: two, none."),
        ("/pets", "code=404, example=two", "examples of this response are: none."),
        ("/riddle", "example=", None),
    ],
)
async def test_a_preference_that_the_contract_does_not_have(
    client: httpx.AsyncClient, path: str, prefer: str, detail: str | None
) -> None:
    """A value that is missing is no preference."""
    response = await client.get(path, headers=[(b"prefer", prefer.encode("latin-1"))])
    if detail is None:
        assert response.status_code in (200, 501)
    else:
        assert response.status_code == 400
        assert response.json()["detail"].endswith(detail)
    assert is_marked(response) == (response.status_code != 400)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ([], 422),
        (["code=404"], 422),
        (["return=minimal"], 200),
        (["return=all", "code=404"], 422),
        (["code=404", "return=minimal"], 404),
        (["return=minimal, code=404"], 404),
    ],
)
async def test_a_contract_may_have_preferences_of_its_own(
    sent: list[str], status: int, tmp_path: Path
) -> None:
    document = pets()
    schema = {"type": "string", "enum": ["return=minimal"]}
    parameter = {"name": "Prefer", "in": "header", "required": True, "schema": schema}
    document["paths"]["/pets/{pet_id}"]["get"].setdefault("parameters", []).append(parameter)
    client = client_of(Mocked(document, tmp_path))
    response = await client.get("/pets/3", headers=[("prefer", each) for each in sent])
    assert response.status_code == status


@pytest.mark.parametrize(
    ("prefer", "applied"),
    [
        (None, None),
        ("respond-async, wait=1", None),
        ("code=404", "code=404"),
        ('delay=1, example="two", code=200', "code=200, example=two, delay=1"),
    ],
)
async def test_what_was_preferred_is_confirmed(
    client: httpx.AsyncClient, prefer: str | None, applied: str | None
) -> None:
    response = await client.get("/pets", headers={"prefer": prefer} if prefer else {})
    assert response.headers.get("preference-applied") == applied


async def test_a_name_that_is_no_token_is_confirmed_in_quotes(tmp_path: Path) -> None:
    document = pets()
    content = document["paths"]["/pets"]["get"]["responses"]["200"]["content"][JSON]
    content["examples"] = {'two "big" pets': {"value": [REX, TOM]}}
    quoted = r'example="two \"big\" pets"'
    response = await client_of(Mocked(document, tmp_path)).get("/pets", headers={"prefer": quoted})
    assert (response.status_code, response.headers["preference-applied"]) == (200, quoted)


async def test_a_client_prefers_to_wait(client: httpx.AsyncClient) -> None:
    begin = time.monotonic()
    assert (await client.get("/pets", headers={"prefer": "delay=300, code=404"})).status_code == 404
    assert 0.3 <= time.monotonic() - begin < 3


@pytest.mark.parametrize("delay", ["-1", "1.5", "60001", "²", "99999999999999", "x"])
async def test_a_delay_that_is_none(client: httpx.AsyncClient, delay: str) -> None:
    response = await client.get("/pets", headers=[(b"prefer", f"delay={delay}".encode("latin-1"))])
    assert (response.status_code, "at most 60000" in response.json()["detail"]) == (400, True)


async def test_a_response_without_a_value_is_501(client: httpx.AsyncClient) -> None:
    response = await client.get("/riddle")
    assert (response.status_code, is_marked(response)) == (501, True)
    assert "a 200 of getRiddle" in response.json()["detail"]
    other = await client.get("/riddle", headers={"prefer": "code=404"})
    assert (other.status_code, other.json()) == (404, {"why": "no"})


async def test_one_requests_preference_is_not_the_next_ones(client: httpx.AsyncClient) -> None:
    assert (await client.get("/pets", headers={"prefer": "code=404"})).status_code == 404
    assert (await client.get("/pets")).status_code == 200


# Bodies --------------------------------------------------------------------------------------------------


async def test_events_are_streamed(client: httpx.AsyncClient) -> None:
    response = await client.get("/feed")
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.text == 'data: {"id":7,"name":"Rex"}\n\ndata: {"id":8,"name":"Tom"}\n\n'
    assert is_marked(response)


async def test_binary_bodies_are_sent_as_they_are(client: httpx.AsyncClient) -> None:
    response = await client.get("/photo")
    assert (response.headers["content-type"], response.content) == ("image/png", PNG.encode())
    assert is_marked(response)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", JSON),
        (JSON, JSON),
        ("application/vnd.pet+json", "application/vnd.pet+json"),
        ("application/json;q=0.1, application/vnd.pet+json", "application/vnd.pet+json"),
    ],
)
async def test_the_media_type_is_what_the_client_accepts(
    client: httpx.AsyncClient, accept: str, expected: str
) -> None:
    response = await client.get("/report", headers={"accept": accept})
    assert (response.status_code, response.headers["content-type"]) == (200, expected)
    assert (response.json(), is_marked(response)) == (REX, True)


async def test_a_media_type_that_is_not_declared_is_rejected(client: httpx.AsyncClient) -> None:
    response = await client.get("/report", headers={"accept": "text/html"})
    assert (response.status_code, is_marked(response)) == (406, False)
