"""A change of the project's contract shows at once: in `check`, in what is taken, in mypy and in `mount`."""

import copy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

import pressroom_api
from contractgen.commands.cli import main
from contractgen.document.load import load
from tests.contractgen.packages import import_package, write_document
from tests.contractgen.service import Service
from tests.tiers import full_only, slow

ROOT = Path(__file__).parents[3]


@pytest.fixture
def contract() -> Any:
    return copy.deepcopy(load(ROOT / "openapi" / "openapi.yaml").value)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "project" / "pressroom_api"
    package = ROOT / "generated" / "pressroom_api"
    shutil.copytree(package, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@slow
async def test_a_bound_that_grows_by_one(tmp_path: Path, contract: Any, out: Path) -> None:
    async def status(package: Any, length: int) -> int:
        service = Service(package)
        service.answers["create_post"] = package.responses.CreatePost201(_POST, location="/", etag='"1"')
        body = {"title": "x" * length, "content": "x"}
        return (await service.ask("POST", "/api/v1/posts", token="user", json=body)).status

    title = contract["components"]["schemas"]["Title"]
    bound = title["maxLength"]
    assert [await status(pressroom_api, bound), await status(pressroom_api, bound + 1)] == [201, 422]

    title["maxLength"] += 1
    spec = write_document(tmp_path, contract)
    assert main(["check", str(spec), "--out", str(out)]) == 1
    assert main(["generate", str(spec), "--out", str(out)]) == 0
    assert main(["check", str(spec), "--out", str(out)]) == 0

    grown = import_package("generated_with_a_longer_title", out)
    assert [await status(grown, bound + 1), await status(grown, bound + 2)] == [201, 422]


@full_only
def test_an_operation_that_is_added_misses_its_handler(
    tmp_path: Path, contract: Any, out: Path, mypy: Callable[[Path], list[str]]
) -> None:
    """mypy and mount both name it; the handlers are the project's own."""
    copied = copy.deepcopy(contract["paths"]["/livez"]["get"])
    contract["paths"]["/versionz"] = {"get": {**copied, "operationId": "get_version"}}
    spec = write_document(tmp_path, contract)
    assert main(["generate", str(spec), "--out", str(out)]) == 0

    added = import_package("generated_with_an_operation", out)
    service = Service(pressroom_api)
    with pytest.raises(added.operations.HandlerError) as caught:
        added.Api(host=service.host, **service.handlers).mount(FastAPI())
    assert str(caught.value).count(": the handler ") == 1
    assert "the handler get_version is missing" in str(caught.value)
    assert "async def get_version(context: Context, /) -> (" in str(caught.value)

    project = out.parent
    shutil.copytree(
        ROOT / "src" / "pressroom",
        project / "pressroom",
        ignore=shutil.ignore_patterns("__pycache__", "versions"),
    )
    lines = mypy(project)
    assert any('expected "Health[Context]"' in line for line in lines), lines
    assert any("get_version" in line for line in lines), lines
    assert {line.split(":")[0] for line in lines} == {"pressroom/main.py"}, lines


_POST: Any = {
    "id": "01939f6e-7b1c-7c2a-9f3e-2f4b6c8d0e1a",
    "title": "a",
    "content": "a",
    "is_published": True,
    "published_at": "2026-11-23T09:30:00Z",
    "hidden_reason": None,
    "author_id": "01939f6e-7b1c-7c2a-9f3e-2f4b6c8d0e1a",
    "created_at": "2026-11-23T09:30:00Z",
    "updated_at": "2026-11-23T09:30:00Z",
    "version": "00065463c0fa00",
}
