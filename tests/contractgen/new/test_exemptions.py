"""What the tests of a new service need not see: responses to requests that no test can make."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from contractgen_runtime.testing.contract import Contract
from tests.contractgen.new.scaffolds import created, secured


@pytest.mark.parametrize(
    ("schemes", "security"),
    [(["mutual"], [{"mutual": []}]), (["basic", "bearer"], [{"basic": [], "bearer": []}])],
)
def test_an_operation_without_an_id_or_a_credential_needs_no_witness(
    schemes: list[str], security: Any, tmp_path: Path
) -> None:
    """The exemption has the name under which a run looks for the witness: the operationId, else the path."""
    document = secured(*schemes)
    put = document["paths"]["/things/{thing_id}"]["put"]
    put["security"] = security
    del put["operationId"]
    created(document, tmp_path / "shop")
    settings = tomllib.loads((tmp_path / "shop" / "pyproject.toml").read_text())
    exempt = settings["tool"]["pytest"]["ini_options"]["contract_exempt"]
    spec = next((tmp_path / "shop" / "openapi").iterdir())
    assert f"{Contract(spec).methods_of('/things/1')['PUT'].id} *" in exempt
