"""One request, read step by step in the order in which a contract's checks are made."""

from typing import TypeVar, cast
from urllib.parse import unquote, unquote_plus

from starlette.types import Receive, Scope

from .parameters import Parameter
from .problems import Violation, invalid, json_pointer, violation

T = TypeVar("T")


class Request:
    """A request to one operation.

    Parameters that violate their schemas are collected; `conclude` then refuses the request with all of them.
    """

    __slots__ = ("_query", "_violations", "headers", "receive", "scope")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self.receive = receive
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self._violations: list[Violation] = []
        self._query: dict[str, str] = {}

    def count(self, name: bytes) -> int:
        """How often a header stands in the request."""
        return sum(1 for header, _ in self.scope["headers"] if header == name)

    # Parameters ---------------------------------------------------------------------------------------

    def parse_query(self, names: frozenset[str]) -> None:
        """Split the query string; unknown and repeated parameters are violations."""
        query: bytes = self.scope["query_string"]
        if not query:
            return
        for pair in query.decode("latin-1").split("&"):
            if not pair:
                continue
            name, _, value = pair.partition("=")
            try:
                name, value = unquote_plus(name, errors="strict"), unquote_plus(value, errors="strict")
            except UnicodeDecodeError:
                self._refuse("query", "", "The query string is not UTF-8")
                continue
            if name not in names:
                self._refuse("query", json_pointer([name]), "Unknown query parameters are not permitted")
            elif name in self._query:
                self._refuse("query", json_pointer([name]), "The parameter may be given once")
            else:
                self._query[name] = value

    def required(self, parameter: Parameter[T]) -> T:
        """The value of a required parameter. After a violation it is no value: `conclude` before using it."""
        return self._read(parameter)  # type: ignore[return-value]  # None only after a violation

    def optional(self, parameter: Parameter[T]) -> T | None:
        """The value of a parameter, None when it is absent."""
        return self._read(parameter)

    def defaulted(self, parameter: Parameter[T]) -> T:
        """The value of a parameter, its default when it is absent."""
        value = self._read(parameter)
        return cast(T, parameter.default) if value is None else value

    def _read(self, parameter: Parameter[T]) -> T | None:
        text = self._text(parameter.location, parameter.name)
        if text is None:
            if parameter.required:
                self._refuse(parameter.location, json_pointer([parameter.name]), "The parameter is required")
            return None
        try:
            return parameter.convert(text)
        except ValueError as error:
            self._refuse(parameter.location, json_pointer([parameter.name]), str(error))
            return None

    def _text(self, location: str, name: str) -> str | None:
        if location == "query":
            return self._query.get(name)
        if location == "path":
            value: str | None = self.scope["path_params"].get(name)
            return value
        if location == "cookie":
            return self._cookies().get(name)
        key = name.lower().encode("latin-1")
        if self.count(key) > 1:
            self._refuse("header", json_pointer([name]), "The parameter may be given once")
        return self.headers[key].decode("latin-1") if key in self.headers else None

    def _cookies(self) -> dict[str, str]:
        """The cookies by name; of several with one name the first, which is the most specific."""
        found: dict[str, str] = {}
        for pair in self.headers.get(b"cookie", b"").decode("latin-1").split(";"):
            name, _, value = pair.strip().partition("=")
            found.setdefault(name, unquote(value))
        return found

    def _refuse(self, location: str, pointer: str, detail: str) -> None:
        self._violations.append(violation(location, pointer, detail))

    def conclude(self) -> None:
        """422 when any parameter violates its schema."""
        if self._violations:
            raise invalid(self._violations)
