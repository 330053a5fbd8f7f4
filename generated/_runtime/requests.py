"""One request, read step by step in the order in which a contract's checks are made."""

from collections.abc import Sequence
from functools import cached_property
from typing import IO, Protocol, TypeVar, cast

from pydantic import MISSING
from starlette.types import Receive, Scope

from .pointers import child
from .problems import Violation, invalid, violation
from .styles import Values, decoded

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class InvalidError(ValueError):
    """A value that violates its schema; carries the violations."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__("Value violates its schema")
        self.violations = violations


class Readable(Protocol[T_co]):
    """A parameter, as a request reads it."""

    @property
    def location(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def required(self) -> bool: ...

    def read(self, request: "Request", /) -> T_co | MISSING:
        """The value, MISSING when there is none; ValueError when what was sent is no value."""
        ...

    def fallback(self) -> T_co:
        """The default."""
        ...


class Owner(Protocol):
    """What owns more names of a query than its own: an open one takes all that nobody else owns."""

    @property
    def is_open(self) -> bool: ...

    def owns(self, name: str, /) -> bool: ...


class QueryNames:
    """The names that may stand in a query.

    Where it is not `strict`, other names are ignored, and of a repeated one the last counts.
    """

    __slots__ = ("_owners", "_takes_all", "known", "strict")

    def __init__(self, known: frozenset[str], owners: Sequence[Owner] = (), *, strict: bool = True) -> None:
        self.known = known
        self.strict = strict
        self._owners = owners
        self._takes_all = not strict or any(each.is_open for each in owners)

    def admits(self, name: str) -> bool:
        """Whether a pair of this name may stand in the query."""
        return name in self.known or self._takes_all or self.is_owned(name)

    def is_owned(self, name: str) -> bool:
        """Whether this is the name of a parameter, or of a part of one."""
        return name in self.known or any(each.owns(name) for each in self._owners)


NO_NAMES = QueryNames(frozenset())


class Request:
    """A request to one operation.

    Violations of parameters are collected; `raise_for_violations` rejects the request with all of them.
    `files` are there as long as the request.
    """

    __slots__ = ("__dict__", "_violations", "files", "headers", "query", "query_names", "receive", "scope")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self.receive = receive
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.query: dict[str, list[str]] = {}
        self.query_names = NO_NAMES
        self.files: list[IO[bytes]] = []
        self._violations: list[Violation] = []

    def close(self) -> None:
        """Remove the files of the request, which has ended."""
        for file in self.files:
            file.close()

    def count(self, name: bytes) -> int:
        """How often a header stands in the request."""
        return sum(1 for header, _ in self.scope["headers"] if header == name)

    # Parameters ---------------------------------------------------------------------------------------

    def parse_query(self, names: QueryNames) -> None:
        """Split the query string; unknown parameters are violations."""
        self.query_names = names
        query: bytes = self.scope["query_string"]
        if not query:
            return
        for pair in query.decode("latin-1").split("&"):
            if not pair:
                continue
            name, _, value = pair.partition("=")
            try:
                name = decoded(name, plus_is_space=True)
            except ValueError:  # a percent-encoded byte that is not UTF-8
                self._refuse("query", "", "The query string is not UTF-8")
                continue
            if names.admits(name):
                self.query.setdefault(name, []).append(value)
            else:
                self._refuse("query", child("", name), "Unknown query parameters are not permitted")

    def required(self, parameter: Readable[T]) -> T:
        """Return the value of a required parameter, which is none before `raise_for_violations`."""
        return cast(T, self._read(parameter))

    def optional(self, parameter: Readable[T]) -> T | None:
        """The value of a parameter, None when it is absent."""
        value = self._read(parameter)
        return None if value is MISSING else value

    def nullable(self, parameter: Readable[T]) -> T | MISSING:
        """The value of a parameter that may be null, MISSING when it is absent."""
        return self._read(parameter)

    def defaulted(self, parameter: Readable[T]) -> T:
        """The value of a parameter, its default when it is absent."""
        value = self._read(parameter)
        return parameter.fallback() if value is MISSING else value

    def _read(self, parameter: Readable[T]) -> T | MISSING:
        try:
            value = parameter.read(self)
        except InvalidError as error:
            self._violations += error.violations
        except ValueError as error:  # how readers and converters report a text that is invalid
            self._refuse(parameter.location, child("", parameter.name), str(error))
        else:
            if value is not MISSING or not parameter.required:
                return value
            self._refuse(parameter.location, child("", parameter.name), "The parameter is required")
        return cast(T, None)

    def text(self, location: str, name: str) -> str | None:
        """The text of a parameter that is written once; ValueError when it is written twice."""
        if location == "query":
            return self._query_text(name)
        if location == "path":
            value: str | None = self.scope["path_params"].get(name)
            return value
        if location == "cookie":
            given = self.cookies.get(name)
            return decoded(given[0]) if given else None
        key = name.lower().encode("latin-1")
        if key not in self.headers:
            return None
        if self.count(key) > 1:
            raise ValueError("The parameter may be given once")
        return self.headers[key].decode("latin-1")

    def _query_text(self, name: str) -> str | None:
        given = self.query.get(name)
        if given is None:
            return None
        if len(given) > 1 and self.query_names.strict:
            raise ValueError("The parameter may be given once")
        return decoded(given[-1], plus_is_space=True)

    @cached_property
    def cookies(self) -> Values:
        """The cookies by name, as they were sent; of several with one name the first is the most specific."""
        found: dict[str, list[str]] = {}
        fields = [value for name, value in self.scope["headers"] if name == b"cookie"]
        for pair in b";".join(fields).decode("latin-1").split(";"):
            name, _, value = pair.strip().partition("=")
            found.setdefault(name, []).append(value)
        return found

    def field(self, name: str) -> str | None:
        """A header that is a list: its lines joined, as RFC 9110 has them."""
        key = name.lower().encode("latin-1")
        lines = [value for header, value in self.scope["headers"] if header == key]
        return b",".join(lines).decode("latin-1") if lines else None

    def raw_path_text(self, name: str) -> str:
        """A path parameter's text, percent-encoded as it was sent."""
        texts: dict[str, str] = self.scope.get("raw_path_params") or self.scope["path_params"]
        return texts[name]

    def _refuse(self, location: str, pointer: str, detail: str) -> None:
        self._violations.append(violation(location, pointer, detail))

    def raise_for_violations(self) -> None:
        """Reject the request with 422 if any parameter violates its schema."""
        if self._violations:
            raise invalid(self._violations)
