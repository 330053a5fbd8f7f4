"""Real contracts that others wrote: no part of the project, they stand beside the checkout or nowhere."""

from pathlib import Path
from typing import Any

import pytest

from tests.tiers import FULL, sampled

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
#: The long ones first, so that two processes end together.
CONTRACTS = sorted(
    (path for path in CORPUS.glob("*") if path.suffix in (".json", ".yaml", ".yml")),
    key=lambda path: -path.stat().st_size,
)
needs_corpus = pytest.mark.skipif(not CONTRACTS, reason="shared/corpus is not beside the checkout")


def contracts(size: int) -> list[Any]:
    """Return the parameters of a test of the contracts: `size` of the shorter ones, in the full tier all."""
    if not CONTRACTS:
        return [pytest.param(None, id="corpus", marks=needs_corpus)]
    return [pytest.param(path, id=path.stem) for path in sampled(CONTRACTS if FULL else CONTRACTS[6:], size)]
