"""Tables are drafted from schemas where that is obvious, and a service with a database works on them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contractgen.new.project import create, names_of
from contractgen.new.tables import drafts
from contractgen.plan.planner import make_plan
from tests.contractgen.packages import contract, read_document, write_document
from tests.tiers import slow

ROOT = Path(__file__).parents[3]
STRING = {"type": "string"}
UUID = {"type": "string", "format": "uuid"}


def with_schema(schema: Any, *, as_list: bool = False) -> Any:
    """Return the small contract, whose response carries a schema called Category."""
    document = contract()
    document["components"]["schemas"]["Category"] = schema
    reference = {"$ref": "#/components/schemas/Category"}
    content = document["components"]["responses"]["Thing"]["content"]["application/json"]
    content["schema"] = {"type": "array", "items": reference} if as_list else reference
    return document


def columns(tmp_path: Path, schema: Any, *, as_list: bool = False) -> dict[str, dict[str, str]]:
    """Return the columns of each drafted table, as the migration has them."""
    plan = make_plan(read_document(tmp_path, with_schema(schema, as_list=as_list)))
    return {draft.name: {each.name: each.operation for each in draft.columns} for draft in drafts(plan)}


@pytest.mark.parametrize("as_list", [False, True])
def test_a_resource_that_responses_carry_has_a_table(tmp_path: Path, as_list: bool) -> None:
    schema = {
        "type": "object",
        "required": ["id", "name", "madeAt"],
        "properties": {
            "id": UUID,
            "name": STRING,
            "madeAt": {"type": "string", "format": "date-time"},
            "note": {"type": ["string", "null"]},
            "count": {"type": "integer"},
            "parts": {"type": "array", "items": STRING},
        },
    }
    assert columns(tmp_path, schema, as_list=as_list) == {
        "categories": {
            "id": 'sa.Column("id", sa.Uuid(), nullable=False)',
            "name": 'sa.Column("name", sa.Text(), nullable=False)',
            "made_at": 'sa.Column("made_at", sa.DateTime(timezone=True), nullable=False)',
            "note": 'sa.Column("note", sa.Text(), nullable=True)',
            "count": 'sa.Column("count", sa.BigInteger(), nullable=True)',
        }
    }


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"name": STRING}},
        {"type": "object", "properties": {"id": {"type": "object"}}},
        {"type": "object", "properties": {"id": UUID, "madeAt": STRING, "made_at": STRING}},
        {"type": "string"},
    ],
    ids=["no id", "an id of several values", "two columns of one name", "no object"],
)
def test_what_is_not_obvious_has_no_table(tmp_path: Path, schema: Any) -> None:
    assert columns(tmp_path, schema) == {}


@slow
def test_a_service_with_a_database_is_typed_and_tested(tmp_path: Path, mypy_cache: Path) -> None:
    """Its own tests compare the migrations with the tables in a real PostgreSQL."""
    schema = {"type": "object", "required": ["id", "name"], "properties": {"id": UUID, "name": STRING}}
    folder = tmp_path / "shop"
    spec = write_document(tmp_path, with_schema(schema))
    create(spec, folder, names_of(folder, None), database=True)
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(folder)]),
        "SHOP_STATE_DIR": str(tmp_path / "state"),
    }
    mypy, tests = ["mypy", f"--cache-dir={mypy_cache}"], ["pytest", "-q", "-p", "no:cacheprovider"]
    for command in (mypy, tests):
        run = [sys.executable, "-m", *command]
        done = subprocess.run(run, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
