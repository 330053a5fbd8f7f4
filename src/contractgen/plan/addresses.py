"""The addresses of operations: their paths below the paths of their servers; conflicts are findings."""

import re
from collections.abc import Iterator
from itertools import product
from math import prod
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from contractgen.document.operations import Place, declared_parameters
from contractgen.plan.headers import is_token
from contractgen.plan.planning import Planning
from contractgen_runtime.paths import PLACEHOLDER
from contractgen_runtime.pointers import child

# The most combinations of a server's variables that are served.
_MOST_SERVERS = 32
# The scheme and host of a URL.
_HOST = re.compile(r"[^/]*//[^/]*")


class Addresses:
    """The addresses of all operations of one document.

    Clients do not send the part of a path after `#` or `?`: an operation under `/a#b` is served at `/a`, if
    no other operation has that address, and always at the escaped `/a%23b`.
    """

    def __init__(self, planning: Planning, places: list[Place]) -> None:
        self.planning = planning
        self.document = planning.document
        self.refuse = planning.refuse
        self.base_paths = self._bases("")
        self._found: dict[Place, list[str]] = {place: [] for place in places}
        self._taken: dict[tuple[str, str], Place] = {}
        declared = {place: self._declared(place) for place in places}
        for place, addresses in declared.items():
            self._check_template(place)
            self._claim_first(place, addresses[0])
        for place, addresses in declared.items():
            for address in addresses[1:]:
                self._claim(place, address, f"{place.method} {address} reaches another operation")
        for place in places:
            self._claim_more(place, declared[place])

    def of(self, place: Place) -> tuple[str, ...]:
        """Return the addresses of an operation, the first being that of its first server."""
        return tuple(self._found[place])

    def _declared(self, place: Place) -> list[str]:
        """Return the addresses below the servers of the operation, else of its path item or the document."""
        owners = (place.pointer, place.item, "")
        owner = next(each for each in owners if self.document.at(each).get("servers") or not each)
        return [base + place.path for base in (self._bases(owner) if owner else self.base_paths)]

    def _claim_first(self, place: Place, address: str) -> None:
        other = self._taken.setdefault(_form(place, address), place)
        if other is not place:
            message = f"conflicts with #{other.pointer}: both are {place.method} {address}"
            hint = "make them one operation, or give one of them another path: names tell no requests apart"
            self.refuse(place.pointer, message, hint)
        self._found[place].append(address)

    def _claim(self, place: Place, address: str, otherwise: str) -> None:
        other = self._taken.setdefault(_form(place, address), place)
        if other is place:
            self._found[place] += [address] if address not in self._found[place] else []
        else:
            self.planning.warn(place.pointer, f"{otherwise}: #{other.pointer}")

    def _claim_more(self, place: Place, declared: list[str]) -> None:
        """Serve an operation also at its path without what follows `#` or `?`, unless a placeholder does."""
        bare = place.path.partition("#")[0].partition("?")[0]
        if names := PLACEHOLDER.findall(place.path[len(bare) :]):
            message = f"no client sends what follows # or ? as a part of the path: {{{names[0]}}} is there"
            hint = f"declare {names[0]!r} with `in: query`, and end the path before it"
            self.planning.warn(place.pointer, message, hint)
        elif bare != place.path:
            for address in declared:
                shorter = address.removesuffix(place.path) + bare
                self._claim(
                    place, shorter, "without the part after # or ?, this path reaches another operation"
                )

    # Templates ----------------------------------------------------------------------------------------

    def _check_template(self, place: Place) -> None:
        """Report an invalid template, or a method that no request can have."""
        if not is_token(place.method):
            self.refuse(place.pointer, f"no request can have the method {place.method!r}")
        key = child("/paths", place.path)
        names = PLACEHOLDER.findall(place.path)
        if "}{" in place.path:
            hint = "put a text between them, such as a dot, or make them one parameter"
            self.refuse(key, "two placeholders need a separator between them", hint)
        if "{" in PLACEHOLDER.sub("", place.path) or "}" in PLACEHOLDER.sub("", place.path):
            self.refuse(key, "a brace is not part of a placeholder")
        for name in names:
            if names.count(name) > 1:
                self.refuse(key, f"the placeholder {{{name}}} stands twice")
        if "�" in unquote(place.path):
            self.refuse(key, "is not UTF-8 when it is decoded")
        self._check_parameters(place, names)

    def _check_parameters(self, place: Place, names: list[str]) -> None:
        """Report placeholders without a parameter, and path parameters without a placeholder."""
        parameters = declared_parameters(self.document, place.pointer)
        declared = {name: pointer for (location, name), pointer in parameters.items() if location == "path"}
        for name in dict.fromkeys(names):
            if name not in declared:
                hint = f"declare a parameter {name!r} with `in: path`"
                self.refuse(place.pointer, f"the placeholder {{{name}}} has no parameter", hint)
        for name, pointer in declared.items():
            if name not in names:
                message = f"the path {place.path} has no placeholder {{{name}}}"
                self.refuse(child(pointer, "name"), message)

    # Servers ------------------------------------------------------------------------------------------

    def _bases(self, owner: str) -> list[str]:
        """Return the distinct paths of the servers at a pointer; their hosts are ignored."""
        servers = self.document.at(owner).get("servers", [])
        places = [(server, child(owner, "servers", index)) for index, server in enumerate(servers)]
        found = [base for server, place in places for base in self._bases_of(server, place)]
        return list(dict.fromkeys(found)) or [""]

    def _bases_of(self, server: dict[str, Any], place: str) -> Iterator[str]:
        url, variables = server["url"], server.get("variables", {})
        in_path = PLACEHOLDER.findall(_HOST.sub("", url, count=1) if _HOST.match(url) else url)
        values = {
            name: _values(variable) if name in in_path else [str(variable["default"])]
            for name, variable in variables.items()
        }
        if prod(map(len, values.values())) > _MOST_SERVERS:
            values = {name: each[:1] for name, each in values.items()}
            self.planning.warn(
                place, "has too many addresses: only that of the variables' defaults is served"
            )
        for each in product(*values.values()):
            base = self._base(url, dict(zip(values, each, strict=True)), place)
            if base is not None:
                yield base
        for name in in_path:
            if "enum" not in variables.get(name, {"enum": ()}):
                where = child(place, "variables", name)
                self.planning.warn(where, "has no enum: only the address of its default is served")

    def _base(self, url: str, values: dict[str, str], place: str) -> str | None:
        """Return the path of a server's URL, which may be relative."""
        try:
            for name, value in values.items():
                url = url.replace(f"{{{name}}}", value)
            path = urlsplit(urljoin("http://host/", url)).path.rstrip("/")
        except ValueError:  # brackets of an IPv6 address that do not match
            path = "{}"
        if "{" in path:
            message = f"{url!r} is not a valid URL: operations are not served below it"
            self.planning.warn(child(place, "url"), message, "every variable in it needs a default")
            return None
        return path


def _values(variable: dict[str, Any]) -> list[str]:
    """Return the values of a server's variable, the default first."""
    return list(dict.fromkeys([str(variable["default"]), *map(str, variable.get("enum", []))]))


def _form(place: Place, address: str) -> tuple[str, str]:
    """Return the normal form of an address: placeholders without names, literals decoded."""
    segments = PLACEHOLDER.sub("{}", address).split("/")
    return place.method, "/".join(unquote(segment).replace("/", "%2F") for segment in segments)
