"""The operations of a raw contract: their addresses, parameters, bodies and responses."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from contractgen.verify.foreign.raw import At, RawContract

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
# Headers that OpenAPI leaves to content and security.
_IGNORED = {"accept", "authorization", "content-type"}
# Headers that frame or encode the message: the route acts on them before it reads parameters.
_OF_THE_MESSAGE = {"content-encoding", "content-length", "connection", "host", "transfer-encoding"}


@dataclass(frozen=True, slots=True)
class RawParameter:
    """A parameter; `schema` is the position of its schema, `media_type` set where that is its content's."""

    at: At
    location: str
    name: str
    required: bool
    schema: At
    media_type: str | None
    style: str
    explode: bool

    def is_credential(self, scheme: dict[str, Any]) -> bool:
        """Return whether this is the key of a security scheme: the contract declares it twice."""
        if scheme.get("type") != "apiKey" or scheme["in"] != self.location:
            return False
        if self.location == "header":
            return bool(scheme["name"].lower() == self.name.lower())
        return bool(scheme["name"] == self.name)


@dataclass(frozen=True, slots=True)
class RawOperation:
    """An operation; `address` is its path below the first server's."""

    raw: RawContract
    at: At
    items: tuple[At, ...]
    method: str
    path: str

    @property
    def node(self) -> dict[str, Any]:
        node: dict[str, Any] = self.raw.value(self.at)
        return node

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def operation_id(self) -> str:
        return str(self.node.get("operationId") or f"{self.method.lower()}{self.path}")

    @property
    def address(self) -> str:
        owners = (self.node, *map(self.raw.value, self.items), self.raw.value(self.raw.root))
        usual: list[Any] = [{"url": "/"}]
        servers = next((each["servers"] for each in owners if each.get("servers")), usual)
        url: str = servers[0]["url"]
        for name, variable in (servers[0].get("variables") or {}).items():
            url = url.replace(f"{{{name}}}", str(variable["default"]))
        return urlsplit(urljoin("http://localhost/", url)).path.rstrip("/") + self.path

    def parameters(self) -> list[RawParameter]:
        """Those of the path item, and those of the operation, which take their place."""
        found: dict[tuple[str, str], RawParameter] = {}
        for owner in (*reversed(self.items), self.at):
            for _, at in self.raw.below(owner, "parameters"):
                parameter = self._parameter(self.raw.resolve(at))
                if parameter.location != "header" or parameter.name.lower() not in _IGNORED | _OF_THE_MESSAGE:
                    found[parameter.location, parameter.name] = parameter
        return list(found.values())

    def _parameter(self, at: At) -> RawParameter:
        node = self.raw.value(at)
        location = node["in"]
        contents = [(name, self.raw.resolve(each)) for name, each in self.raw.below(at, "content")]
        style = node.get("style", {"query": "form", "cookie": "form"}.get(location, "simple"))
        return RawParameter(
            at=at,
            location=location,
            name=node["name"],
            required=location == "path" or node.get("required") is True,
            schema=contents[0][1].below("schema") if contents else at.below("schema"),
            media_type=contents[0][0] if contents else None,
            style=style,
            explode=node.get("explode", style in ("form", "cookie")),
        )

    def contents(self) -> Iterator[tuple[str, At]]:
        """The media types of the request body, with the position of each Media Type Object."""
        for media_type, at in self.raw.below(self.at, "requestBody", "content"):
            yield media_type, self.raw.resolve(at)

    @property
    def has_body(self) -> bool:
        return "requestBody" in self.node

    @property
    def body_is_required(self) -> bool:
        body = self.raw.value(self.raw.resolve(self.at.below("requestBody")))
        return body.get("required") is True

    def responses(self) -> Iterator[tuple[str, str, At]]:
        """The key, media type and Media Type Object of everything that a response may carry."""
        for key, response in self.raw.below(self.at, "responses"):
            if not key.startswith("x-"):
                for media_type, content in self.raw.below(self.raw.resolve(response), "content"):
                    yield key, media_type, self.raw.resolve(content)

    def credentials(self) -> list[dict[str, Any]]:
        """The schemes of the first security requirement that names any."""
        security = self.node.get("security", self.raw.value(self.raw.root).get("security")) or []
        names = next((list(each) for each in security if each), [])
        schemes = dict(self.raw.below(self.raw.root, "components", "securitySchemes"))
        return [self.raw.value(self.raw.resolve(schemes[name])) for name in names if name in schemes]


def operations_of(raw: RawContract) -> Iterator[RawOperation]:
    """Every operation of a contract. A path item's own fields stand before those that it refers to."""
    for path, at in raw.below(raw.root, "paths"):
        if path.startswith("x-"):
            continue
        items = tuple(dict.fromkeys((at, raw.resolve(at))))
        methods = {method: place for item in reversed(items) for method, place in _methods(raw, item)}
        for method, place in methods.items():
            yield RawOperation(raw, place, items, method, path)


def _methods(raw: RawContract, item: At) -> Iterator[tuple[str, At]]:
    """Yield the operations of a path item; some contracts of several files refer to them."""
    for member in raw.value(item):
        if member in _METHODS:
            yield member.upper(), raw.resolve(item.below(member))
    for method in raw.value(item).get("additionalOperations") or {}:
        yield method, raw.resolve(item.below("additionalOperations", method))
