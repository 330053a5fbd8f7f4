"""Every operation of the contract has its handler, its tests and its row in the table of roles."""

import ast
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import pytest
from sqlalchemy import CheckConstraint

from pressroom.limits import POLICIES
from pressroom.schema import metadata
from tests.contract.document import CONTRACT, DOCUMENT, OPERATIONS, handler_of, resolve
from tests.house.project import functions, read, tracked
from tests.operations.test_role_table import ROWS

TAGS = {operation.tag for operation in OPERATIONS.values()}
#: The enumerations that both the contract and the database have.
ENUMERATIONS = {
    "AuditAction": "audit_events_action_check",
    "Role": "users_role_check",
    "NotificationState": "notifications_state_check",
}


def test_only_public_reading_leaves_its_security_to_the_document() -> None:
    """There it is optional, for the sake of one generator of SDKs: forgotten, it would open an operation."""
    written = [each for item in DOCUMENT["paths"].values() for each in item.values() if "operationId" in each]
    silent = {each["operationId"] for each in written if "security" not in each}
    assert silent == {"listPosts", "getPost", "listUserPosts"}


@pytest.mark.parametrize("tag", sorted(TAGS))
def test_handlers_are_the_operations_in_the_order_of_the_contract(tag: str) -> None:
    path = PurePosixPath(f"src/pressroom/{tag}/handlers.py")
    names = [function.name for function in functions(path) if not function.name.startswith("_")]
    assert names == [name for name, operation in OPERATIONS.items() if operation.tag == tag]


def test_there_are_handlers_of_no_other_tag() -> None:
    folders = {path.parent.name for path in tracked() if path.match("src/pressroom/*/handlers.py")}
    assert folders == TAGS


def test_every_operation_has_a_test_file_that_tests_it() -> None:
    expected = {f"tests/operations/test_{operation}.py" for operation in OPERATIONS}
    found = {str(path) for path in tracked() if path.match("tests/operations/test_*.py")}
    assert found - {"tests/operations/test_role_table.py"} == expected
    for path in sorted(expected):
        assert any(function.name.startswith("test_") for function in functions(PurePosixPath(path))), path


def test_every_operation_has_a_row_in_the_table_of_roles() -> None:
    assert {name.partition("/")[0] for name, *_ in ROWS} == set(OPERATIONS)


@pytest.mark.parametrize("schema", ENUMERATIONS)
def test_enumerations_of_the_contract_are_those_of_the_database(schema: str) -> None:
    values = DOCUMENT["components"]["schemas"][schema]["enum"]
    assert set(values) == checked_values()[ENUMERATIONS[schema]]


def test_every_check_of_the_database_is_an_enumeration_of_the_contract() -> None:
    assert checked_values().keys() == set(ENUMERATIONS.values())


def checked_values() -> dict[str, set[str]]:
    return {
        str(constraint.name): set(str(constraint.sqltext).split("'")[1::2])
        for table in metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }


def test_operations_with_rate_limits_declare_429() -> None:
    declared = {name for name, operation in OPERATIONS.items() if 429 in operation.responses}
    assert declared == set(POLICIES)


def test_operations_of_a_policy_have_the_same_quotas() -> None:
    by_name = {policy["policy"]: policy for policy in POLICIES.values()}
    assert [name for name, policy in POLICIES.items() if by_name[policy["policy"]] != policy] == []


def test_what_takes_a_password_or_sends_mail_has_limits() -> None:
    takes = {
        handler_of(operation["operationId"])
        for item in DOCUMENT["paths"].values()
        for operation in item.values()
        if "requestBody" in operation and any("password" in name for name in members(operation))
    }
    sends = {
        function.name
        for tag in TAGS
        for function in functions(PurePosixPath(f"src/pressroom/{tag}/handlers.py"))
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and "enqueue" in node.func.id
    }
    assert {"login", "create_user"} <= takes
    assert {"notify_user", "register_user"} <= sends
    # A session is stolen once, and only who knows the password opens another.
    assert (takes | sends) - set(POLICIES) == {"refresh_session"}


def members(operation: dict[str, Any]) -> set[str]:
    content = resolve(operation["requestBody"])["content"]
    return {name for media in content.values() for name in resolve(media["schema"])["properties"]}


def test_every_request_and_every_answer_has_an_example() -> None:
    contents = [
        (f"{operation['operationId']} {what}", media_type, media)
        for item in DOCUMENT["paths"].values()
        for operation in item.values()
        if "operationId" in operation
        for what, node in [("request", operation.get("requestBody", {})), *operation["responses"].items()]
        for media_type, media in resolve(node).get("content", {}).items()
    ]
    assert len(contents) > 200
    assert [content[:2] for content in contents if not content[2].get("examples")] == []


def test_every_response_has_the_id_of_its_request() -> None:
    declared = [
        (name, status, response.get("headers", {}).get("X-Request-Id"))
        for name, operation in OPERATIONS.items()
        for status, response in operation.responses.items()
    ]
    assert [each for each in declared if not str(each[2]).endswith("#/components/headers/RequestId'}")] == []


def test_links_lead_to_operations() -> None:
    assert {link["operationId"] for link in links(DOCUMENT)} <= set(CONTRACT.operations)


def links(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "links":
                yield from (link for link in value.values() if "$ref" not in link)
            else:
                yield from links(value)


def test_every_test_of_an_operation_goes_through_the_witness() -> None:
    """None makes a client of its own: the one of the fixtures holds every answer against the contract."""
    held = [path for path in tracked() if path.match("tests/operations/*.py")]
    assert len(held) > len(OPERATIONS)
    held.append(PurePosixPath("tests/web/test_requests.py"))
    assert [path for path in held if "AsyncClient(" in read(path)] == []
