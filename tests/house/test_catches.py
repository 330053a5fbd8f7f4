"""A catch of an error that faults of our own code raise too states its reason on its line."""

import pytest

from tests.house.catches import unexplained
from tests.house.project import python_files, read


def test_every_catch_of_an_error_that_faults_raise_states_its_reason() -> None:
    found = [f"{path}:{line}" for path in python_files("src/contractgen") for line in unexplained(read(path))]
    assert found == [], "check the value instead, or state the reason in a comment on the line"


@pytest.mark.parametrize("caught", ["LookupError", "(ValueError, TypeError)", "KeyError as error", ""])
def test_a_catch_without_a_reason_is_found(caught: str) -> None:
    plain = f"try:\n    pass\nexcept {caught}:\n    pass\n"
    assert list(unexplained(plain)) == [3]
    assert list(unexplained(plain.replace(":\n    pass\n", ":  # since\n    pass\n"))) == []


def test_a_suppressed_error_is_a_catch() -> None:
    assert list(unexplained("with suppress(KeyError):\n    pass\n")) == [1]
    assert list(unexplained("with suppress(OSError):\n    pass\n")) == []
