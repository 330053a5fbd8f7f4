"""The runtime of generated packages: how parameters are read, what problems and headers look like."""

import re
import string
from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contractgen_runtime.converters import Boolean, Choice, Integer, Number, Text, Uuid
from contractgen_runtime.pointers import child, pointer_of, reference_to, tokens
from contractgen_runtime.problems import Refusal, Violation, invalid, violation
from contractgen_runtime.responses import header_value

# Parameters -------------------------------------------------------------------------------------------


def is_taken(read: Callable[[str], object], text: str) -> bool:
    """Return whether a reader takes a text."""
    try:
        read(text)
    except ValueError:
        return False
    return True


BOUND = st.one_of(st.none(), st.integers(-(2**63), 2**63))


@given(st.integers(-(2**63), 2**64), BOUND, BOUND)
def test_an_integer_is_read_within_its_bounds(value: int, minimum: int | None, maximum: int | None) -> None:
    fits = (minimum is None or value >= minimum) and (maximum is None or value <= maximum)
    assert is_taken(Integer(minimum, maximum), str(value)) is fits
    if fits:
        assert Integer(minimum, maximum)(str(value)) == value


@pytest.mark.parametrize("read", [Integer(1, 3), Number(1, 3)])
@pytest.mark.parametrize(("text", "taken"), [("0", False), ("1", True), ("3", True), ("4", False)])
def test_bounds_are_part_of_a_range(read: Callable[[str], object], text: str, taken: bool) -> None:
    assert is_taken(read, text) is taken


@given(st.text() | st.text(alphabet="-+0129_ .e", max_size=6))
def test_only_the_canonical_form_is_an_integer(text: str) -> None:
    assume(len(text) < 19)
    canonical = re.fullmatch(r"-?(0|[1-9][0-9]{0,17})", text, re.ASCII)
    assert is_taken(Integer(), text) is (canonical is not None)
    if canonical:
        assert str(Integer()(text)) == ("0" if text == "-0" else text)


@pytest.mark.parametrize(
    "text", ["", " 1", "1 ", "+1", "01", "1.0", "1e3", "1_000", "٣", "0x1", "--1", "1\n", "9" * 5000]
)
def test_what_is_no_integer(text: str) -> None:
    with pytest.raises(ValueError, match="integer"):
        Integer()(text)


@pytest.mark.parametrize("text", ["True", "FALSE", "1", "0", "yes", "", " true"])
def test_only_the_words_of_json_are_booleans(text: str) -> None:
    assert [Boolean()(word) for word in ("true", "false")] == [True, False]
    assert not is_taken(Boolean(), text)


@given(st.uuids(), st.booleans())
def test_a_uuid_in_either_case(value: UUID, upper: bool) -> None:
    assert Uuid()(str(value).upper() if upper else str(value)) == value


@given(st.uuids(), st.sampled_from(["{%s}", "urn:uuid:%s", "%s\n", " %s", "%s0", "%s "]))
def test_only_the_canonical_form_is_a_uuid(value: UUID, form: str) -> None:
    for text in (form % value, value.hex, str(value)[:-1]):
        with pytest.raises(ValueError, match="UUID"):
            Uuid()(text)


@given(st.text(max_size=12), st.integers(0, 6), st.integers(0, 6))
def test_text_is_counted_in_code_points(text: str, minimum: int, maximum: int) -> None:
    convert = Text(min_length=minimum, max_length=maximum)
    if minimum <= len(text) <= maximum:
        assert convert(text) == text
    else:
        with pytest.raises(ValueError, match=r"at (least|most) \d+ characters"):
            convert(text)


@given(st.text(alphabet=string.printable + "٣é\u2028", max_size=4))
def test_a_pattern_is_ascii_and_ends_at_the_end(text: str) -> None:
    assume(text)
    expected = len(text) == 2 and text[0] in string.ascii_uppercase and text[1] in string.digits
    assert is_taken(Text(pattern=r"^[A-Z]\d$"), text) is expected


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("a", "bab", True),
        ("^a$|^b$", "a\n", False),
        ("^(a|b$)", "b\n", False),
        (r"\$", "$", True),
        (r"\\$", "\\\n", False),
        (r"^\w$", "é", False),
        (r"^[^a]$", "😀", True),
    ],
)
def test_patterns_mean_what_the_contracts_dialect_says(pattern: str, text: str, matches: bool) -> None:
    """ECMA 262: `$` is the end wherever it stands, `\\d` and `\\w` are ASCII, a character is a code point."""
    assert is_taken(Text(pattern=pattern), text) is matches


def test_a_choice_is_exact() -> None:
    convert = Choice(("a", "b"))
    assert convert("a") == "a"
    for text in ("A", "", "a ", "ab"):
        with pytest.raises(ValueError, match="one of a, b"):
            convert(text)


# Problems and headers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "pointer"),
    [((), ""), (("tags", 0), "/tags/0"), (("a/b", "c~d", "~1"), "/a~1b/c~0d/~01"), (("",), "/")],
)
def test_json_pointers(path: tuple[str | int, ...], pointer: str) -> None:
    assert child("", *path) == pointer
    assert tokens(pointer) == [str(name) for name in path]


# RFC 6901, section 6.
FRAGMENTS = [
    ("", "#"),
    ("/foo/0", "#/foo/0"),
    ("/", "#/"),
    ("/a~1b", "#/a~1b"),
    ("/c%d", "#/c%25d"),
    ("/e^f", "#/e%5Ef"),
    ("/g|h", "#/g%7Ch"),
    ("/i\\j", "#/i%5Cj"),
    ('/k"l', "#/k%22l"),
    ("/ ", "#/%20"),
    ("/m~0n", "#/m~0n"),
]


@pytest.mark.parametrize(("pointer", "fragment"), FRAGMENTS)
def test_pointers_in_fragments(pointer: str, fragment: str) -> None:
    assert pointer_of(fragment) == pointer
    assert reference_to(pointer) == fragment


def test_violations_are_cut_to_what_a_problem_takes() -> None:
    found: Violation = violation("body", "/" + "a" * 5000, "b" * 5000)
    assert (len(found["pointer"]), len(found["detail"])) == (1000, 1000)
    status, _, body = invalid([found] * 500).encode()
    assert (status, body.count(b'"pointer"')) == (422, 100)


@pytest.mark.parametrize(("status", "title"), [(413, b"Content Too Large"), (422, b"Unprocessable Content")])
def test_titles_are_those_of_rfc_9110(status: int, title: bytes) -> None:
    assert title in Refusal(status, "x").encode()[2]


@given(st.text(max_size=20))
def test_a_header_is_one_line_or_an_error(value: str) -> None:
    can_be_held = all(ord(character) < 256 and character not in "\r\n\0" for character in value)
    assert is_taken(header_value, value) is can_be_held
    if can_be_held:
        assert header_value(value).decode("latin-1") == value


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: b", "a\n", "\r", "a\0b", "€"])
def test_what_no_header_can_hold(value: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - two kinds, encoding and lines
        header_value(value)
