"""The documentation pages name mocked operations; the contract itself is served as it is."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contractgen.mocked import Mocked, pets

NOTE = "**Mocked: this operation has no handler yet.**"
WRITTEN = "async def get_pet(context, /, *, pet_id): ...\n"


async def documents(mocked: Mocked) -> tuple[Any, Any]:
    """The contract that is served, and the one that the pages show."""
    transport = httpx.ASGITransport(mocked.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        return (await client.get("/openapi.json")).json(), (await client.get("/docs/openapi.json")).json()


def noted(document: Any) -> set[str]:
    return {
        operation["operationId"]
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and NOTE in operation.get("description", "")
    }


async def test_the_pages_mark_mocked_operations_alone(tmp_path: Path) -> None:
    contract = pets()
    contract["paths"]["/pets"]["get"]["description"] = "Every pet."
    mocked = Mocked(contract, tmp_path, WRITTEN)
    served, shown = await documents(mocked)
    assert noted(shown) == set(mocked.mocks.mocked)
    assert "getPet" not in noted(shown)
    assert noted(served) == set()
    description = shown["paths"]["/pets"]["get"]["description"]
    assert description.startswith(NOTE)
    assert description.endswith("\n\nEvery pet.")


async def test_operations_of_a_path_that_is_a_reference_are_marked(tmp_path: Path) -> None:
    contract = pets()
    contract["components"]["pathItems"] = {"Pets": contract["paths"]["/pets"]}
    contract["paths"]["/pets"] = {"$ref": "#/components/pathItems/Pets"}
    mocked = Mocked(contract, tmp_path, WRITTEN)
    _, shown = await documents(mocked)
    assert {"listPets"} <= noted(shown) == set(mocked.mocks.mocked)


@pytest.mark.parametrize("source", ["", WRITTEN])
async def test_an_operation_without_an_operation_id_is_marked(tmp_path: Path, source: str) -> None:
    contract = pets()
    del contract["paths"]["/report"]["get"]["operationId"]
    _, shown = await documents(Mocked(contract, tmp_path, source))
    assert shown["paths"]["/report"]["get"]["description"].startswith(NOTE)
