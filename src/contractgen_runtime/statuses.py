"""The statuses that a key of a contract's `responses` covers."""

from collections.abc import Collection

# Every status of a final response in the registry of RFC 9110.
FINAL = (
    *(*range(200, 209), 226, *range(300, 306), 307, 308, *range(400, 419), *range(421, 427), 428, 429, 431),
    *(451, *range(500, 509), 510, 511),
)
# Statuses of responses without a body.
BODILESS = frozenset({204, 205, 304})


def statuses_of(key: str, keys: Collection[str]) -> tuple[int, ...]:
    """Return the statuses that `404`, `4XX` or `default` covers beside the other keys of its operation.

    A range excludes the statuses that are keys themselves, `default` also the ranges.
    """
    if key.isdecimal():
        return (int(key),)
    exact = {int(other) for other in keys if other.isdecimal()}
    ranges = {int(other[0]) for other in keys if other.endswith("XX")}
    hundreds = {2, 3, 4, 5} - ranges if key == "default" else {int(key[0])}
    return tuple(status for status in FINAL if status not in exact and status // 100 in hundreds)
