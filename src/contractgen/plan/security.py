"""The security requirements of an operation: schemes and roles."""

import re
from collections.abc import Iterable
from typing import Any

from contractgen.plan.contract import Security
from contractgen.plan.names import Names, class_name, snake_case
from contractgen.plan.planning import Planning
from contractgen.plan.schemes import (
    Alternative,
    ApiKeyScheme,
    BasicScheme,
    BearerScheme,
    DigestScheme,
    HttpScheme,
    MutualTlsScheme,
    Scheme,
    SchemeType,
)
from contractgen_runtime.pointers import child

SCHEMES = "/components/securitySchemes"
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class SecurityPlan:
    """The security of one document: its schemes, and the classes of callers of several schemes."""

    def __init__(self, planning: Planning, class_names: Names) -> None:
        self.planning = planning
        self._class_names = class_names
        self.refuse = planning.refuse
        components = planning.document.value.get("components", {})
        declared: dict[str, Any] = components.get("securitySchemes", {})
        self._methods = self._method_names(declared)
        self._classes: dict[tuple[str, ...], str] = {}

    def of(self, pointer: str, node: dict[str, Any]) -> tuple[tuple[Alternative, ...], bool, Security]:
        """Return the security requirements of an operation, and whether it permits anonymous requests."""
        own = "security" in node
        place = child(pointer, "security") if own else "/security"
        requirements = node["security"] if own else self.planning.document.value.get("security", [])
        sets = dict.fromkeys(tuple(sorted(each, key=self._rank)) for each in requirements)
        alternatives = tuple(self._alternative(names, place) for names in sets if names)
        security = tuple(tuple((n, tuple(r)) for n, r in requirement.items()) for requirement in requirements)
        return alternatives, not all(sets), security

    def _method_names(self, schemes: Iterable[str]) -> dict[str, str]:
        """Return the host's method of each scheme."""
        names, found = Names("scheme"), {}
        for name in schemes:
            found[name] = self.planning.named(names, child(SCHEMES, name), name, snake_case(name))
            names.take(f"{found[name]}_challenge")
        return found

    def _rank(self, name: str) -> int:
        names = list(self._methods)
        return names.index(name) if name in names else len(names)

    def _alternative(self, names: tuple[str, ...], place: str) -> Alternative:
        schemes = tuple(scheme for name in names if (scheme := self._scheme(name, place)))
        return Alternative(schemes, self._class_name(schemes) if len(schemes) > 1 else None)

    def _class_name(self, schemes: tuple[Scheme, ...]) -> str:
        """Return the class of the caller if several schemes are required, such as `BearerAndApiKey`."""
        key = tuple(scheme.name for scheme in schemes)
        if key not in self._classes:
            name = "And".join(class_name(scheme.method) for scheme in schemes)
            self._classes[key] = self._class_names.take(name)
        return self._classes[key]

    def _scheme(self, name: str, place: str) -> Scheme | None:
        known = self.planning.schemes.get(name)
        if known is not None:
            return known
        if name not in self._methods:
            self.refuse(place, f"the security scheme {name!r} is not declared", f"declare it in #{SCHEMES}")
            return None
        node, pointer = self.planning.document.resolve(child(SCHEMES, name))
        scheme_type = self._type(node, pointer)
        if scheme_type is None:
            return None
        return self.planning.schemes.setdefault(name, Scheme(name, self._methods[name], scheme_type))

    def _type(self, node: dict[str, Any], pointer: str) -> SchemeType | None:
        """Return the type of a scheme; None, and a finding, for one that is not supported."""
        match node.get("type"):
            case "oauth2" | "openIdConnect":
                return BearerScheme()
            case "mutualTLS":
                return MutualTlsScheme()
            case "apiKey":
                return self._key(node, pointer)
            case "http":
                return self._http(str(node.get("scheme")), pointer)
        self.refuse(pointer, f"a security scheme of type {node.get('type')!r} is not supported")
        return None

    def _key(self, node: dict[str, Any], pointer: str) -> SchemeType:
        location, name = node["in"], node["name"]
        if location not in ("header", "query", "cookie"):
            self.refuse(child(pointer, "in"), f"a key in {location!r} is not supported")
        if location != "query" and not TOKEN.fullmatch(name):
            self.refuse(child(pointer, "name"), f"{name!r} is not a valid name in a {location}")
        return ApiKeyScheme(location, name)

    def _http(self, name: str, pointer: str) -> SchemeType:
        match name.lower():
            case "bearer":
                return BearerScheme()
            case "basic":
                return BasicScheme(_realm(self.planning.document.value))
            case "digest":
                return DigestScheme()
        if not TOKEN.fullmatch(name):
            self.refuse(
                child(pointer, "scheme"), f"{name!r} is not a valid name of an HTTP authentication scheme"
            )
        return HttpScheme(name)


def _realm(document: dict[str, Any]) -> str:
    """Return the contract's title as a quoted string of a header."""
    title = "".join(
        c for c in document["info"]["title"] if c.isascii() and c.isprintable() and c not in '"\\'
    )
    return title or "api"
