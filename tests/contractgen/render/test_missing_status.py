"""A required header may have a status of its own for requests without it: `x-missing-status`."""

from pathlib import Path
from typing import Any

import pytest

from contractgen.document.findings import ContractError
from contractgen.lint.linter import lint
from contractgen.render.package import render
from tests.contractgen.packages import contract, import_package, read_document, write_package
from tests.contractgen.service import Service

THING = "/things/00000000-0000-4000-8000-000000000000"
CONDITION = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "x-missing-status": 428,
    "schema": {"type": "string", "maxLength": 10},
}


def conditional(**changes: Any) -> Any:
    document = contract()
    get = document["paths"]["/things/{thing_id}"]["get"]
    get["parameters"].append({name: value for name, value in (CONDITION | changes).items() if value != ""})
    return document


async def test_what_is_missing_or_invalid(tmp_path: Path) -> None:
    document = conditional()
    document["paths"]["/things/{thing_id}"]["get"]["responses"]["428"] = {"description": "No version."}
    service = Service(
        import_package("missing", write_package(read_document(tmp_path, document), tmp_path / "m"))
    )
    missing = await service.ask("GET", THING)
    assert (missing.status, missing.json["detail"]) == (428, "The header If-Match is required.")
    for path, headers in ((THING, [("if-match", "x" * 11)]), ("/things/1", [])):
        assert (await service.ask("GET", path, headers=headers)).status == 422


@pytest.mark.parametrize(
    "changes", [{"x-missing-status": 500}, {"x-missing-status": "428"}, {"required": False}, {"in": "query"}]
)
def test_a_status_that_means_nothing_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(ContractError, match=r"x-missing-status needs|is not a status from 400"):
        render(read_document(tmp_path, conditional(**changes)))


@pytest.mark.parametrize("status", [428, 412])
def test_the_status_must_be_declared(tmp_path: Path, status: int) -> None:
    messages = [
        str(each) for each in lint(read_document(tmp_path, conditional(**{"x-missing-status": status})))
    ]
    assert any(f"response {status} is not declared" in each for each in messages)
