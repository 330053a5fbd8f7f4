"""Write the changes between two contracts as a section of a changelog in Markdown, grouped by operation."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from contractgen.diff.changes import Change
from contractgen.diff.reach import users
from contractgen.document.grammar import SECTIONS
from contractgen.document.load import Document
from contractgen_runtime.pointers import child, tokens

_INFO = "/info"
_HEADINGS = ("Breaking", "Added", "Changed")
# So many operations that use a component are named.
_NAMED = 5
_KINDS = {section: kind for kind, section in SECTIONS.items()}
_SPECIAL = re.compile(r"[\\`*<\[\]|~]|(?<!\w)_|_(?!\w)")
# Where a change stands: the rank of its kind, its name, and the pointer of the whole.
Group = tuple[int, str, str]


def changelog(old: Document, new: Document, changes: Iterable[Change]) -> str:
    """Return the section of the new version; it does not depend on where things stand in the documents."""
    used = _used(old, new)
    groups: dict[str, dict[Group, set[str]]] = {heading: {} for heading in _HEADINGS}
    for change in changes:
        if change.pointer == _INFO and _info(old) == _info(new):
            continue  # the heading says that the version changed
        group = _group(change.pointer)
        place = change.pointer.removeprefix(group[2])
        line = _escaped(change.message) + (f" (`{place}`)" if place else "")
        groups[_heading(change)].setdefault(group, set()).add(line)
    lines = [f"## {_escaped(str(new.value['info'].get('version', '')))}", ""]
    for heading, found in groups.items():
        lines += [f"### {heading}", "", *_listed(found, used), ""] if found else []
    return "\n".join(lines if any(groups.values()) else [*lines, "Nothing changed.", ""])


def _info(document: Document) -> dict[str, Any]:
    return {**document.value["info"], "version": ""}


def _heading(change: Change) -> str:
    if change.level == "breaking":
        return "Breaking"
    return "Added" if change.is_addition else "Changed"


def _listed(found: dict[Group, set[str]], used: dict[str, list[str]]) -> Iterator[str]:
    for group in sorted(found):
        _, name, pointer = group
        yield f"- **{_escaped(name)}**{_users(used.get(pointer, ()))}"
        yield from (f"    - {line}" for line in sorted(found[group]))


def _users(titles: Sequence[str]) -> str:
    """Return which operations use a component."""
    if not titles:
        return ""
    more = f" and {len(titles) - _NAMED} more" if len(titles) > _NAMED else ""
    return f", used by {', '.join(map(_escaped, titles[:_NAMED]))}{more}"


def _used(old: Document, new: Document) -> dict[str, list[str]]:
    """Return the operations that use a component, before or now, by its pointer."""
    titles: dict[str, set[str]] = {}
    for document in (old, new):
        for (section, name), found in users(document).items():
            titles.setdefault(child("/components", section, name), set()).update(found)
    return {pointer: sorted(found) for pointer, found in titles.items()}


def _group(pointer: str) -> Group:
    """Return the operation, path, component or other part of the document that a pointer leads into."""
    match tokens(pointer):
        case ["paths", path, "additionalOperations", method, *_]:
            return 0, f"{method} {path}", child("/paths", path, "additionalOperations", method)
        case ["paths", path, method, *_] if method not in ("parameters", "servers"):
            return 0, f"{method.upper()} {path}", child("/paths", path, method)
        case ["paths", path, *_]:
            return 0, path, child("/paths", path)
        case ["webhooks", name, *_]:
            return 1, f"Webhook {name}", child("/webhooks", name)
        case ["components", section, name, *_]:
            return (
                2,
                f"{_KINDS.get(section, section).capitalize()} {name}",
                child("/components", section, name),
            )
    return 3, "The contract", ""


def _escaped(text: str) -> str:
    """Return a text of one line in which nothing is Markdown."""
    return _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))
