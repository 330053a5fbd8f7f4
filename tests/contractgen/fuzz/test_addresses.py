"""Operations that are not at the base URL and their path are left out, or moved there for a mock."""

from pathlib import Path

import pytest

from contractgen.fuzz.addresses import at_one_address, elsewhere, unreachable
from contractgen.fuzz.operations import operations
from tests.contractgen.fuzz.notes import contract
from tests.contractgen.packages import read_document

SERVERS = [{"url": "https://login.example.com/v2"}]


@pytest.mark.parametrize("level", ["path", "operation"])
def test_an_operation_with_servers_of_its_own_is_elsewhere(level: str, tmp_path: Path) -> None:
    document = contract()
    item = document["paths"]["/login"]
    (item if level == "path" else item["post"])["servers"] = SERVERS
    document["servers"] = [{"url": "/v1"}]
    read = read_document(tmp_path, document)
    assert [each.name for each, _ in elsewhere(operations(read))] == ["login"]
    moved = at_one_address(read)
    assert list(elsewhere(operations(moved))) == []
    assert moved.value["servers"] == document["servers"]
    assert [each.name for each, _ in elsewhere(operations(read))] == ["login"]


def test_a_path_with_a_fragment_is_sent_by_nobody(tmp_path: Path) -> None:
    document = contract()
    document["paths"]["/login#again"] = document["paths"].pop("/login")
    read = read_document(tmp_path, document)
    assert [each.label for each, _ in unreachable(operations(read))] == ["POST /login#again"]
