"""`contractgen fuzz`, every check on, against mocks: it finds nothing but what lint has said of the contract.

FUZZ_MOCK_EXAMPLES sets the examples for each operation; the full tier adds the contracts that take minutes.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.contract.document import CONTRACT
from tests.contractgen.corpus import CORPUS, needs_corpus
from tests.tiers import sampled, slow

EXAMPLES = os.environ.get("FUZZ_MOCK_EXAMPLES", "1")
OWN = Path(__file__).parents[3] / "openapi" / "openapi.yaml"
QUICK = ("museum.yaml", "train-travel.yaml", "swagger-petstore.yaml")
LONG = ("spotify.yml", "adyen-checkout.json")
NAMES = sampled(QUICK + LONG, 1)


@slow
def test_the_projects_own_contract() -> None:
    operations = sampled(sorted(CONTRACT.operations), 4)
    assert fuzz(OWN, operations) == len(operations)


@pytest.mark.parametrize("name", NAMES)
@needs_corpus
@slow
def test_a_contract_that_others_wrote(name: str) -> None:
    assert fuzz(CORPUS / name) > 0


def fuzz(spec: Path, operations: Iterable[str] = ()) -> int:
    """Return how many operations were tested, all of them if none is named."""
    command = [sys.executable, "-m", "contractgen", "fuzz", str(spec), "--json", "--examples", EXAMPLES]
    command += [f"--operation={each}" for each in operations]
    done = subprocess.run(command, capture_output=True, text=True, timeout=3000, check=False)
    assert done.stdout, done.stderr[-5000:]
    report = json.loads(done.stdout)
    assert (done.returncode, report["findings"]) == (0, []), done.stderr[-5000:]
    tested: int = report["operations"]
    return tested
