from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pressroom.etags import etag_of, is_known, versions

TIMES = st.datetimes(datetime(1970, 1, 1), datetime(4000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds have no zone
NOW = datetime(2026, 11, 23, 9, 30, 0, 123457, UTC)


def version(moment: datetime) -> str:
    """As PostgreSQL makes it."""
    return f"{(moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1):014x}"


@given(TIMES)
def test_a_tag_names_its_version(moment: datetime) -> None:
    assert versions(etag_of(version(moment))) == [moment]


def test_if_match_takes_strong_tags_of_ours() -> None:
    tag = etag_of(version(NOW))
    assert versions("*") is None
    assert versions(f'"other", W/"x",{tag} , {tag}') == [NOW, NOW]
    for foreign in (f"W/{tag}", '"*"', '""', tag.upper().replace("A", "G"), f'"{tag[2:]}', f'"0{tag[1:]}'):
        assert versions(foreign) == [], foreign


def test_if_none_match_takes_weak_tags_too() -> None:
    tag = etag_of(version(NOW))
    for known in (tag, f"W/{tag}", f'"1", {tag}', "*"):
        assert is_known(known, tag), known
    for unknown in (None, '"1"', etag_of(version(NOW + timedelta(seconds=1))), f'"{tag[2:]}', f'"0{tag[1:]}'):
        assert not is_known(unknown, tag), unknown
