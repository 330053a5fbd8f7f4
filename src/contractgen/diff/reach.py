"""Find the components that no operation, webhook or callback reaches."""

from typing import Any

from contractgen.document.grammar import SECTIONS, objects
from contractgen.document.load import Document
from contractgen.document.operations import operations_of
from contractgen_runtime.pointers import pointer_of, tokens

_KINDS = {section: kind for kind, section in SECTIONS.items() if kind != "security scheme"}
_KINDS["pathItems"] = "path item"


def unreached(document: Document) -> dict[tuple[str, str], Any]:
    """Return the components that nothing outside of `components` refers to, by section and name."""
    components = document.value.get("components") or {}
    left = {
        (section, name): node
        for section in _KINDS.keys() & components.keys()
        for name, node in (components[section] or {}).items()
    }
    waiting: list[tuple[Any, str]] = [({**document.value, "components": {}}, "document")]
    while waiting:
        node, kind = waiting.pop()
        for section, name in _led_to(node, kind):
            if (section, name) in left:
                waiting.append((left.pop((section, name)), _KINDS[section]))
    return left


def users(document: Document) -> dict[tuple[str, str], list[str]]:
    """Return the operations that use a component, such as `GET /things`, by section and name."""
    components = document.value.get("components") or {}
    found: dict[tuple[str, str], list[str]] = {}
    for place in operations_of(document):
        shared = {"parameters": document.at(place.item).get("parameters", [])}
        waiting: list[tuple[Any, str]] = [(document.at(place.pointer), "operation"), (shared, "path item")]
        seen: set[tuple[str, str]] = set()
        while waiting:
            for section, name in _led_to(*waiting.pop()) - seen:
                seen.add((section, name))
                found.setdefault((section, name), []).append(f"{place.method} {place.path}")
                if section in _KINDS and name in (components.get(section) or {}):
                    waiting.append((components[section][name], _KINDS[section]))
    return found


def _led_to(node: Any, kind: str) -> set[tuple[str, str]]:
    """The components that an object and those below it refer to."""
    found = set()
    for _, each in objects(node, kind):
        discriminator = each.get("discriminator")
        mapping = discriminator.get("mapping") if isinstance(discriminator, dict) else None
        values = mapping.values() if isinstance(mapping, dict) else ()
        for reference in (each.get("$ref"), *values):
            if isinstance(reference, str):
                steps = pointer_of(reference if "#" in reference else f"#/components/schemas/{reference}")
                names = tokens(steps)
                found.update([(names[1], names[2])] if names[:1] == ["components"] and len(names) > 2 else [])
    return found
