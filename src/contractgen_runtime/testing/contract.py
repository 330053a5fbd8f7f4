"""A contract as tests read it: the document itself, never what is generated from it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from re import compile as compiled
from re import escape
from typing import Any, TypeAlias
from urllib.parse import quote, unquote, urljoin, urlsplit

from .schemas import Schemas, follow, translated
from .yaml_text import read_yaml

#: A response as an operation declares it: its status, a range such as `4XX`, or `default`.
Key: TypeAlias = int | str

_METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace", "query"}
_PLACEHOLDER = compiled(r"\{[^{}/]+\}")
_VARIABLE = compiled(r"\{([^{}]+)\}")
# The most combinations of a server's variables that are served.
_MOST_SERVERS = 32


@dataclass(frozen=True)
class Operation:
    """An operation and its responses, their references followed; an operation without an id is named by its
    method and path.

    An informational response, such as the 101 of a WebSocket, is none to a request.
    """

    id: str
    tag: str
    method: str
    path: str
    responses: dict[Key, dict[str, Any]]
    #: The path below the paths of the servers.
    addresses: tuple[str, ...] = field(default=(), repr=False)

    def declared(self, status: int) -> tuple[Key, dict[str, Any]] | None:
        """Return the response of a status, with its key, None if there is none."""
        for key in (status, f"{status // 100}XX", f"{status // 100}xx", "default"):
            if key in self.responses:
                return key, self.responses[key]
        return None


class Contract:
    """An OpenAPI document in one file, and its operations by id, in the order of the document."""

    def __init__(self, path: Path) -> None:
        self.text = path.read_text(encoding="utf-8")
        self.document: dict[str, Any] = read_yaml(self.text)
        try:
            self._translated = translated(self.document)
        except ValueError as error:
            raise ValueError(f"{path}: {error}; name a document that has everything in one file") from None
        self.schemas = Schemas(self._translated)
        self.operations = {each.id: each for each in self._operations()}
        served = _served(list(self.operations.values()))
        self._routes = [(address, _expression(address), each) for address, each in served]
        self._routes.sort(key=lambda route: _literal_first(route[0]))

    def resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        """Return the node that a chain of references in the document ends at."""
        while isinstance(node.get("$ref"), str):
            root = self.document if node["$ref"].startswith("#") else self._translated
            node = follow(root, node["$ref"])
        return node

    def methods_of(self, path: str) -> dict[str, Operation]:
        """Return the operations of a concrete path by method.

        A path without placeholders has precedence over all templates, a template over less literal ones.
        """
        path = _normal(path)
        matching = [
            (address, each) for address, expression, each in self._routes if expression.fullmatch(path)
        ]
        literal = [(address, each) for address, each in matching if not _PLACEHOLDER.search(address)]
        found: dict[str, Operation] = {}
        for _, operation in literal or matching:
            found.setdefault(operation.method, operation)
        return found

    def _operations(self) -> Iterator[Operation]:
        for path, entry in self._translated.get("paths", {}).items():
            item = self.resolve(entry)
            for method in (name for name in item if name in _METHODS):
                yield self._operation(path, method.upper(), item, item[method])

    def _operation(
        self, path: str, method: str, item: dict[str, Any], operation: dict[str, Any]
    ) -> Operation:
        servers = operation.get("servers") or item.get("servers") or self.document.get("servers") or []
        bases = dict.fromkeys(base for server in servers or [{"url": "/"}] for base in _base_paths(server))
        return Operation(
            id=operation.get("operationId") or f"{method} {path}",
            tag=next(iter(operation.get("tags", ())), ""),
            method=method,
            path=path,
            responses={
                int(key) if str(key).isdecimal() else str(key): self.resolve(response)
                for key, response in operation.get("responses", {}).items()
                if not str(key).startswith("1")
            },
            addresses=tuple(f"{base}{path}" for base in bases),
        )


def _served(operations: list[Operation]) -> list[tuple[str, Operation]]:
    """Return the addresses of all operations.

    Clients do not send what follows `#` or `?` in a path: its operation is also served without that, if no
    other operation is and no placeholder is in it.
    """
    served = [(address, each) for each in operations for address in each.addresses]
    taken = {(each.method, _PLACEHOLDER.sub("{}", address)) for address, each in served}
    for address, each in list(served):
        shorter = address.partition("#")[0].partition("?")[0]
        form = each.method, _PLACEHOLDER.sub("{}", shorter)
        if form not in taken and not _PLACEHOLDER.search(address, len(shorter)):
            taken.add(form)
            served.append((shorter, each))
    return served


def _base_paths(server: dict[str, Any]) -> list[str]:
    """Return the paths of a server, one for each value that its variables may have."""
    url, variables = server["url"], server.get("variables", {})
    names = [name for name in _VARIABLE.findall(url) if name in variables]
    values = [variables[name].get("enum") or [variables[name].get("default", "")] for name in names]
    combinations = list(product(*values))[:_MOST_SERVERS]
    return [_path(url, dict(zip(names, each, strict=True))) for each in combinations]


def _path(url: str, values: dict[str, Any]) -> str:
    filled = _VARIABLE.sub(lambda found: str(values.get(found[1], found[0])), url)
    return urlsplit(urljoin("http://server/", filled)).path.rstrip("/")


def _expression(address: str) -> Any:
    literals = [escape(_normal(literal)) for literal in _PLACEHOLDER.split(address)]
    return compiled("[^/]+".join(literals))


def _normal(path: str) -> str:
    """A path with one spelling of each character; an escaped slash stays one."""
    return "/".join(quote(unquote(segment), safe="") for segment in path.split("/"))


def _literal_first(address: str) -> list[tuple[bool, int]]:
    """Sort key: of two templates the one whose first differing segment is the more literal."""
    return [
        (bool(_PLACEHOLDER.search(segment)), -len(_PLACEHOLDER.sub("", segment)))
        for segment in address.split("/")
    ]
