"""How deep a run of the suite goes.

- `make check` leaves out the tests that are marked `slow`.
- `make test` runs every test; long tests run with a sample of their cases.
- `make test-full` sets CONTRACTGEN_FULL=1: every test runs with all its cases.
"""

import os
from collections.abc import Sequence
from typing import TypeVar

import pytest

FULL = os.environ.get("CONTRACTGEN_FULL", "") == "1"
full_only = pytest.mark.skipif(not FULL, reason="runs in `make test-full` (CONTRACTGEN_FULL=1)")
slow = pytest.mark.slow

T = TypeVar("T")


def sampled(cases: Sequence[T], size: int) -> list[T]:
    """Return `size` of the cases, evenly spread and the same in every run; in the full tier all of them."""
    if FULL or size >= len(cases):
        return list(cases)
    return [cases[index * len(cases) // size] for index in range(size)]


def amount(some: int, *, full: int) -> int:
    """Return how many random cases a test makes: `some`, or `full` in the full tier."""
    return full if FULL else some
