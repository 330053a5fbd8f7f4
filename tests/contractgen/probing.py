"""Requests to the operations of any document: right ones by what it declares, and wrong ones of each kind.

Nothing here is read by the code that is generated: parameters are written as OpenAPI's table of styles says.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from contractgen.document.load import Document
from contractgen.mock.values import Values
from contractgen.schema.normal import normal_form
from contractgen_runtime.pointers import child
from tests.contractgen.securing import DIGEST

#: Probes: of one keyword each, and of one construct of OpenAPI each.
PROBES = Path(__file__).with_name("probes")
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
WRONG = "x!"
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Sent:
    """A request."""

    method: str
    path: str
    query: Pairs = field(default_factory=list)
    headers: Pairs = field(default_factory=list)
    body: bytes = b""

    @property
    def target(self) -> str:
        query = "&".join(f"{name}={value}" for name, value in self.query)
        return f"{self.path}?{query}" if query else self.path


class Probe:
    """One operation of a document, at its place: `right` is a request to it, `wrong` what it must refuse."""

    def __init__(self, document: Document, values: Values, place: str, method: str) -> None:
        self.document = document
        self.values = values
        self.node, self.place = document.resolve(place)
        self.path = place.split("/")[2].replace("~1", "/").replace("~0", "~")
        self.method = method.upper()
        self.parameters = list(self._parameters(place))

    def _parameters(self, place: str) -> Iterator[tuple[dict[str, Any], str]]:
        found: dict[tuple[str, str], tuple[dict[str, Any], str]] = {}
        for owner in (self.document.resolve(place.rpartition("/")[0])[1], self.place):
            for index in range(len(self.document.at(owner).get("parameters", ()))):
                node, pointer = self.document.resolve(child(owner, "parameters", index))
                found[node["in"], node["name"]] = node, pointer
        yield from found.values()

    @property
    def right(self) -> Sent:
        """A request that is as declared."""
        return self._sent([self.values.make(_schema_place(*each)) for each in self.parameters])

    def wrong(self) -> Iterator[tuple[Sent, set[int]]]:
        """Requests that must be refused, and the statuses that say so."""
        right, values = self.right, [self.values.make(_schema_place(*each)) for each in self.parameters]
        yield replace(right, query=[*right.query, ("nobody-declared-this", "1")]), {422}
        for index, parameter in enumerate(self.parameters):
            bad = _spoilt(self.document, _schema_place(*parameter), values[index])
            if bad is not None:
                yield self._sent([*values[:index], bad, *values[index + 1 :]]), {422}
        if self._schemes() and {} not in self._security():
            yield replace(right, query=[], headers=[]), {401}
        if right.body and "json" in str(self._media_type()):
            yield replace(right, body=b"{"), {400, 422}
        if right.body and "*" not in str(self._media_type()):
            headers = [each for each in right.headers if each[0] != "content-type"]
            yield replace(right, headers=[*headers, ("content-type", "application/x-nobody")]), {415}

    def _sent(self, values: list[Any]) -> Sent:
        """The request with these values of its parameters, a body, and all credentials."""
        sent = Sent(self.method, self._base() + self.path)
        for (node, _), value in zip(self.parameters, values, strict=True):
            sent = _with(sent, node, value)
        body = self._body()
        if body is not None:
            sent = replace(sent, headers=[*sent.headers, ("content-type", body[0])], body=body[1])
        for scheme in self._schemes():
            sent = _with_credential(sent, scheme)
        return sent

    def _base(self) -> str:
        servers = self.node.get("servers") or self.document.value.get("servers") or [{"url": ""}]
        url: str = servers[0]["url"]
        for name, variable in servers[0].get("variables", {}).items():
            url = url.replace(f"{{{name}}}", variable["default"])
        return urlsplit(url).path.rstrip("/")

    def _media_type(self) -> str | None:
        if "requestBody" not in self.node:
            return None
        body, _ = self.document.resolve(child(self.place, "requestBody"))
        return next((each for each in body["content"] if "xml" not in each), None)

    def _body(self) -> tuple[str, bytes] | None:
        media_type = self._media_type()
        if media_type is None:
            return None
        pointer = self.document.resolve(child(self.place, "requestBody"))[1]
        place = child(pointer, "content", media_type, "schema")
        content = self.document.at(child(pointer, "content", media_type))
        value = self.values.make(place) if "schema" in content else "text"
        return _encoded(media_type, value)

    def _security(self) -> list[dict[str, list[str]]]:
        found: list[dict[str, list[str]]] = self.node.get("security", self.document.value.get("security", []))
        return found

    def _schemes(self) -> list[dict[str, Any]]:
        security = [each for each in self._security() if each]
        names = security[0] if security else {}
        return [self.document.resolve(child("/components/securitySchemes", name))[0] for name in names]


def probes_of(document: Document) -> list[Probe]:
    """Every operation of a document."""
    document = normal_form(document)
    values = Values(document, "request")
    found = []
    for path in document.value.get("paths") or {}:
        item, pointer = document.resolve(child("/paths", path))
        for method in item:
            if method in METHODS:
                probe = Probe(
                    document,
                    values,
                    child("/paths", path, method) if pointer.startswith("/paths") else child(pointer, method),
                    method,
                )
                probe.path = path
                found.append(probe)
    return found


def _schema_place(node: dict[str, Any], pointer: str) -> str:
    content = next(iter(node.get("content", {})), None)
    return child(pointer, "schema") if content is None else child(pointer, "content", content, "schema")


def _spoilt(document: Document, place: str, value: Any) -> Any:
    """The value with a text in it that its schema has no use for; None where any text will do."""
    schema = document.resolve(place)[0]
    if isinstance(value, list):
        items = _spoilt(document, child(document.resolve(place)[1], "items"), value[0]) if value else None
        return None if items is None else [items]
    if isinstance(value, dict):
        for name, each in value.items():
            bad = _spoilt(document, child(document.resolve(place)[1], "properties", name), each)
            if bad is not None:
                return {**value, name: bad}
        return None
    kinds = schema.get("type", [])
    takes_text = (
        "string" in ([kinds] if isinstance(kinds, str) else kinds) or "oneOf" in schema or "anyOf" in schema
    )
    is_free = takes_text and not {"enum", "const", "format", "pattern"} & schema.keys()
    return None if is_free else WRONG


def _text(value: Any) -> str:
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _flat(value: dict[str, Any]) -> list[str]:
    return [each for pair in value.items() for each in map(_text, pair)]


def _with(sent: Sent, node: dict[str, Any], value: Any) -> Sent:
    """The request with a parameter in its style."""
    name, location = node["name"], node["in"]
    style = node.get("style", {"query": "form", "cookie": "form"}.get(location, "simple"))
    explode = node.get("explode", style in ("form", "cookie"))
    if "content" in node:
        value, style = json.dumps(value), "simple"
    if location == "query":
        return replace(sent, query=[*sent.query, *_query(name, style, value, explode=explode)])
    if location == "path":
        return replace(
            sent, path=sent.path.replace(f"{{{name}}}", _in_path(name, style, value, explode=explode))
        )
    if location == "cookie":
        cookies = "; ".join(f"{key}={text}" for key, text in _query(name, style, value, explode=explode))
        return replace(sent, headers=[*sent.headers, ("cookie", cookies)])
    return replace(sent, headers=[*sent.headers, (name.lower(), _simple(value, explode=explode))])


def _query(name: str, style: str, value: Any, *, explode: bool) -> Pairs:
    key = quote(name, safe="[]")
    if isinstance(value, list):
        if explode and style == "form":
            return [(key, quote(_text(each))) for each in value]
        glue = {"spaceDelimited": "%20", "pipeDelimited": "%7C"}.get(style, ",")
        return [(key, glue.join(quote(_text(each)) for each in value))]
    if isinstance(value, dict):
        if style == "deepObject":
            return [(f"{key}[{quote(member)}]", quote(_text(each))) for member, each in value.items()]
        if explode:
            return [(quote(member), quote(_text(each))) for member, each in value.items()]
        return [(key, ",".join(quote(each) for each in _flat(value)))]
    return [(key, quote(_text(value)))]


def _simple(value: Any, *, explode: bool) -> str:
    if isinstance(value, list):
        return ",".join(map(_text, value))
    if isinstance(value, dict):
        return ",".join(f"{k}={_text(v)}" for k, v in value.items()) if explode else ",".join(_flat(value))
    return _text(value)


def _in_path(name: str, style: str, value: Any, *, explode: bool) -> str:
    if style == "label":
        glue = "." if explode else ","
        return "." + (
            glue.join(map(_text, value))
            if isinstance(value, list)
            else quote(_simple(value, explode=explode))
        )
    if style == "matrix":
        if isinstance(value, list) and explode:
            return "".join(f";{name}={_text(each)}" for each in value)
        return f";{name}={_simple(value, explode=False)}"
    return quote(_simple(value, explode=explode), safe=",=")


def _encoded(media_type: str, value: Any) -> tuple[str, bytes]:
    """A body of a media type, and the Content-Type that says so."""
    if media_type == "application/x-www-form-urlencoded":
        pairs = [pair for name, each in value.items() for pair in _query(name, "form", each, explode=True)]
        return media_type, "&".join(f"{name}={text}" for name, text in pairs).encode()
    if media_type.startswith("multipart/"):
        items = [
            (n, item) for n, each in value.items() for item in (each if isinstance(each, list) else [each])
        ]
        parts = [_part(name, item) for name, item in items]
        return f"{media_type}; boundary=b", f"{''.join(parts)}--b--\r\n".encode()
    if "*" in media_type:
        return media_type.replace("*/*", "application/json").replace("*", "x"), json.dumps(value).encode()
    is_json = "json" in media_type
    return media_type, (json.dumps(value) if is_json or not isinstance(value, str) else value).encode()


def _part(name: str, value: Any) -> str:
    """A part of a multipart body: texts as files, all else as JSON."""
    more = '; filename="f"' if isinstance(value, str) else "\r\nContent-Type: application/json"
    text = value if isinstance(value, str) else json.dumps(value)
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{text}\r\n'


def _with_credential(sent: Sent, scheme: dict[str, Any]) -> Sent:
    kind, name = scheme["type"], str(scheme.get("scheme", "")).lower()
    if kind == "apiKey":
        if scheme["in"] == "query":
            return replace(sent, query=[*sent.query, (scheme["name"], "key")])
        pair = (
            ("cookie", f"{scheme['name']}=key")
            if scheme["in"] == "cookie"
            else (scheme["name"].lower(), "key")
        )
        return replace(sent, headers=[*sent.headers, pair])
    if kind == "mutualTLS":
        return replace(sent, headers=[*sent.headers, ("client-cert", "CN=probe")])
    if name == "basic":
        credential = f"Basic {b64encode(b'user:password').decode()}"
    elif name == "digest":
        credential = f"Digest {DIGEST}"
    else:
        credential = "Bearer token"
    return replace(sent, headers=[*sent.headers, ("authorization", credential)])
