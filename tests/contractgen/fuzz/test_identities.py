"""Credentials come from options and the environment, log-in operations and their tokens from the contract."""

from pathlib import Path
from typing import Any

import pytest

from contractgen.document.findings import SettingError
from contractgen.document.load import Document
from contractgen.fuzz.credentials import missing, schemes
from contractgen.fuzz.identities import Given, Identification
from contractgen.fuzz.logins import login
from contractgen.fuzz.operations import Operation, operations
from contractgen_runtime.logins import is_login
from tests.contractgen.fuzz.notes import contract
from tests.contractgen.packages import read_document

SCHEMES: dict[str, Any] = {
    "session": {"type": "http", "scheme": "Bearer"},
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "basic": {"type": "http", "scheme": "basic"},
    "oauth": {"type": "oauth2", "flows": {}},
    "digest": {"type": "http", "scheme": "digest"},
}


def secured(folder: Path, security: list[dict[str, Any]]) -> tuple[Any, list[Operation]]:
    document = contract()
    document["security"] = security
    document["components"]["securitySchemes"] = SCHEMES
    read = read_document(folder, document)
    return read, operations(read)


def tables(found: Any) -> dict[tuple[str, ...], Any]:
    return {each.name: each.values for each in found.tables}


def test_each_kind_of_credential_is_given_as_schemathesis_takes_it(tmp_path: Path) -> None:
    document, chosen = secured(tmp_path, [{"session": [], "key": [], "basic": [], "oauth": []}])
    options = ["session=t=1", "key=k", "basic=ann:a:b"]
    identification = Identification(document, chosen, Given(credentials=options))
    found = identification.of_a_service({"CONTRACTGEN_CREDENTIAL_OAUTH": "o"}, "http://localhost", "")
    prefix = "CONTRACTGEN_CREDENTIAL"
    assert found.environment == {
        f"{prefix}_SESSION": "t=1",
        f"{prefix}_KEY": "k",
        f"{prefix}_BASIC_USER": "ann",
        f"{prefix}_BASIC_PASSWORD": "a:b",
        f"{prefix}_OAUTH": "o",
    }
    assert tables(found) == {
        ("auth", "openapi", "session"): {"bearer": f"${{{prefix}_SESSION}}"},
        ("auth", "openapi", "key"): {"api_key": f"${{{prefix}_KEY}}"},
        ("auth", "openapi", "basic"): {
            "username": f"${{{prefix}_BASIC_USER}}",
            "password": f"${{{prefix}_BASIC_PASSWORD}}",
        },
        ("auth", "openapi", "oauth"): {"bearer": f"${{{prefix}_OAUTH}}"},
    }


@pytest.mark.parametrize(
    ("security", "sent"),
    [
        ([{"oauth": []}, {"key": []}], {"key"}),
        ([{"oauth": []}, {"basic": []}, {"session": []}], {"basic", "session", "key"}),
        ([{"oauth": [], "key": []}], {"oauth", "key"}),
        ([{"oauth": []}, {"key": [], "digest": []}], {"oauth"}),
        ([{"oauth": []}, {}], {"oauth"}),
        ([{"oauth": []}], {"oauth"}),
    ],
)
def test_a_token_that_schemathesis_does_not_remove_is_sent_where_it_is_needed(
    security: list[dict[str, Any]], sent: set[str], tmp_path: Path
) -> None:
    document, chosen = secured(tmp_path, security)
    options = [f"{name}=a:b" for name in ("oauth", "key", "basic", "session")]
    identification = Identification(document, chosen, Given(credentials=options))
    found = tables(identification.of_a_service({}, "http://localhost", ""))
    assert ("oauth" in sent) is (("auth", "openapi", "oauth") in found)
    assert {("auth", "openapi", name) for name in sent} <= found.keys()


def test_names_of_schemes_may_have_any_sign(tmp_path: Path) -> None:
    names = ["API Key", "api-key", "a", "a=b"]
    document = contract()
    document["security"] = [{name: [] for name in names}]
    document["components"]["securitySchemes"] = dict.fromkeys(names, SCHEMES["key"])
    read = read_document(tmp_path, document)
    options = [f"{name}={number}=" for number, name in enumerate(names)]
    found = Identification(read, operations(read), Given(credentials=options))
    variables = ["API_KEY", "API_KEY_2", "A", "A_B"]
    prefix = "CONTRACTGEN_CREDENTIAL"
    environment = {f"{prefix}_{name}": f"{number}=" for number, name in enumerate(variables)}
    identities = found.of_a_service({}, "http://localhost", "")
    assert identities.environment == environment
    assert tables(identities) == {
        ("auth", "openapi", name): {"api_key": f"${{{prefix}_{variable}}}"}
        for name, variable in zip(names, variables, strict=True)
    }


@pytest.mark.parametrize(
    ("security", "held", "lacking"),
    [
        ([{"session": []}], [], ["session"]),
        ([{"session": []}], ["session"], []),
        ([{"session": []}, {"key": []}], ["key"], []),
        ([{"session": [], "key": []}, {"oauth": [], "basic": []}], ["key"], ["session"]),
        ([{"session": []}, {}], [], []),
        ([{"digest": []}], [], []),  # schemathesis can send none: a note of its own says so
    ],
)
def test_a_scheme_is_missing_if_no_alternative_is_complete(
    security: list[dict[str, Any]], held: list[str], lacking: list[str], tmp_path: Path
) -> None:
    document, chosen = secured(tmp_path, security)
    lines = list(missing(chosen, schemes(document), held))
    assert [line.partition("scheme '")[2].partition("'")[0] for line in lines] == lacking


def test_the_kinds_that_cannot_be_sent_are_named(tmp_path: Path) -> None:
    document, chosen = secured(tmp_path, [{"digest": []}])
    identification = Identification(document, chosen, Given())
    assert identification.unsendable() == ["digest"]
    found = Identification(document, chosen, Given(credentials=["digest=x"])).of_a_stand_in()
    assert ("digest" in found.held, "x" in found.texts) == (False, False)
    with pytest.raises(SettingError, match="cannot send a credential of the security scheme 'digest'"):
        Identification(
            document, chosen, Given(login="login", account='{"a": "b"}', scheme="digest")
        ).of_a_stand_in()


def test_a_mock_gets_a_credential_for_every_scheme_but_those_that_are_given(tmp_path: Path) -> None:
    document, chosen = secured(tmp_path, [{"session": []}])
    found = Identification(document, chosen, Given(credentials=["key=mine"])).of_a_stand_in()
    assert found.held == {"session", "key", "basic", "oauth"}
    assert found.texts == {"token", "mine", "user:password"}


@pytest.mark.parametrize(
    ("response", "pointer"),
    [
        ({"properties": {"refresh_token": {}, "accessToken": {}}}, "/accessToken"),
        ({"properties": {"data": {"properties": {"jwt": {}}}}}, "/data/jwt"),
        ({"allOf": [{"properties": {"user": {}}}, {"properties": {"token": {}}}]}, "/token"),
        ({"properties": {"a/b": {"properties": {"token": {}}}}}, "/a~1b/token"),
        ({"properties": {"token": {}, "access_token": {}}}, "/access_token"),
        ({"properties": {"refresh_token": {}}}, None),
        ({}, None),
    ],
)
def test_the_token_of_a_log_in_is_found_by_its_name(
    response: dict[str, Any], pointer: str | None, tmp_path: Path
) -> None:
    document = contract()
    document["components"]["schemas"]["Session"] = response
    read = read_document(tmp_path, document)
    (operation,) = (each for each in operations(read) if each.operation_id == "login")
    assert is_login(read.value, operation.path, operation.node) is (pointer is not None)
    if pointer is None:
        with pytest.raises(SettingError, match="give --token"):
            login(operation, schemes(read)["session"])
    else:
        assert login(operation, schemes(read)["session"]).token == pointer


def test_only_what_takes_a_password_is_a_log_in(tmp_path: Path) -> None:
    document = contract()
    del document["components"]["schemas"]["Account"]["properties"]["password"]
    assert names_of_logins(read_document(tmp_path, contract())) == ["login"]
    assert names_of_logins(read_document(tmp_path, document)) == []


def names_of_logins(document: Document) -> list[str]:
    found = operations(document)
    return [each.name for each in found if is_login(document.value, each.path, each.node)]


def test_the_scheme_of_a_log_in_must_be_clear(tmp_path: Path) -> None:
    document, chosen = secured(tmp_path, [{"session": [], "key": []}])
    options = Given(login="login", account='{"username": "ann"}')
    with pytest.raises(SettingError, match="Give --scheme; possible: key, session"):
        Identification(document, chosen, options).of_a_service({}, "http://localhost", "")
    options = Given(["key=k"], login="login", account='{"username": "ann"}')
    found = Identification(document, chosen, options).of_a_service({}, "http://localhost", "")
    assert [name for name, _ in tables(found).items()] == [
        ("auth", "openapi", "key"),
        ("auth", "dynamic", "openapi", "session"),
    ]
