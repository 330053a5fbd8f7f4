import pytest

from pressroom.auth.rules import judge_use, may_log_in


@pytest.mark.parametrize("is_next_used", [False, True])
def test_the_first_use_of_a_refresh_token(is_next_used: bool) -> None:
    assert judge_use(used_for=None, is_next_used=is_next_used) == "first"


@pytest.mark.parametrize(
    ("used_for", "is_next_used", "use"),
    [
        (-0.1, False, "repeated"),  # the one before us has begun after us
        (0.0, False, "repeated"),
        (10.0, False, "repeated"),
        (10.001, False, "stolen"),
        (0.0, True, "stolen"),  # no longer the latest
        (3600.0, True, "stolen"),
    ],
)
def test_another_use(used_for: float, is_next_used: bool, use: str) -> None:
    assert judge_use(used_for=used_for, is_next_used=is_next_used) == use


def test_who_may_log_in() -> None:
    assert may_log_in(is_right=True, is_active=True)
    assert not may_log_in(is_right=True, is_active=False)
    assert not may_log_in(is_right=False, is_active=True)
