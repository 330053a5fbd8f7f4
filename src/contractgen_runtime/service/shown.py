"""The copy of the contract that the pages show: it has notes, and this service as its server."""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from fastapi import FastAPI

from contractgen_runtime.logins import Json, resolve
from contractgen_runtime.routing import ContractRoute

#: Returns what to say of an operation, as Markdown, or nothing: it takes its name and the operation.
Note: TypeAlias = Callable[[str, Json], str]

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of a document: `name` is its operationId, or `get/path`."""

    path: str
    method: str
    name: str
    node: Json


def shown_document(app: FastAPI, notes: Sequence[Note]) -> Json:
    """Return a copy of the application's document.

    The description of an operation begins with the notes, and with the roles or scopes that its caller needs.
    """
    document = copy.deepcopy(app.openapi())
    for each in operations_of(document):
        said = [note(each.name, each.node) for note in notes]
        texts = [*said, *_requirements(document, each.node), each.node.get("description", "")]
        if any(texts):
            each.node["description"] = "\n\n".join(filter(None, texts))
    _set_servers(document, addresses_of(app))
    return document


def _set_servers(document: Json, addresses: Mapping[str, str]) -> None:
    """Let every operation be sent to this service, below the path of the servers that the contract names."""
    for item in document.get("paths", {}).values():
        item.pop("servers", None)
    found = [each for each in operations_of(document) if each.name in addresses]
    bases = [addresses[each.name].removesuffix(each.path) or "/" for each in found]
    document["servers"] = [{"url": bases[0] if bases else "/"}]
    for each, base in zip(found, bases, strict=True):
        each.node.pop("servers", None)
        if base != bases[0]:
            each.node["servers"] = [{"url": base}]


def addresses_of(app: FastAPI) -> dict[str, str]:
    """Return the path of each operation below the paths of its servers, by its name."""
    routes = [each.operation for each in app.router.routes if isinstance(each, ContractRoute)]
    return {each.operation_id: each.path for each in routes}


def operations_of(document: Json) -> Iterator[Operation]:
    """Yield each operation of a document; the contract of a generated package has no references to paths."""
    for path, item in document.get("paths", {}).items():
        methods = {each: item[each] for each in _METHODS if each in item}
        for method, node in (methods | item.get("additionalOperations", {})).items():
            yield Operation(path, method.upper(), node.get("operationId", f"{method}{path}"), node)


def _requirements(document: Json, operation: Json) -> Iterator[str]:
    """Yield the roles and scopes that a caller needs, if any, as Markdown."""
    default: list[dict[str, list[str]]] = document.get("security", [])
    alternatives = operation.get("security", default)
    if any(scopes for alternative in alternatives for scopes in alternative.values()):
        yield "**Needs** " + ", or ".join(_alternative(document, each) for each in alternatives)


def _alternative(document: Json, alternative: Mapping[str, list[str]]) -> str:
    return " and ".join(_need(document, *each) for each in alternative.items()) or "nothing"


def _need(document: Json, name: str, scopes: list[str]) -> str:
    """Return the need of one scheme: OAuth has scopes, any other scheme has roles."""
    schemes: dict[str, Any] = document.get("components", {}).get("securitySchemes", {})
    is_scope = resolve(document, schemes.get(name)).get("type") in ("oauth2", "openIdConnect")
    word = ("scope" if is_scope else "role") + ("s" if len(scopes) > 1 else "")
    listed = " and ".join(f"`{each}`" for each in scopes)
    return f"`{name}`" + (f" with the {word} {listed}" if scopes else "")
