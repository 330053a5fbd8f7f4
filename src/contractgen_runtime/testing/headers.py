"""Headers of a response against their schemas."""

import re
from collections.abc import Collection
from typing import Any

import httpx

from .contract import Contract

_INTEGER = re.compile(r"-?[0-9]+")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")


def header_fault(
    contract: Contract, name: str, header: dict[str, Any], response: httpx.Response
) -> str | None:
    """Return how a declared header of a response differs from what is declared, None if it does not."""
    values = response.headers.get_list(name)
    if not values:
        return f"the header {name} is missing" if header.get("required") else None
    if "schema" not in header:
        return None
    schema = contract.resolve(header["schema"]) if isinstance(header["schema"], dict) else {}
    types = _types(contract, schema)
    if len(values) > 1 and "array" not in types and name.lower() != "set-cookie":
        return f"the header {name} is sent {len(values)} times"
    if "object" in types:
        return None
    for value in [", ".join(values)] if "array" in types else values:
        fault = contract.schemas.fault(header["schema"], _parsed(contract, schema, types, value))
        if fault and "string" in types:
            fault = contract.schemas.fault(header["schema"], value)
        if fault:
            return f"header {name} {fault}"
    return None


def _parsed(contract: Contract, schema: dict[str, Any], types: Collection[str], text: str) -> Any:
    """The value that a text stands for in the style `simple`; the text itself where it stands for none."""
    if "array" in types:
        items = schema.get("items", {})
        resolved = contract.resolve(items) if isinstance(items, dict) else {}
        return [
            _parsed(contract, resolved, _types(contract, resolved), part.strip()) for part in text.split(",")
        ]
    if "integer" in types and _INTEGER.fullmatch(text):
        return int(text)
    if "number" in types and _NUMBER.fullmatch(text):
        return float(text)
    if "boolean" in types and text in {"true", "false"}:
        return text == "true"
    return text


def _types(contract: Contract, schema: dict[str, Any]) -> set[str]:
    """Return the types that a schema, or any subschema of its compositions, names."""
    types = schema.get("type", ())
    found = {types} if isinstance(types, str) else set(types)
    for keyword in ("allOf", "anyOf", "oneOf"):
        for each in schema.get(keyword, ()):
            found |= _types(contract, contract.resolve(each)) if isinstance(each, dict) else set()
    return found
