"""Reachability of operations: a value in a path can make it the path of another operation.

`DELETE /users/{id}` with `me` is `DELETE /users/me`, and with `a/b` or `..` it has other segments.
"""

import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from contractgen.fuzz.operations import Operation

_PLACEHOLDER = re.compile(r"(\{[^{}]*\})")


def is_routed(
    everything: Sequence[Operation], operation: Operation, method: str, url: str, base_path: str
) -> bool:
    """Return whether a request is one for the operation: its method, and the path that fits best."""
    if not url:
        return True
    fitting = {each.path for each in _fitting(everything, url, base_path)}
    if method.upper() != operation.method or operation.path not in fitting:
        return False
    return _openness(min(fitting, key=_openness)) == _openness(operation.path)


def methods_at(everything: Sequence[Operation], url: str, base_path: str) -> set[str]:
    """Return the methods of all operations whose path a URL fits."""
    return {each.method for each in _fitting(everything, url, base_path)}


def path_texts(template: str, url: str) -> dict[str, str]:
    """Return the texts in a URL of the path parameters that are alone in their segment, by their names."""
    found: dict[str, str] = {}
    for segment, text in _segments(template, url):
        begin, *middle = _PLACEHOLDER.split(segment)
        end = middle[-1] if middle else ""
        if not (text.startswith(begin) and text.endswith(end) and (middle or text == segment)):
            return {}
        if len(middle) == 2:
            found[middle[0][1:-1]] = text[len(begin) : len(text) - len(end)]
    return found


def is_ambiguous(template: str, url: str) -> bool:
    """Return whether a value has the text that separates it from another one of its segment: `{a}-{b}`."""
    for segment, text in _segments(template, url):
        between = _PLACEHOLDER.split(segment)[2:-1:2]
        if any(each and text.count(each) > segment.count(each) for each in between):
            return True
    return False


def _segments(template: str, url: str) -> list[tuple[str, str]]:
    """Return the segments of a path with those of a URL; none if these are fewer."""
    segments = template.split("/")[1:]
    sent = [unquote(each) for each in urlsplit(url).path.split("/")[-len(segments) :]]
    return list(zip(segments, sent, strict=True)) if len(sent) == len(segments) else []


def _fitting(everything: Sequence[Operation], url: str, base_path: str) -> list[Operation]:
    """Return the operations whose path a URL fits; one that is not UTF-8 fits none."""
    try:
        path = unquote(urlsplit(url).path, errors="strict")
    except UnicodeDecodeError:
        return []
    path = path.removeprefix(unquote(base_path).rstrip("/"))
    return [each for each in everything if _expression(each.path).fullmatch(path)]


def _expression(template: str) -> re.Pattern[str]:
    parts = _PLACEHOLDER.split(template)
    return re.compile("".join("[^/]+" if index % 2 else re.escape(part) for index, part in enumerate(parts)))


def _openness(template: str) -> list[bool]:
    """Order templates as OpenAPI does: literal segments before templated ones, from the left."""
    return ["{" in segment for segment in template.split("/")]
