"""One request, read in the order of the contract's checks."""

from collections.abc import Sequence
from functools import cached_property
from typing import IO, Protocol, TypeVar, cast

from pydantic import MISSING
from starlette.types import Receive, Scope

from .pointers import child
from .problems import Refusal, Violation, invalid, violation
from .styles import Values, decoded

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class InvalidError(ValueError):
    """Raised for a value that violates its schema; carries the violations."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__("Value violates its schema")
        self.violations = violations


class Readable(Protocol[T_co]):
    """The interface of a parameter to the request that reads it."""

    @property
    def location(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def required(self) -> bool: ...

    @property
    def missing_status(self) -> int: ...

    def read(self, request: "Request", /) -> T_co | MISSING:
        """Return the value, MISSING if it is absent; raise ValueError if it is invalid."""
        ...

    def fallback(self) -> T_co:
        """Return the default value."""
        ...


class Owner(Protocol):
    """An owner of several names of a query; an open one owns all names without another owner."""

    @property
    def is_open(self) -> bool: ...

    def owns(self, name: str, /) -> bool: ...


class QueryNames:
    """The permitted names of a query.

    Without `strict`, other names are ignored, and the last value of a repeated name counts.
    """

    __slots__ = ("_owners", "_takes_all", "known", "strict")

    def __init__(self, known: frozenset[str], owners: Sequence[Owner] = (), *, strict: bool = True) -> None:
        self.known = known
        self.strict = strict
        self._owners = owners
        self._takes_all = not strict or any(each.is_open for each in owners)

    def admits(self, name: str) -> bool:
        """Return whether the query may have a pair of this name."""
        return name in self.known or self._takes_all or self.is_owned(name)

    def is_owned(self, name: str) -> bool:
        """Return whether a name belongs to a parameter or to a part of one."""
        return name in self.known or any(each.owns(name) for each in self._owners)

    def left_for(self, name: str, values: dict[str, list[str]]) -> dict[str, list[str]]:
        """Return the values that no other parameter names: its name comes before an object's property."""
        return {each: given for each, given in values.items() if each == name or each not in self.known}


NO_NAMES = QueryNames(frozenset())


class Request:
    """A request to one operation.

    Violations of parameters are collected; `raise_for_violations` rejects the request with all of them.
    `files` are removed when the request ends.
    """

    __slots__ = (
        "__dict__",
        "_missing",
        "_violations",
        "files",
        "headers",
        "query",
        "query_names",
        "receive",
        "scope",
    )

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self.receive = receive
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.query: dict[str, list[str]] = {}
        self.query_names = NO_NAMES
        self.files: list[IO[bytes]] = []
        self._violations: list[Violation] = []
        self._missing: Refusal | None = None

    def close(self) -> None:
        """Remove the files of the request when it has ended."""
        for file in self.files:
            file.close()

    def count(self, name: bytes) -> int:
        """Return how many headers of a name the request has."""
        return sum(1 for header, _ in self.scope["headers"] if header == name)

    @property
    def has_content(self) -> bool:
        """Return whether the request announces a body."""
        return self.headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in self.headers

    # Parameters ---------------------------------------------------------------------------------------

    def parse_query(self, names: QueryNames) -> None:
        """Parse the query string; unknown parameters are violations."""
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
                self._report("query", "", "The query string is not UTF-8")
                continue
            if names.admits(name):
                self.query.setdefault(name, []).append(value)
            else:
                self._report("query", child("", name), "Unknown query parameters are not permitted")

    def expect_no_body(self) -> None:
        """Report a body: the operation has none."""
        if self.has_content:
            self._report("body", "", "The operation takes no body")

    def required(self, parameter: Readable[T]) -> T:
        """Return the value of a required parameter; it is valid only after `raise_for_violations`."""
        return cast(T, self._read(parameter))

    def optional(self, parameter: Readable[T]) -> T | None:
        """Return the value of a parameter, None if it is absent."""
        value = self._read(parameter)
        return None if value is MISSING else value

    def nullable(self, parameter: Readable[T]) -> T | MISSING:
        """Return the value of a parameter that may be null, MISSING if it is absent."""
        return self._read(parameter)

    def defaulted(self, parameter: Readable[T]) -> T:
        """Return the value of a parameter, or its default if it is absent."""
        value = self._read(parameter)
        return parameter.fallback() if value is MISSING else value

    def _read(self, parameter: Readable[T]) -> T | MISSING:
        try:
            value = parameter.read(self)
        except InvalidError as error:
            self._violations += error.violations
        except ValueError as error:  # how readers and converters report a text that is invalid
            self._report(parameter.location, child("", parameter.name), str(error))
        else:
            if value is not MISSING or not parameter.required:
                return value
            if parameter.missing_status == 422:
                self._report(parameter.location, child("", parameter.name), "The parameter is required")
            elif self._missing is None:
                self._missing = Refusal(
                    parameter.missing_status, f"The {parameter.location} {parameter.name} is required."
                )
        return cast(T, None)

    def text(self, location: str, name: str) -> str | None:
        """Return the text of a parameter; raise ValueError if it is written twice."""
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
        """The cookies by name, undecoded; the first of several values is the most specific."""
        found: dict[str, list[str]] = {}
        fields = [value for name, value in self.scope["headers"] if name == b"cookie"]
        for pair in b";".join(fields).decode("latin-1").split(";"):
            name, _, value = pair.strip().partition("=")
            found.setdefault(name, []).append(value)
        return found

    def field(self, name: str) -> str | None:
        """Return a header whose value is a list: its lines are joined by commas, as in RFC 9110."""
        key = name.lower().encode("latin-1")
        lines = [value for header, value in self.scope["headers"] if header == key]
        return b",".join(lines).decode("latin-1") if lines else None

    def raw_path_text(self, name: str) -> str:
        """Return the percent-encoded text of a path parameter."""
        texts: dict[str, str] = self.scope.get("raw_path_params") or self.scope["path_params"]
        return texts[name]

    def _report(self, location: str, pointer: str, detail: str) -> None:
        self._violations.append(violation(location, pointer, detail))

    def raise_for_violations(self) -> None:
        """Reject the request with 422 if any parameter violates its schema."""
        if self._violations:
            raise invalid(self._violations)
        if self._missing is not None:
            raise self._missing
