"""The parts of a document, by names that are equal when they mean the same."""

from typing import Any

from contractgen.diff.schema_view import spelled
from contractgen.document.load import Document
from contractgen.document.operations import operations_at
from contractgen.runtime.paths import PLACEHOLDER
from contractgen.runtime.pointers import child

_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


def operations(document: Document, parent: str) -> dict[tuple[str, str], tuple[str, str, str]]:
    """Operations by template without names and method: their pointer, their path item's, their template."""
    found = {}
    for path in value_at(document, parent):
        if not path.startswith("x-"):
            for place in operations_at(document, child(parent, path), path):
                form = PLACEHOLDER.sub("{}", path)
                found[form, place.method] = (place.pointer, place.item, path)
    return found


def parameters(document: Document, operation: str, item: str, path: str) -> dict[tuple[str, str], str]:
    """Parameters by location and name; those in the path by their position: their names are not sent."""
    names = PLACEHOLDER.findall(path)
    found = {}
    for owner in (item, operation):
        for index in range(len(document.at(owner).get("parameters") or [])):
            node, place = document.resolve(child(owner, "parameters", index))
            name = node["name"]
            if node["in"] == "header":
                name = name.lower()
                if name in ("accept", "authorization", "content-type"):
                    continue  # which OpenAPI leaves to content and security
            if node["in"] == "path" and name in names:
                name = f"{names.index(name) + 1}"
            found[node["in"], name] = place
    return found


def serialisation(old: dict[str, Any], new: dict[str, Any]) -> dict[str, list[Any]]:
    """How values are written, before and after, with OpenAPI's defaults."""
    styles = [node.get("style", _STYLES.get(node.get("in", "header"))) for node in (old, new)]
    exploded = [n.get("explode", style == "form") for n, style in zip((old, new), styles, strict=True)]
    switches = {n: [old.get(n) is True, new.get(n) is True] for n in ("allowReserved", "allowEmptyValue")}
    return {"style": styles, "explode": exploded, **switches}


def members(document: Document, pointer: str, kind: str) -> dict[str, str]:
    """Pointers of a mapping's members, by names that are equal when they mean the same."""
    lower = kind in ("header", "media type")
    return {
        (name.replace(" ", "").lower() if lower else name): child(pointer, name)
        for name in value_at(document, pointer)
        if not name.startswith("x-") or kind == "header"
    }


def covering(responses: dict[str, str], status: str) -> str | None:
    """The response that speaks of a status: itself, its class, or the default."""
    for name in (status, f"{status[0]}XX", "DEFAULT"):
        if name in responses:
            return responses[name]
    return None


def examples(document: Document, pointer: str) -> str:
    examples = document.at(pointer).get("examples", {})
    if not isinstance(examples, dict):
        return spelled(examples)
    return spelled({n: document.resolve(child(pointer, "examples", n))[0] for n in examples})


def value_at(document: Document, pointer: str) -> Any:
    try:
        return document.at(pointer) or {}
    except (LookupError, TypeError):
        return {}


def spelled_sorted(values: Any) -> list[str]:
    return sorted(spelled(value) for value in values or [])


def variables(server: dict[str, Any]) -> str:
    return "".join(
        f" ({name}: {variable.get('default')} of {spelled_sorted(variable.get('enum'))})"
        for name, variable in sorted((server.get("variables") or {}).items())
    )


def title(key: tuple[str, str]) -> str:
    return f"{key[1].upper()} {key[0]}"
