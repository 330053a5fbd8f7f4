"""Changes that a request makes to an item: merged, replaced, or the effect of an action."""

from typing import Any

from contractgen.mock.resources import Part, plain
from contractgen.mock.shapes import Item

# Shorter texts are within others by chance.
_LEAST = 3


def changes_of(part: Part, item: Item, body: Item) -> tuple[Item, frozenset[str]]:
    """Return what a request changes of an item, and the properties that it removes."""
    key, shape = part.resource.key, part.resource.shape
    changes = {name: value for name, value in body.items() if name != key}
    if part.operation.method == "PUT" and part.role == "change":
        return whole_of(part, changes)
    if part.role == "act":
        return _effect(part) | changes, frozenset()
    changes = {name: _merged(item.get(name), value) for name, value in changes.items()}
    removed = {
        name for name, value in changes.items() if value is None and not shape.admits({**item, name: None})
    }
    return {name: value for name, value in changes.items() if name not in removed}, frozenset(removed)


def whole_of(part: Part, body: Item) -> tuple[Item, frozenset[str]]:
    """Return all that a request gives of an item, defaults included, and what it leaves out."""
    absent = {name: default for name, default in part.given.items() if name not in body}
    given = {name: default[0] for name, default in absent.items() if default} | body
    return given, frozenset(absent) - given.keys() - {part.resource.key}


def echoed(before: Item, after: Item, given: Item) -> Item:
    """Return the texts that a service composes of what was given, as `display_name` of `full_name`."""
    pairs = [(before.get(name), after.get(name)) for name in given if before.get(name) != after.get(name)]
    texts = [(old, new) for old, new in pairs if isinstance(old, str) and isinstance(new, str)]
    composed = {name: value for name, value in after.items() if isinstance(value, str) and name not in given}
    for old, new in (pair for pair in texts if len(pair[0]) >= _LEAST):
        composed = {name: value.replace(old, new) for name, value in composed.items()}
    return composed


def _effect(part: Part) -> Item:
    """Return the changes by an action: where its example differs from that of a read, or what its name says.

    `/posts/{id}/publish` sets `is_published` and `published_at` as its example has them.
    """
    before = part.resource.shape.carried
    after = part.shape.carried if part.shape else before
    word = plain(part.operation.path.rpartition("/")[2])
    return {
        name: value
        for name, value in after.items()
        if name != part.resource.key and (value != before.get(name) or (word and word in plain(name)))
    }


def _merged(value: Any, patch: Any) -> Any:
    """Return a value with a patch of RFC 7396 applied."""
    if not isinstance(patch, dict):
        return patch
    whole = value if isinstance(value, dict) else {}
    changed = {name: _merged(whole.get(name), each) for name, each in patch.items() if each is not None}
    return {name: each for name, each in whole.items() if name not in patch} | changed
