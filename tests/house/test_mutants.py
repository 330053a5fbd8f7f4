"""The mutants of `make mutants` still stand in the code, and their tests exist."""

from tests.house.project import ROOT
from tests.mutants.run import MUTANTS


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 230


def test_every_mutant_can_be_planted() -> None:
    stale = [f"{mutant.name}: {mutant.file}" for mutant in MUTANTS if not mutant.applies(ROOT)]
    assert stale == [], "the text to replace must stand once in the file: mend the entry in tests/mutants/"


def test_the_tests_of_every_mutant_exist() -> None:
    tests = {test.partition("::")[0] for mutant in MUTANTS for test in mutant.tests}
    assert tests
    assert [test for test in sorted(tests) if not (ROOT / test).is_file()] == []
