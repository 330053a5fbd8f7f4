"""The mock writes texts for regular expressions, and a foreign validator finds that they match."""

import jsonschema_rs
import pytest

from contractgen.mock.scalars import strings_for
from contractgen.schema.pattern_texts import PatternError, matching
from contractgen.schema.patterns import portable

PATTERNS = [
    r"^[A-Z]{2}-\d{4}$",
    r"^(?:\+?1)?[2-9]\d{9}$",
    r"^\p{L}+$",
    r"^(?=.*[A-Z])(?=.*\d)[A-Za-z\d]{8,}$",
    r"^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[@$!%*?&]).{8,}$",
    r"^([a-z])\1$",
    r"^(x|y)-(\d)-\1\2$",
    r"^.\s\w\D$",
    r"^(?:a|bcd){2,3}$",
]
# What must not follow is not read: some characters are tried, and at least these parts of them match.
NEGATIVE = {r"^(?!0)\d{4}$": 0.8, r"^(?!a)b?[a-z]{3}$": 0.8}


def matches(pattern: str, texts: list[str]) -> float:
    """The part of some texts that a pattern matches."""
    validator = jsonschema_rs.Draft202012Validator({"pattern": pattern})
    return sum(map(validator.is_valid, texts)) / len(texts)


@pytest.mark.parametrize("pattern", [*PATTERNS, *NEGATIVE])
def test_texts_of_every_length_and_of_other_characters_match(pattern: str) -> None:
    """As the contract has it, and as the normal form of its schemas does."""
    for written in (pattern, portable(pattern)):
        texts = [matching(written, length, shift) for length in (1, 4, 8, 20) for shift in range(10)]
        assert len(set(texts)) > 1
        assert matches(pattern, texts) >= NEGATIVE.get(pattern, 1)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_first_text_for_a_schema_matches(pattern: str) -> None:
    assert matches(pattern, [next(strings_for({"pattern": pattern}))]) == 1


@pytest.mark.parametrize(("low", "high"), [(0, 3), (5, 5), (12, 20)])
def test_a_text_keeps_to_the_bounds_of_its_length(low: int, high: int) -> None:
    pattern = "^[a-z]+-[0-9]*$"
    text = next(strings_for({"pattern": pattern, "minLength": low, "maxLength": high}))
    assert low <= len(text) <= high
    assert matches(pattern, [text]) == 1


@pytest.mark.parametrize("pattern", ["(a", "[^\\s\\S]", r"\1(a)", r"(a\1)", "a)"])
def test_a_pattern_that_no_text_is_made_for(pattern: str) -> None:
    with pytest.raises(PatternError):
        matching(pattern, 4)
