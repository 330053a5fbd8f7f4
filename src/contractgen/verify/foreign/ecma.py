"""Regular expressions of ECMA-262 in Python's syntax, and texts that match them."""

import re
from functools import cache
from importlib import import_module
from typing import Any

# Python's own parser of regular expressions, which typeshed does not know.
sre: Any = import_module("re._parser")

_SPACES = r"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_LINES = r"\n\r\u2028\u2029"
_TOKEN = re.compile(r"\\.|\(\?<(?![=!])|\[\^?|\]|.", re.DOTALL)
_OUTSIDE = {
    "$": r"\Z",
    ".": f"[^{_LINES}]",
    r"\s": f"[{_SPACES}]",
    r"\S": f"[^{_SPACES}]",
    "(?<": "(?P<",
}
_OPENS, _CLOSES = ("[", "[^"), "]"
_INSIDE = {r"\s": _SPACES, "[": r"\[", "[^": r"\[^", "&": r"\&", "~": r"\~", "|": r"\|"}
# Escapes that Python lacks, or reads otherwise, and braces of code points.
_UNKNOWN = re.compile(r"\\[pPkcAZQEKRXhHN]|\\u\{|\\u[dD][89a-fA-F]|\(\?[a-zA-Z#>|P]|\[\^?\]|[*+?}]\+")
_LONGEST_REPEAT = 3


@cache
def compiled(pattern: str) -> re.Pattern[str] | None:
    """The regular expression as ECMA-262 means it; None when Python has no equal."""
    if _UNKNOWN.search(pattern):
        return None
    try:
        return re.compile(_translated(pattern), re.ASCII)
    except re.error:
        return None


def _translated(pattern: str) -> str:
    text, is_inside = "", False
    for token in _TOKEN.findall(pattern):
        if not is_inside and token in _OPENS:
            is_inside = True
            text += token
        else:
            text += _INSIDE.get(token, token) if is_inside else _OUTSIDE.get(token, token)
            is_inside = is_inside and token != _CLOSES
    return text


def matching(pattern: str) -> list[str]:
    """Short texts that match, of which one has the least repetitions; none where no guess matches."""
    known = compiled(pattern)
    if known is None:
        return []
    nodes = sre.parse(known.pattern, re.ASCII)
    texts = dict.fromkeys(_all(nodes, more) for more in (0, 1))
    return [text for text in texts if known.search(text)]


def _made(node: Any, more: int) -> str:
    """A text for one node of a parsed regular expression; none for what only looks around."""
    kind, value = node
    text = ""
    match kind:
        case sre.LITERAL:
            text = chr(value)
        case sre.NOT_LITERAL:
            text = "a" if value != ord("a") else "b"
        case sre.IN:
            text = _of_class(value)
        case sre.BRANCH:
            text = _all(value[1][0], more)
        case sre.SUBPATTERN:
            text = _all(value[3], more)
        case sre.MAX_REPEAT | sre.MIN_REPEAT:
            least, most, each = value
            text = _all(each, more) * int(min(least + more, most, least + _LONGEST_REPEAT))
    return text


def _all(nodes: Any, more: int) -> str:
    return "".join(_made(each, more) for each in nodes)


def _of_class(members: Any) -> str:
    kinds = [kind for kind, _ in members]
    if kinds[0] is sre.NEGATE:
        refused = {value for kind, value in members if kind is sre.LITERAL}
        return next(each for each in "a1-_ ~" if ord(each) not in refused)
    kind, value = members[0]
    if kind is sre.CATEGORY:
        return "0" if value is sre.CATEGORY_DIGIT else " " if value is sre.CATEGORY_SPACE else "a"
    return chr(value[0] if kind is sre.RANGE else value)
