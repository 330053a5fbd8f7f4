"""Real contracts that nobody here wrote are generated, type-checked, mounted, served, and do as they say."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from contractgen.verify.worker import REPORT

CORPUS = Path(__file__).parents[4] / "shared" / "corpus"
# The long ones first, so that two processes end together.
DOCUMENTS = sorted(
    (path for path in CORPUS.glob("*") if path.suffix in (".json", ".yaml", ".yml")),
    key=lambda path: -path.stat().st_size,
)
if not DOCUMENTS:
    pytest.skip("the corpus of contracts is not beside the project", allow_module_level=True)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("corpus-mypy")


@pytest.mark.parametrize("spec", DOCUMENTS, ids=lambda spec: spec.stem)
def test_a_real_contract_does_what_it_says(spec: Path, tmp_path: Path, cache: Path) -> None:
    worker = [sys.executable, "-m", "contractgen.verify.worker", str(spec), str(tmp_path), str(cache)]
    run = subprocess.run(worker, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    report = json.loads((tmp_path / REPORT).read_bytes())
    assert [f"{each['line']}: {each['message']}" for each in report["findings"]] == []
