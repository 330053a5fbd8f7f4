"""Passwords that many people have, by the list of 30,000 that zxcvbn brings along: no network is asked."""

import re
import unicodedata
from functools import cache

_DIGITS = "0123456789" * 8
_RUNS = (_DIGITS, _DIGITS[::-1], "abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba")
_REPETITION = re.compile(r"(.+?)\1+", re.DOTALL)
_AROUND = re.compile(r"[\W\d_]*(.*?)[\W\d_]*", re.DOTALL)


def is_common(password: str) -> bool:
    """Return whether a password is listed, also between digits and signs, or is a repetition or a run."""
    text = unicodedata.normalize("NFKC", password).casefold()
    if any(text in run for run in _RUNS):
        return True
    repeated = _REPETITION.fullmatch(text)
    if repeated:
        return True
    core = _AROUND.fullmatch(text)
    return text in _listed() or (core is not None and core[1] in _listed())


@cache
def _listed() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415 - 12 MB, in a process that sees passwords

    return frozenset(FREQUENCY_LISTS["passwords"])
