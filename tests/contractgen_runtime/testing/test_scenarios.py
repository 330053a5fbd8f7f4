"""The requests that a service's tests send: which there are, and that each finds a wrong application."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from contractgen_runtime.mocking.examples import Examples
from contractgen_runtime.testing.scenarios import Scenario, scenarios
from tests.contractgen.mocked import JSON, Mocked, pets

ABLE, UNABLE = {"bearerAuth": "admin"}, {"bearerAuth": "nobody"}
VALID, NO_CREDENTIALS, NO_ROLES = "a valid request", "401 without credentials", "403 without the roles"
FORM: Any = {"schema": {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}}
UNKNOWN, TYPE = "422 for an unknown parameter", "415 for another media type"
MOCKED = "the mocked "
SYNTAX, LARGE = "400 for a body that is not JSON", "413 for a large body"
#: The scenarios of each operation, as its declaration in the contract gives them.
EXPECTED = {
    "listPets": {VALID, UNKNOWN},
    "createPet": {VALID, NO_CREDENTIALS, NO_ROLES, UNKNOWN, TYPE, SYNTAX, LARGE},
    "getPet": {VALID, UNKNOWN},
    "deletePet": {VALID, NO_CREDENTIALS, NO_ROLES, UNKNOWN},
    "readFeed": {VALID, UNKNOWN},
    "getPhoto": {VALID, UNKNOWN},
    "getReport": {VALID, UNKNOWN},
}


def document() -> Any:
    contract = pets()
    del contract["paths"]["/riddle"]
    contract["paths"]["/pets"]["post"]["requestBody"]["x-max-body-bytes"] = 1000
    return contract


@pytest.fixture
def mocked(tmp_path: Path) -> Mocked:
    return Mocked(document(), tmp_path)


def found(mocked: Mocked, folder: Path, **credentials: Any) -> list[Scenario]:
    """Return the scenarios that a service has with its handlers, too: those of the mock are left out."""
    every = scenarios(mocked.app, Examples.read(folder / "examples.json"), **credentials)
    return [each for each in every if not each.name.startswith(MOCKED)]


async def status(mocked: Mocked, scenario: Scenario) -> int:
    transport = httpx.ASGITransport(mocked.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        return (await client.send(scenario.request(client))).status_code


def named(each: list[Scenario]) -> dict[str, set[str]]:
    names: dict[str, set[str]] = {}
    for scenario in each:
        assert scenario.name not in names.setdefault(scenario.operation_id, set()), "each once"
        names[scenario.operation_id].add(scenario.name)
    return names


def test_every_operation_has_its_scenarios(mocked: Mocked, tmp_path: Path) -> None:
    assert named(found(mocked, tmp_path, credentials=ABLE, without_roles=UNABLE)) == EXPECTED


def test_a_scheme_without_a_credential_has_what_needs_none(mocked: Mocked, tmp_path: Path) -> None:
    names = named(found(mocked, tmp_path))
    secured = {"createPet": {NO_CREDENTIALS}, "deletePet": {NO_CREDENTIALS}}
    assert names == {**EXPECTED, **secured}
    without_guest = named(found(mocked, tmp_path, credentials=ABLE))
    assert without_guest == {name: each - {NO_ROLES} for name, each in EXPECTED.items()}


def test_only_a_mock_without_a_value_may_respond_with_501(tmp_path: Path) -> None:
    every = found(Mocked(pets(), tmp_path), tmp_path, credentials=ABLE)
    lacking = [each.operation_id for each in every if each.name == VALID and 501 in each.statuses]
    assert lacking == ["getRiddle"]


def test_a_rejection_that_no_value_can_describe_is_not_asked_for(tmp_path: Path) -> None:
    contract = document()
    closed = {"type": "object", "additionalProperties": False, "properties": {"code": {"type": "string"}}}
    schema = {"allOf": [closed, {"type": "object", "required": ["errors"]}]}
    content = {"application/json": {"schema": schema}}
    contract["paths"]["/pets"]["post"]["responses"]["400"] = {"description": "", "content": content}
    every = found(Mocked(contract, tmp_path), tmp_path, credentials=ABLE, without_roles=UNABLE)
    assert named(every)["createPet"] == EXPECTED["createPet"] - {SYNTAX}


async def test_a_mock_is_asked_for_each_response_that_it_has(mocked: Mocked, tmp_path: Path) -> None:
    every = scenarios(mocked.app, Examples.read(tmp_path / "examples.json"), credentials=ABLE)
    asked = [each for each in every if each.name.startswith(MOCKED)]
    declared = {
        (operation["operationId"], key)
        for item in document()["paths"].values()
        for operation in item.values()
        if "responses" in operation
        for key in operation["responses"]
    }
    assert {(each.operation_id, each.name.removeprefix(MOCKED)) for each in asked} == declared
    for each in asked:
        assert await status(mocked, each) in each.statuses, str(each)


def test_a_scenario_is_called_by_its_operation(mocked: Mocked, tmp_path: Path) -> None:
    names = list(map(str, found(mocked, tmp_path)))
    assert "createPet: 401 without credentials" in names
    assert len(names) == len(set(names))


async def test_a_right_application_passes_them_all(mocked: Mocked, tmp_path: Path) -> None:
    every = found(mocked, tmp_path, credentials=ABLE, without_roles=UNABLE)
    assert len(every) == sum(map(len, EXPECTED.values()))
    for scenario in every:
        assert await status(mocked, scenario) in scenario.statuses, str(scenario)


async def test_an_action_comes_before_the_deletion_of_its_resource(tmp_path: Path) -> None:
    contract = document()
    item = contract["paths"]["/pets/{pet_id}"]
    purge = {**item["delete"], "operationId": "purgePet"}
    contract["paths"]["/pets/{pet_id}:purge"] = {**item, "delete": purge}
    for each in ("get", "put", "patch"):
        contract["paths"]["/pets/{pet_id}:purge"].pop(each, None)
    mocked = Mocked(contract, tmp_path)
    every = found(mocked, tmp_path, credentials=ABLE, without_roles=UNABLE)
    assert f"purgePet: {VALID}" in map(str, every)
    for scenario in every:
        assert await status(mocked, scenario) in scenario.statuses, str(scenario)


async def test_no_header_of_the_client_is_sent(tmp_path: Path) -> None:
    """The contract declares them as parameters, which no value of httpx fits."""
    contract = document()
    names = ("Accept-Encoding", "User-Agent", "Connection")
    contract["paths"]["/pets"]["get"].setdefault("parameters", []).extend(
        {"name": name, "in": "header", "schema": {"const": "none"}} for name in names
    )
    mocked = Mocked(contract, tmp_path)
    valid = next(each for each in found(mocked, tmp_path) if str(each) == f"listPets: {VALID}")
    assert await status(mocked, valid) in valid.statuses


@pytest.mark.parametrize(
    ("change", "names"),
    [
        # Security that is optional is none that a request can lack.
        (
            lambda post: post.update(security=[{}, {"bearerAuth": ["admin"]}]),
            {VALID, UNKNOWN, TYPE, SYNTAX, LARGE},
        ),
        (lambda post: post.update(security=[{"bearerAuth": []}]), EXPECTED["createPet"] - {NO_ROLES}),
        (lambda post: post.update(security=[]), EXPECTED["createPet"] - {NO_ROLES, NO_CREDENTIALS}),
        (
            lambda post: post.update({"x-strict-query": False}),
            EXPECTED["createPet"] - {UNKNOWN},
        ),
        # Any media type: none is another one.
        (
            lambda post: post["requestBody"]["content"].update({"*/*": {"schema": {}}}),
            EXPECTED["createPet"] - {TYPE},
        ),
        (
            lambda post: post["requestBody"].update(content={"application/x-www-form-urlencoded": FORM}),
            EXPECTED["createPet"] - {SYNTAX},
        ),
        (lambda post: post["requestBody"].pop("x-max-body-bytes"), EXPECTED["createPet"]),
    ],
    ids=["optional", "no roles", "public", "loose", "any type", "form", "default size"],
)
def test_what_the_contract_does_not_demand_is_not_asked_for(
    tmp_path: Path, change: Callable[[Any], None], names: set[str]
) -> None:
    contract = document()
    change(contract["paths"]["/pets"]["post"])
    every = found(Mocked(contract, tmp_path), tmp_path, credentials=ABLE, without_roles=UNABLE)
    assert named(every)["createPet"] == names


# Wrong applications --------------------------------------------------------------------------------------


def tolerant(app: Any, name: str) -> Any:
    """The application with one check taken away, by a request that passes it."""

    async def wrong(scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope.get("headers", ()))
        if name == NO_CREDENTIALS:
            headers.setdefault(b"authorization", b"Bearer admin")
        elif name == NO_ROLES and b"authorization" in headers:
            headers[b"authorization"] = b"Bearer admin"
        elif name == UNKNOWN:
            scope = {**scope, "query_string": b""}
        elif name == TYPE:
            headers[b"content-type"] = JSON.encode()
        body = b'{"id": 1, "name": "Rex"}'
        if name in (SYNTAX, LARGE):
            headers[b"content-length"] = str(len(body)).encode()

        async def valid() -> Any:
            await receive()
            return {"type": "http.request", "body": body, "more_body": False}

        changed = valid if name in (SYNTAX, LARGE) else receive
        await app({**scope, "headers": list(headers.items())}, changed, send)

    return wrong


async def failing(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 500, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize("name", sorted(EXPECTED["createPet"]))
async def test_each_scenario_fails_where_its_check_is_missing(
    mocked: Mocked, tmp_path: Path, name: str
) -> None:
    every = found(mocked, tmp_path, credentials=ABLE, without_roles=UNABLE)
    of_create = [each for each in every if each.operation_id == "createPet"]
    app = mocked.app
    wrong: Any = failing if name == VALID else tolerant(app, name)
    mocked.app = wrong
    failed = {each.name for each in of_create if await status(mocked, each) not in each.statuses}
    assert failed == (EXPECTED["createPet"] if name == VALID else {name} | _implied(name))


def _implied(name: str) -> set[str]:
    """What also fails: a valid body in the place of any other."""
    return {SYNTAX, LARGE} if name in (SYNTAX, LARGE) else set()


async def test_every_operation_is_asked_for_a_valid_response(mocked: Mocked, tmp_path: Path) -> None:
    every = found(mocked, tmp_path, credentials=ABLE, without_roles=UNABLE)
    valid = [each for each in every if each.name == VALID]
    broken: Any = failing
    mocked.app = broken
    assert {each.operation_id for each in valid} == EXPECTED.keys()
    for scenario in valid:
        assert await status(mocked, scenario) not in scenario.statuses
