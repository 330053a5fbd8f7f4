"""The operations that a document declares, as tables."""

from collections.abc import Iterator, Mapping
from typing import Any

from contractgen.document.load import Document
from contractgen.document.operations import declared_parameters, operations_of
from contractgen.plan.contract import Contract, Kind
from contractgen.plan.media import contents_of
from contractgen.plan.readers import body_kinds, is_bytes
from contractgen.schema.directions import directed
from contractgen.schema.files import file_members
from contractgen.verify.shape import shape
from contractgen.verify.tables import (
    ABSENT,
    TEXT,
    BodyTable,
    ContentTable,
    EncodingTable,
    HeaderTable,
    Key,
    OperationTable,
    ParameterTable,
    ResponseTable,
    SchemaAt,
    Tables,
)
from contractgen_runtime.media import parse_media_type
from contractgen_runtime.pointers import child, value_at
from contractgen_runtime.statuses import BODILESS, statuses_of

_STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
_Contents = Iterator[tuple[str, ContentTable]]
ANYTHING = SchemaAt({}, {})
_FORM = "application/x-www-form-urlencoded"
# Which OpenAPI leaves to content, security, and the server.
_IGNORED_PARAMETERS = {"accept", "authorization", "content-type"}
_IGNORED_HEADERS = {"content-type", "content-length", "transfer-encoding", "connection"}


def declared(contract: Contract) -> Tables:
    """Return every operation of a contract, as its document has it in normal form."""
    return dict(_Reading(contract).operations())


class _Reading:
    """One document, with its schemas as requests and as responses have them."""

    def __init__(self, contract: Contract) -> None:
        self.document: Document = contract.document
        self.addresses = {(each.path, each.method): each.addresses[0] for each in contract.operations}
        self.in_requests = directed(contract.document, "request")
        self.in_answers = directed(contract.document, "response")

    def operations(self) -> Iterator[tuple[Key, OperationTable]]:
        for place in operations_of(self.document):
            key = place.method, self.addresses[place.path, place.method]
            yield key, self._operation(place.pointer, f"{place.method.lower()}{place.path}")

    def _operation(self, place: str, name: str) -> OperationTable:
        node = self.document.at(place)
        security = node.get("security", self.document.value.get("security", []))
        return OperationTable(
            operation_id=node.get("operationId") or name,
            tag=(node.get("tags") or ["default"])[0],
            security=tuple({scheme: tuple(roles) for scheme, roles in each.items()} for each in security),
            parameters=self._parameters(place),
            body=self._body(child(place, "requestBody")) if "requestBody" in node else None,
            responses=self._responses(place),
            place=place,
        )

    # Parameters ---------------------------------------------------------------------------------------

    def _parameters(self, operation: str) -> Mapping[tuple[str, str], ParameterTable]:
        """Return the parameters of the path and of the operation; the latter override the former."""
        found = {}
        for (location, name), place in declared_parameters(self.document, operation).items():
            if location != "header" or name.lower() not in _IGNORED_PARAMETERS:
                found[location, name] = self._parameter(self.document.at(place), place)
        return found

    def _parameter(self, node: dict[str, Any], place: str) -> ParameterTable:
        media_type = next(iter(node.get("content", {})), None)
        where = child(place, *(() if media_type is None else ("content", media_type)), "schema")
        schema = self._schema(self.in_requests, where)
        return ParameterTable(
            required=node.get("required", False),
            style=style_of(node, schema) if media_type is None else f"content {media_type}",
            default=ABSENT if node.get("required") else _default(self.document.resolve(where)[0]),
            schema=schema,
            place=place,
        )

    # Bodies -------------------------------------------------------------------------------------------

    def _body(self, place: str) -> BodyTable:
        node, place = self.document.resolve(place)
        size = node.get("x-max-body-bytes")
        return BodyTable(node.get("required", False), dict(self._contents(node, place, size)), place)

    def _contents(self, node: dict[str, Any], place: str, size: int | None) -> _Contents:
        """Yield the media types of a body that a reader takes; `contractgen lint` reports the others."""
        kinds = body_kinds(self.document, place)
        for media_type, content in node["content"].items():
            if kinds[media_type] is None:
                continue
            where = child(place, "content", media_type)
            schema = ANYTHING
            if "schema" in content and not is_bytes(parse_media_type(media_type)):
                schema = self._schema(self.in_requests, child(where, "schema"))
            is_multipart = media_type.startswith("multipart/")
            encoding, files = {}, frozenset[str]()
            if is_multipart:
                files = frozenset(file_members(self.document, content.get("schema", {})))
            if is_multipart or media_type.startswith(_FORM):
                encoding = dict(self._encodings(content, where, schema, is_multipart=is_multipart))
            yield media_type, ContentTable((schema,), size, encoding, files, where)

    def _encodings(
        self, content: dict[str, Any], place: str, schema: SchemaAt, *, is_multipart: bool
    ) -> Iterator[tuple[str, EncodingTable]]:
        """Yield the encodings that say something, of properties that the schema has."""
        is_styled = not (is_multipart and str(self.document.value["openapi"]).startswith("3.0."))
        members = shape(schema.root, ((schema.value,),)).members
        for name in members.keys() & content.get("encoding", {}).keys():
            node, where = self.document.resolve(child(place, "encoding", name))
            headers = self._headers(self.in_requests, where) if is_multipart else {}
            style, types = "", tuple(filter(None, map(str.strip, node.get("contentType", "").split(","))))
            if is_styled and {"style", "explode", "allowReserved"} & node.keys():
                style, types = _form_style(node), ()
            if style or types or headers:
                yield name, EncodingTable(style, types, headers, where)

    # Answers ------------------------------------------------------------------------------------------

    def _responses(self, operation: str) -> Mapping[str, ResponseTable]:
        declared = self.document.at(operation).get("responses") or {}
        keys = {k.replace("x", "X"): child(operation, "responses", k) for k in declared if k[0] in "2345d"}
        found = {key: self._response(key, place, keys) for key, place in keys.items()}
        found = {key: response for key, response in found.items() if response.statuses}
        return found or {"default": ResponseTable(frozenset(statuses_of("default", ())), {}, {})}

    def _response(self, key: str, place: str, keys: Mapping[str, str]) -> ResponseTable:
        node, place = self.document.resolve(place)
        statuses = frozenset(statuses_of(key, keys))
        contents = {} if statuses <= BODILESS else dict(self._answers(node, place))
        statuses -= BODILESS if contents else frozenset()
        return ResponseTable(statuses, contents, self._headers(self.in_answers, place), place)

    def _answers(self, node: dict[str, Any], place: str) -> _Contents:
        """Yield the content of a response by media type: JSON, text or bytes, or items of a sequence."""
        if not node.get("content"):
            return
        place = child(place, "content")
        for where, content in contents_of(self.document, place, negotiated=False):
            schema = self._schema(self.in_answers, where) if where else _plain(content.kind)
            for media_type in content.media_types:
                yield media_type, ContentTable((schema,), place=child(place, media_type))

    def _headers(self, root: Any, owner: str) -> Mapping[str, HeaderTable]:
        """Return the headers of a response or of a part of a body; `explode` matters for a part only."""
        found = {}
        for name in self.document.at(owner).get("headers") or {}:
            node, place = self.document.resolve(child(owner, "headers", name))
            if name.lower() not in _IGNORED_HEADERS and node.get("x-sent-by") != "server":
                where = child(place, "schema")
                schema = self._schema(root, where) if "schema" in node else ANYTHING
                explode = root is self.in_requests and node.get("explode", False)
                found[name] = HeaderTable(node.get("required", False), schema, explode, place)
        return found

    def _schema(self, root: Any, place: str) -> SchemaAt:
        """Return a schema of one direction, without the properties that the direction does not have."""
        return SchemaAt(root, value_at(root, place))


def _form_style(node: Mapping[str, Any]) -> str:
    style = node.get("style", "form")
    explode = "*" if node.get("explode", style == "form") else ""
    return f"{style}{explode}{' reserved' if node.get('allowReserved') else ''}"


def _default(schema: Any) -> Any:
    return schema.get("default", ABSENT) if isinstance(schema, dict) else ABSENT


def _plain(kind: Kind) -> SchemaAt:
    """Return the schema of a response without a model: any JSON, or text or bytes that its handler writes."""
    return ANYTHING if kind == "json" else SchemaAt(TEXT, TEXT)


def style_of(node: Mapping[str, Any], schema: SchemaAt) -> str:
    """Return the style of a parameter as far as it matters: `form*` explodes; a single text does not."""
    usual = _STYLES[node["in"]]
    style = node.get("style", usual)
    if shape(schema.root, ((schema.value,),)).kinds & {"array", "object"}:
        explode = node.get("explode", style in ("form", "cookie"))
    else:
        explode, style = False, style if node["in"] == "path" else usual
    reserved = " reserved" if node.get("allowReserved") else ""
    empty = " empty" if node.get("allowEmptyValue") and node["in"] == "query" else ""
    return f"{style}{'*' if explode else ''}{reserved}{empty}"
