"""Regular expressions that repeat one character too often for engines: what they say of the length."""

import re

from contractgen.schema.walk import Schema

# What matches one character.
_ONE = (
    r"(?:\\[dDwWsStnrfv]|\\[pP]\{[^{}]+\}|\\x[0-9a-fA-F]{2}|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4}|\\u\{[0-9a-fA-F]+\}"
    r"|\\[^0-9A-Za-z]|\[(?:\\.|[^\]\\])*\]|[^\\^$.|?*+()\[\]{}]|\.)"
)
_EACH = re.compile(_ONE, re.DOTALL)
_REPEATED = re.compile(
    rf"\^(?P<before>(?:{_ONE})*)(?P<one>{_ONE})\{{(?P<low>[0-9]+)(?P<more>,(?P<high>[0-9]*))?\}}"
    rf"(?P<after>(?:{_ONE})*)\$",
    re.DOTALL,
)
_MOST_DIGITS = 15


def with_lengths(schema: Schema, pattern: str) -> str | None:
    """Return a smaller expression, and bound the length of the schema so that both say the same, or None.

    `^0x[0-9a-f]{262144}$` is `^0x[0-9a-f]*$` with a length of 262146.
    """
    found = _REPEATED.fullmatch(pattern)
    if found is None or max(len(found["low"]), len(found["high"] or "")) > _MOST_DIGITS:
        return None
    others = len(_EACH.findall(found["before"])) + len(_EACH.findall(found["after"]))
    low = int(found["low"])
    high = int(found["high"]) if found["high"] else None if found["more"] else low
    if high is not None and high < low:
        return None
    schema["minLength"] = max(schema.get("minLength", 0), low + others)
    if high is not None:
        schema["maxLength"] = min(schema.get("maxLength", high + others), high + others)
    return f"^{found['before']}{found['one']}*{found['after']}$"
