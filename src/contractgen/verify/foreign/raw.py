"""The files of a contract as they are written: values by file and JSON Pointer, references followed."""

import os
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit
from urllib.request import url2pathname

from referencing import Registry, Resource
from referencing.exceptions import NoSuchResource

from contractgen.document.findings import Finding
from contractgen.document.load import Document
from contractgen.document.reading import File
from contractgen.document.references import REMOTE
from contractgen_runtime.pointers import child, tokens, value_at

_MOST_STEPS = 100
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, order=True)
class At:
    """A source position: the URI of a file, and a JSON Pointer in it.

    The URI of a file of another host is its address, as HTTPS and with `_` before a port.
    """

    uri: str
    pointer: str

    def below(self, *names: str | int) -> "At":
        return At(self.uri, child(self.pointer, *names))

    @property
    def name(self) -> str:
        """The last part of the pointer."""
        return tokens(self.pointer)[-1]

    @property
    def parent(self) -> "At":
        return At(self.uri, self.pointer.rpartition("/")[0])

    @property
    def reference(self) -> str:
        """The position as an absolute reference."""
        return f"{self.uri}#{quote(self.pointer)}"


class RawContract:
    """The files of one document. References are relative to the file in which they stand."""

    def __init__(self, document: Document) -> None:
        remote = document.path.parent / REMOTE
        self.files: Mapping[str, File] = {_uri_of(file.path, remote): file for file in document.files}
        self.root = At(_uri(document.path), "")
        self.is_30 = str(document.value["openapi"]).startswith("3.0")
        self.registry: Registry[Any] = Registry(retrieve=self._resource)  # type: ignore[call-arg]  # an attrs class
        self._positions: dict[int, At] = {}
        for uri, file in self.files.items():
            self._index(file.value, At(uri, ""))

    def value(self, at: At) -> Any:
        return value_at(self.files[at.uri].value, at.pointer)

    def knows(self, schema: Any) -> bool:
        """Return whether an object stands in a file; a schema that only combines references does not."""
        return id(schema) in self._positions

    def position(self, schema: Mapping[str, Any]) -> At:
        """Return the position of an object of a file, the last one if aliases repeat it."""
        return self._positions[id(schema)]

    def resolve(self, at: At) -> At:
        """Return the final position to which the references at a position lead."""
        for _ in range(_MOST_STEPS):
            value = self.value(at)
            if not isinstance(value, dict) or not isinstance(value.get("$ref"), str):
                break
            at = self.target(at, value["$ref"])
        return at

    def target(self, at: At, reference: str) -> At:
        """Return the position to which a reference at a position leads."""
        uri, fragment = urldefrag(urljoin(at.uri, reference))
        return At(self._known(uri), unquote(fragment))

    def below(self, at: At, *names: str) -> Iterator[tuple[str, At]]:
        """Yield the entries of the values below an object, references on the way followed."""
        holder = at
        for name in names:
            value = self.value(holder)
            if not isinstance(value, dict) or name not in value:
                return
            holder = self.resolve(holder.below(name))
        value = self.value(holder)
        keys = range(len(value)) if isinstance(value, list) else value if isinstance(value, dict) else ()
        yield from ((str(key), holder.below(key)) for key in keys)

    def finding(self, at: At, message: str, hint: str = "") -> Finding:
        return self.files[at.uri].finding(at.pointer, message, hint)

    def _index(self, value: Any, at: At) -> None:
        waiting = [(value, at)]
        while waiting:
            value, at = waiting.pop()
            if isinstance(value, dict):
                self._positions[id(value)] = at
                waiting += [(each, at.below(name)) for name, each in value.items()]
            elif isinstance(value, list):
                waiting += [(each, at.below(index)) for index, each in enumerate(value)]

    def retrieve(self, uri: str) -> Any:
        """Return the content of the file with a URI; raise LookupError if it is not of this contract."""
        return self.files[self._known(uri)].value

    def _known(self, uri: str) -> str:
        """Return a URI as `files` has it."""
        if uri in self.files:
            return uri
        url = urlsplit(uri)
        if url.scheme not in _PORTS:
            return _uri(Path(url2pathname(url.path)))
        port = f"_{url.port}" if url.port not in (None, _PORTS[url.scheme]) else ""
        path = posixpath.normpath(f"/{unquote(url.path)}").lstrip("/")
        return f"https://{url.hostname}{port}/{quote(path)}"

    def _resource(self, uri: str) -> Resource[Any]:
        known = self._known(uri)
        if known not in self.files:
            raise NoSuchResource(uri)
        return Resource.opaque(self.files[known].value)


def _uri_of(path: Path, remote: Path) -> str:
    if path.is_relative_to(remote):
        return f"https://{quote(path.relative_to(remote).as_posix())}"
    return _uri(path)


def _uri(path: Path) -> str:
    return Path(os.path.realpath(path)).as_uri()
