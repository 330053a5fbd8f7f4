"""The plugin in a project of its own: its settings, its fixture, and what it says at the end."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contractgen_runtime.testing.contracts import CONTRACT
from tests.tiers import slow

SETTINGS = """
[tool.pytest.ini_options]
testpaths = ["tests"]
addopts = [
  "-p", "contractgen_runtime.testing.plugin", "-p", "no:locust", "-p", "no:schemathesis", "-p", "no:typeguard"
]
asyncio_mode = "auto"
contract = "openapi.yaml"
contract_exempt = [
  "* 4XX", "create_order *", "GET /orders* 200", "absolute 200", "delete_order 404", "*_thing *",
  "archive_* *", "list_carts *"
]
"""
TESTS = """
from contractgen_runtime.testing.checker import ContractViolation
from contractgen_runtime.testing.witness import serving
from fastapi import FastAPI, Response
import pytest

app = FastAPI(openapi_url=None)

@app.get("/v1/orders")
async def list_orders(total: str = "1") -> Response:
    return Response("[]", headers={"x-total": total, "content-type": "application/json"})

@app.get("/v1/orders/latest")
async def latest_order() -> Response:
    return Response(status_code=204)

@app.delete("/v1/orders/{id}")
async def delete_order(id: str) -> Response:
    return Response(status_code=204)

async def test_list(checker):
    async with serving(app, checker) as client:
        assert (await client.get("/v1/orders")).status_code == 200
        with pytest.raises(ContractViolation):
            await client.get("/v1/orders?total=x")

async def test_latest(checker):
    async with serving(app, checker) as client:
        await client.get("/v1/orders/latest")
"""
DELETED = """
async def test_delete(checker):
    async with serving(app, checker) as client:
        await client.delete("/v1/orders/1")
"""


def run(folder: Path, tests: str, *arguments: str, settings: str = SETTINGS) -> tuple[int, str]:
    (folder / "tests").mkdir()
    (folder / "pyproject.toml").write_text(settings)
    (folder / "openapi.yaml").write_text(CONTRACT)
    (folder / "tests" / "test_orders.py").write_text(tests)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@slow
@pytest.mark.parametrize("processes", ["0", "2"])
def test_what_no_test_has_seen_fails_a_whole_run(tmp_path: Path, processes: str) -> None:
    code, output = run(tmp_path, TESTS, "-n", processes)
    assert code == 1, output
    assert "declared by the contract, witnessed by no test" in output
    assert [line for line in output.splitlines() if line.startswith(("delete_order", "latest_order"))] == [
        "delete_order 204"
    ]
    assert "list_orders" not in output
    seen = json.loads((tmp_path / ".pytest_cache/v/contract/witnessed").read_text())
    assert "latest_order 204" in seen
    assert "delete_order 204" not in seen
    assert "2 passed" in output


@slow
@pytest.mark.parametrize(("tests", "arguments"), [(TESTS + DELETED, ()), (TESTS, ("-k", "list"))])
def test_a_run_that_has_seen_all_passes_and_so_does_a_part_of_one(
    tmp_path: Path, tests: str, arguments: tuple[str, ...]
) -> None:
    code, output = run(tmp_path, tests, *arguments)
    assert code == 0, output
    assert "witnessed by no test" not in output


@slow
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (SETTINGS.replace("openapi.yaml", "none.yaml"), "none.yaml cannot be read: "),
        (SETTINGS.replace('contract = "openapi.yaml"', ""), "the setting `contract` of pytest names no"),
    ],
)
def test_a_contract_that_is_not_there_is_named(tmp_path: Path, settings: str, message: str) -> None:
    code, output = run(tmp_path, TESTS, settings=settings)
    assert code != 0
    assert message in output
    assert "Traceback" not in output
