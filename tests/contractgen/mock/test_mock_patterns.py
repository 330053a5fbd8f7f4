"""The mock writes texts for regular expressions, and a validator finds that they match."""

from itertools import islice

import jsonschema_rs
import pytest

from contractgen.mock.patterns import PatternError, matching
from contractgen.mock.values import _strings

PATTERNS = [
    r"^[A-Z]{2}-\d{4}$",
    r"^(?:\+?1)?[2-9]\d{9}$",
    r"^\p{L}+$",
    r"^(?=.*[A-Z])(?=.*\d)[A-Za-z\d]{8,}$",
    r"^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[@$!%*?&]).{8,}$",
    r"^(?!0)\d{4}$",
    r"^(?!a)b?[a-z]{3}$",
    r"^([a-z])\1$",
    r"^(x|y)-(\d)-\1\2$",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_text_for_a_pattern(pattern: str) -> None:
    validator = jsonschema_rs.Draft202012Validator({"pattern": pattern})
    assert any(map(validator.is_valid, islice(_strings({"pattern": pattern}), 100)))


@pytest.mark.parametrize("pattern", ["(a", "[^\\s\\S]", r"\1(a)", r"(a\1)", "a)"])
def test_a_pattern_that_no_text_is_made_for(pattern: str) -> None:
    with pytest.raises(PatternError):
        matching(pattern, 4)
