import re
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

from hypothesis import assume, given
from hypothesis import strategies as st

from pressroom.cursors import Cursors

OURS = Cursors([b"kT8vQ2mZr6Lw9XcB4nHs7Yd1Jf5Gp0Ra3Ue"])
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


@given(TIMES, st.uuids(), st.lists(st.one_of(st.none(), st.text(), st.uuids())))
def test_a_cursor_is_good_for_one_query(moment: datetime, identifier: UUID, query: list[object]) -> None:
    text = OURS.encode(moment, identifier, *query)
    assert OURS.decode(text, *query) == (moment, identifier)
    for other in ([*query, None], ["", *query], [(*query,)], query[1:] if query else ["x"]):
        assert OURS.decode(text, *other) is None


def test_the_next_page_begins_behind_the_last_row_of_this_one() -> None:
    rows = [{"at": MOMENT, "id": UUID(int=number)} for number in range(3)]
    assert OURS.after(rows, 2, "at", "query") == OURS.encode(MOMENT, UUID(int=1), "query")
    assert OURS.after(rows, 3, "at", "query") is None
    assert OURS.after([], 1, "at") is None


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
    assert Cursors([b"another secret"]).decode(text) is None
