import re
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

from hypothesis import assume, given
from hypothesis import strategies as st

from pressroom.cursors import Cursors

OURS = Cursors(b"kT8vQ2mZr6Lw9XcB4nHs7Yd1Jf5Gp0Ra3Ue")
TIMES = st.datetimes(timezones=st.just(UTC))
MOMENT = datetime(2026, 11, 23, 9, 30, 0, 123457, UTC)
ID = UUID("01939f6e-7b1c-7c2a-9f3e-2f4b6c8d0e1a")


@given(TIMES, st.uuids())
def test_round_trip_is_exact(created_at: datetime, identifier: UUID) -> None:
    text = OURS.encode(created_at, identifier)
    assert re.fullmatch(r"[A-Za-z0-9_-]{48}", text)
    assert OURS.decode(text) == (created_at, identifier)


def test_another_zone_is_the_same_position() -> None:
    east = MOMENT.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert OURS.encode(east, ID) == OURS.encode(MOMENT, ID)


@given(TIMES, st.uuids(), st.integers(0, 47), st.characters())
def test_one_changed_character_is_refused(
    created_at: datetime, identifier: UUID, at: int, character: str
) -> None:
    text = OURS.encode(created_at, identifier)
    assume(text[at] != character)
    assert OURS.decode(text[:at] + character + text[at + 1 :]) is None


@given(st.one_of(st.text(), st.from_regex(r"\A[A-Za-z0-9_-]{48}\Z")))
def test_what_was_not_encoded_here_is_refused(text: str) -> None:
    assert OURS.decode(text) is None


def test_other_shapes_and_other_secrets_are_refused() -> None:
    text = OURS.encode(MOMENT, ID)
    for changed in (text[:-1], text[:-4], text + "A", text + "=", text + "\n", " " + text, "", "\udc80" * 48):
        assert OURS.decode(changed) is None
    assert Cursors(b"another secret").decode(text) is None
