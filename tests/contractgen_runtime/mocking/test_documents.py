"""The documentation pages name mocked operations; the contract itself is served as it is."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contractgen.mocked import Mocked, pets

NOTE = "**Mocked: this operation has no handler yet.**"
WRITTEN = "async def get_pet(context, /, *, pet_id): ...\n"


async def documents(mocked: Mocked) -> tuple[Any, Any, str]:
    """The contract that is served, the one that the pages show, and the script that shows it."""
    transport = httpx.ASGITransport(mocked.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        script = (await client.get("/docs/start.js")).text
        shown = json.loads(script.partition("url: ")[2].partition(",\n")[0])
        return (await client.get("/openapi.json")).json(), (await client.get(shown)).json(), shown


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
    served, shown, _ = await documents(mocked)
    assert noted(shown) == set(mocked.mocks.mocked)
    assert "getPet" not in noted(shown)
    assert noted(served) == set()
    description = shown["paths"]["/pets"]["get"]["description"]
    assert description.startswith(NOTE)
    assert description.endswith("\n\nEvery pet.")


async def test_the_contract_itself_is_not_changed(tmp_path: Path) -> None:
    served, shown, _ = await documents(Mocked(pets(), tmp_path, WRITTEN))
    assert served["paths"] == pets()["paths"]
    for item in shown["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict):
                operation.pop("description", None)
    assert shown == served, "nothing else is changed"


@pytest.mark.parametrize("source", ["", WRITTEN])
async def test_an_operation_without_an_operation_id_is_marked(tmp_path: Path, source: str) -> None:
    contract = pets()
    del contract["paths"]["/report"]["get"]["operationId"]
    _, shown, _ = await documents(Mocked(contract, tmp_path, source))
    assert shown["paths"]["/report"]["get"]["description"].startswith(NOTE)


async def test_where_nothing_is_mocked_the_pages_show_the_contract(tmp_path: Path) -> None:
    contract = pets()
    contract["paths"] = {"/pets/{pet_id}": contract["paths"]["/pets/{pet_id}"]}
    del contract["paths"]["/pets/{pet_id}"]["delete"]
    served, shown, address = await documents(Mocked(contract, tmp_path, WRITTEN))
    assert address == "/openapi.json"
    assert served == shown
