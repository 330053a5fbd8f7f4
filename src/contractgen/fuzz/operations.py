"""The operations to fuzz, under the names that schemathesis gives them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from contractgen.document.findings import SettingError
from contractgen.document.load import Document
from contractgen.document.operations import Place, declared_parameters, declares_success, operations_of
from contractgen_runtime.pointers import child

# The headers of a conditional request (RFC 9110, 13.1), and the statuses for a version that is not current.
_CONDITIONS = frozenset({"if-match", "if-unmodified-since"})
_REFUSALS = frozenset({"412", "428"})


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """An operation of a document: its method, path, operationId (or empty), and JSON Pointer.

    `has_servers` says that it, or its path, has other servers than the document.
    """

    document: Document
    method: str
    path: str
    operation_id: str
    pointer: str
    has_servers: bool

    @property
    def label(self) -> str:
        """The name that schemathesis gives the operation, such as `GET /users/{id}`."""
        return f"{self.method} {self.path}"

    @property
    def name(self) -> str:
        """The operationId, else the label."""
        return self.operation_id or self.label

    @property
    def node(self) -> dict[str, Any]:
        node: dict[str, Any] = self.document.at(self.pointer)
        return node

    @property
    def requirements(self) -> list[dict[str, Any]]:
        """The alternatives of the security requirement; empty if the operation is public."""
        alternatives: list[dict[str, Any]] = self.node.get(
            "security", self.document.value.get("security", [])
        )
        return [] if {} in alternatives else alternatives

    @property
    def declares_success(self) -> bool:
        """Return whether any declared response is not an error."""
        return declares_success(self.node)

    def response_key(self, status: str) -> str | None:
        """Return the key under which the response of a status is declared, None if it is not."""
        declared = self.node.get("responses", {})
        return next((key for key in (status, f"{status[:1]}XX", "default") if key in declared), None)

    @property
    def is_conditional(self) -> bool:
        """Return whether a valid request can be rejected for the version that it names, or does not name."""
        parameters = declared_parameters(self.document, self.pointer)
        headers = {name.lower() for location, name in parameters if location == "header"}
        return bool(_CONDITIONS & headers or _REFUSALS & self.node.get("responses", {}).keys())

    def body(self) -> str | None:
        """Return the pointer of the request body, if there is one."""
        if "requestBody" not in self.node:
            return None
        return self.document.resolve(child(self.pointer, "requestBody"))[1]

    def media_type(self, essence: str) -> str | None:
        """Return the pointer of a media type of the body, given without parameters and in lower case.

        One that is not declared by itself is that of the narrowest range that it is in.
        """
        body = self.body()
        content = self.document.at(body)["content"] if body else ()
        declared = {name: name.partition(";")[0].strip().lower() for name in content}
        fitting = [name for name, each in declared.items() if fnmatchcase(essence, each)]
        found = min(fitting, key=lambda name: declared[name].count("*"), default=None)
        return None if found is None else child(str(body), "content", found)


def operations(document: Document) -> list[Operation]:
    """Return all operations of a document, in its order."""
    return [_operation(document, place) for place in operations_of(document)]


def _operation(document: Document, place: Place) -> Operation:
    node = document.at(place.pointer)
    has_servers = "servers" in node or "servers" in document.at(place.item)
    return Operation(
        document, place.method, place.path, node.get("operationId", ""), place.pointer, has_servers
    )


def named(everything: Iterable[Operation], names: Iterable[str]) -> list[Operation]:
    """Return the operations of these names (operationId or `GET /path`); SettingError for an unknown one."""
    return list(_named(list(everything), names))


def _named(everything: list[Operation], names: Iterable[str]) -> Iterator[Operation]:
    known = {name: each for each in everything for name in (each.label, each.operation_id) if name}
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise SettingError(f"no operation is called {name!r}{hint}")
        yield known[name]
