"""Real contracts that nobody here wrote are generated, type-checked, mounted, served, and do as they say."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from contractgen.plan.skips import Skip
from contractgen.verify.worker import REPORT
from tests.contractgen.corpus import contracts
from tests.tiers import slow

pytestmark = slow


@pytest.mark.parametrize("spec", contracts(3))
def test_a_real_contract_does_what_it_says(spec: Path, tmp_path: Path, mypy_cache: Path) -> None:
    worker = [sys.executable, "-m", "contractgen.verify.worker", str(spec), str(tmp_path)]
    worker += [json.dumps(asdict(Skip())), str(mypy_cache)]
    run = subprocess.run(worker, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    report = json.loads((tmp_path / REPORT).read_bytes())
    assert [f"{each['line']}: {each['message']}" for each in report["findings"]] == []
