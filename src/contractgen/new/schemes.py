"""Security schemes that a contract demands and does not declare; the copy in a new service declares them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from contractgen.document.findings import Edit
from contractgen.document.load import Document
from contractgen.document.operations import operations_of
from contractgen.plan.security import SCHEMES, TOKEN
from contractgen_runtime.pointers import child, find_at

_COMPONENTS = "/components"
_ASSUMED = "Assumed: the contract demands this scheme and does not declare it."
# A part of a name, and the HTTP authentication scheme that has it.
_USUAL = {"basic": "basic", "bearer": "bearer", "jwt": "bearer", "oauth": "bearer", "openid": "bearer"}


def undeclared(document: Document) -> dict[str, Any]:
    """Return a declaration for each scheme that is demanded and not declared, by its usual meaning.

    That is a key in the header of its name, unless the name is that of an HTTP authentication scheme.
    """
    components = document.value.get("components", {})
    known = components.get("securitySchemes", {}) if isinstance(components, dict) else None
    if not isinstance(known, dict):  # the check of the structure reports it
        return {}
    return {name: _assumed(name) for name in dict.fromkeys(_demanded(document)) if name not in known}


def _demanded(document: Document) -> Iterator[str]:
    """Yield the names in security requirements; the check of the structure reports invalid ones."""
    holders = ["", *(place.pointer for place in operations_of(document))]
    for holder in holders:
        requirements = find_at(document.value, child(holder, "security"))
        for each in requirements if isinstance(requirements, list) else ():
            yield from each if isinstance(each, dict) else ()


def _assumed(name: str) -> dict[str, str]:
    usual = next((scheme for part, scheme in _USUAL.items() if part in name.lower()), None)
    if usual is None and TOKEN.fullmatch(name):
        return {"type": "apiKey", "in": "header", "name": name, "description": _ASSUMED}
    return {"type": "http", "scheme": usual or "bearer", "description": _ASSUMED}


def declared(document: Document, schemes: Mapping[str, Any]) -> Document:
    """Return a document that declares schemes, too."""
    if not schemes:
        return document
    value = json.loads(json.dumps(document.value))
    value.setdefault("components", {}).setdefault("securitySchemes", {}).update(schemes)
    return replace(document, value=value)


def declaring(document: Document, schemes: Mapping[str, Any]) -> list[Edit]:
    """Return the edits of a document that declare schemes."""
    if not schemes:
        return []
    if "components" not in document.value:
        return [Edit("add", _COMPONENTS, {"securitySchemes": dict(schemes)})]
    if "securitySchemes" not in document.value["components"]:
        return [Edit("add", SCHEMES, dict(schemes))]
    return [Edit("add", child(SCHEMES, name), scheme) for name, scheme in schemes.items()]
