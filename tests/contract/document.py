"""The contract as tests read it: the YAML itself, never what is generated from it."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

PATH = Path(__file__).resolve().parents[2] / "openapi" / "openapi.yaml"
TEXT = PATH.read_text(encoding="utf-8")
# The parser in C where there is one: each process of a run reads the document.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DOCUMENT: dict[str, Any] = yaml.load(TEXT, _LOADER)

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_PLACEHOLDER = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class Operation:
    """An operation and its responses by status, their references followed."""

    id: str
    tag: str
    method: str
    path: str
    responses: dict[int, dict[str, Any]]


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    """The node that a chain of references in the document ends at."""
    while "$ref" in node:
        target: Any = DOCUMENT
        for name in node["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        node = target
    return node


def _operations() -> dict[str, Operation]:
    found = (
        Operation(
            id=operation["operationId"],
            tag=operation["tags"][0],
            method=method.upper(),
            path=path,
            responses={int(status): resolve(it) for status, it in operation["responses"].items()},
        )
        for path, item in DOCUMENT["paths"].items()
        for method, operation in item.items()
        if method in _METHODS
    )
    return {operation.id: operation for operation in found}


#: By operationId, in the order of the document.
OPERATIONS = _operations()


@cache
def methods_of(path: str) -> dict[str, Operation]:
    """The operations of a concrete path by method, none if there is no such path; literal paths win."""
    templates = sorted({operation.path for operation in OPERATIONS.values()}, key=lambda it: "{" in it)
    for template in templates:
        expression = "[^/]+".join(map(re.escape, _PLACEHOLDER.split(template)))
        if re.fullmatch(expression, path):
            return {it.method: it for it in OPERATIONS.values() if it.path == template}
    return {}
