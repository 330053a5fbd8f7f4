"""The values that the texts of parameters can stand for."""

import json
from typing import Any


def readings(texts: list[str]) -> list[Any]:
    """Return what the texts of a parameter can stand for: alone or as a list, and as they are or as JSON."""
    singles = _values(texts[0]) if len(texts) == 1 else []
    empty: list[Any] = [[]] if texts == [""] else []
    return [*singles, *([value] for value in singles), texts, *empty]


def header_readings(text: str) -> list[Any]:
    """Return what the text of a header can stand for, its items included: none if it is empty."""
    return [*readings([text]), [each.strip() for each in text.split(",")] if text else []]


def listed_types(schema: Any) -> set[str]:
    """Return `object`, which stands for arrays, too, or `scalar` for each value that a schema lists."""
    if not isinstance(schema, dict):
        return set()
    listed = [schema["const"]] if "const" in schema else schema.get("enum", [])
    return {"object" if isinstance(each, dict | list) else "scalar" for each in listed}


def _values(text: str) -> list[Any]:
    """Return what a text can stand for: itself, its JSON value, or null if it is empty."""
    try:
        return [text, json.loads(text) if text else None]
    except ValueError:
        return [text]
