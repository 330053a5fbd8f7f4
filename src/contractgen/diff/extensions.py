"""Compare the extensions of an operation that change which requests are served, or what is sent."""

from contractgen.diff.changes import Effect, Way
from contractgen.diff.nodes import Pair, Side
from contractgen.document.operations import item_of
from contractgen.schema.inclusion.sources import spelled

_STRICT, _RAW, _LIMIT = "x-strict-query", "x-raw-response", "x-rate-limit"


def compare_extensions(pair: Pair) -> None:
    """Report how the extensions of an operation changed."""
    _compare_strict_query(pair)
    before, after = (value is True for value in pair.get(_RAW))
    if before != after:
        effect = Effect.WIDENED if after else Effect.NARROWED
        what = "any response may be sent" if after else "only declared responses are sent"
        pair.add(Way.RESPONSE.level(effect), f"{_RAW} {_said(before)} -> {_said(after)}: {what}", _RAW)
    _compare_rate_limit(pair)


def _compare_strict_query(pair: Pair) -> None:
    before, after = _is_strict(pair.old), _is_strict(pair.new)
    if before != after:
        what = "rejected" if after else "ignored"
        text = f"{_STRICT} {_said(before)} -> {_said(after)}: unknown query parameters are {what}"
        pair.add("breaking" if after else "compatible", text, _STRICT)


def _is_strict(operation: Side) -> bool:
    """Return whether unknown query parameters are rejected: operation, path item or document decides."""
    owners = (operation.pointer, item_of(operation.pointer), "")
    said = (operation.document.at(owner).get(_STRICT) for owner in owners)
    return next((value for value in said if value is not None), True) is not False


def _compare_rate_limit(pair: Pair) -> None:
    before, after = ((value if isinstance(value, dict) else {}) for value in pair.get(_LIMIT))
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if spelled(old) != spelled(new):
            effect = _effect_of_limit(old, new)
            text = f"{_LIMIT}: {name} {_limit(old)} -> {_limit(new)}"
            pair.add(Way.REQUEST.level(effect), text, _LIMIT)


def _effect_of_limit(old: object, new: object) -> Effect:
    if old is None or new is None:
        return Effect.NARROWED if old is None else Effect.WIDENED
    counts = [_counts(each) for each in (old, new)]
    if counts[0] is None or counts[1] is None:
        return Effect.UNSURE
    (quota, window), (quota_now, window_now) = counts[0], counts[1]
    return Effect.of(
        narrowed=quota_now < quota or window_now > window, widened=quota_now > quota or window_now < window
    )


def _counts(limit: object) -> tuple[float, float] | None:
    """Return the quota of requests and its window in seconds; None if the limit does not have both."""
    if not isinstance(limit, dict):
        return None
    quota, window = limit.get("quota"), limit.get("window")
    if isinstance(quota, int | float) and isinstance(window, int | float):
        return quota, window
    return None


def _limit(limit: object) -> str:
    counts = _counts(limit)
    return "none" if limit is None else f"{counts[0]} in {counts[1]} s" if counts else spelled(limit)


def _said(value: bool) -> str:
    return "true" if value else "false"
