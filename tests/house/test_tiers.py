"""Samples are what they say: fixed, spread, and everything in the full tier."""

import re
from pathlib import PurePosixPath

import pytest

from tests import tiers
from tests.house.project import ROOT, read

CASES = list(range(10))


@pytest.mark.parametrize(
    ("size", "sample"), [(1, [0]), (3, [0, 3, 6]), (5, [0, 2, 4, 6, 8]), (10, CASES), (99, CASES)]
)
def test_a_sample_is_spread_over_all_cases(
    monkeypatch: pytest.MonkeyPatch, size: int, sample: list[int]
) -> None:
    monkeypatch.setattr(tiers, "FULL", False)
    assert tiers.sampled(CASES, size) == sample


def test_the_full_tier_has_every_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiers, "FULL", True)
    assert tiers.sampled(CASES, 1) == CASES
    assert tiers.amount(1, full=5000) == 5000


def test_every_tier_runs_what_the_smaller_one_runs() -> None:
    makefile = read("Makefile")
    recipes = dict(re.findall(r"^([a-z-]+):[^=\n]*##[^\n]*\n((?:\t.*\n)+)", makefile, re.MULTILINE))
    assert "-m 'not slow'" in recipes["check"]
    assert "not slow" not in recipes["test"] + recipes["test-full"]
    assert "CONTRACTGEN_FULL=1" in recipes["test-full"]
    for tier in ("check", "test", "test-full"):
        assert re.search(rf"^{tier}: quick\b", makefile, re.MULTILINE), tier


def test_paths_of_tests_in_the_makefile_exist() -> None:
    paths = set(re.findall(r"\btests/[\w/.]+", read("Makefile")))
    assert PurePosixPath("tests/contract/test_fuzz.py") in map(PurePosixPath, paths)
    assert [path for path in paths if not (ROOT / path).exists()] == []
