"""Rules for addresses, log-ins, and the use of refresh tokens."""

from typing import Literal

REPEATABLE = 10.0


def normalised(email: str) -> str:
    """Return the spelling of an address under which it is stored."""
    return email.lower()


def may_log_in(*, is_right: bool, is_active: bool) -> bool:
    """Return whether an account may log in.

    A right password opens an active account; no response says which of the two was missing.
    """
    return is_right and is_active


def judge_use(*, used_for: float | None, is_next_used: bool) -> Literal["first", "repeated", "stolen"]:
    """Classify the use of a refresh token that was first used `used_for` seconds ago, None for never.

    Only the latest use can be repeated, for a short while: a client may have lost the response to it.
    """
    if used_for is None:
        return "first"
    return "repeated" if used_for <= REPEATABLE and not is_next_used else "stolen"
