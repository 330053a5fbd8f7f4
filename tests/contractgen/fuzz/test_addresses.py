"""Operations that are not at the base URL and their path are left out, or moved there for a mock."""

from pathlib import Path

import pytest

from contractgen.document.load import Document
from contractgen.fuzz.addresses import at_one_address, elsewhere, unreachable
from contractgen.fuzz.operations import operations
from contractgen.plan.planner import make_plan
from tests.contractgen.fuzz.notes import contract
from tests.contractgen.packages import read_document

SERVERS = [{"url": "https://login.example.com/v2"}]


def left_out(document: Document, base_path: str) -> list[str]:
    return [each.name for each, _ in elsewhere(operations(document), make_plan(document), base_path)]


@pytest.mark.parametrize("level", ["path", "operation"])
def test_an_operation_whose_own_servers_have_another_path_is_elsewhere(level: str, tmp_path: Path) -> None:
    document = contract()
    item = document["paths"]["/login"]
    (item if level == "path" else item["post"])["servers"] = SERVERS
    document["servers"] = [{"url": "/v1"}]
    read = read_document(tmp_path, document)
    assert left_out(read, "/v1") == ["login"]
    assert left_out(read, "/v2") == []
    moved = at_one_address(read)
    assert left_out(moved, "/v1") == []
    assert moved.value["servers"] == document["servers"]
    assert left_out(read, "/v1") == ["login"]


def test_any_path_of_the_servers_will_do(tmp_path: Path) -> None:
    document = contract()
    variable = {"default": "v0", "enum": ["v0", "v1"]}
    servers = [*SERVERS, {"url": "https://example.com/{version}", "variables": {"version": variable}}]
    document["paths"]["/login"]["servers"] = servers
    assert left_out(read_document(tmp_path, document), "/v1") == []


def test_a_path_with_a_fragment_is_sent_by_nobody(tmp_path: Path) -> None:
    document = contract()
    document["paths"]["/login#again"] = document["paths"].pop("/login")
    read = read_document(tmp_path, document)
    assert [each.label for each, _ in unreachable(operations(read))] == ["POST /login#again"]
