"""The properties of forms and multipart bodies: which are files, and how each is encoded."""

from typing import Any

from contractgen.plan.contract import FormContent
from contractgen.plan.planning import Planning
from contractgen.schema.files import (
    admits_file,
    file_members,
    file_patterns,
    has_other_files,
)
from contractgen_runtime.forms import Encoding, PartHeader
from contractgen_runtime.media import parse_media_type
from contractgen_runtime.multipart_bodies import leaves_open
from contractgen_runtime.pointers import child
from contractgen_runtime.styles import Style
from contractgen_runtime.values import Coercion

_STYLES = ("form", "spaceDelimited", "pipeDelimited", "deepObject")
_STYLING = {"style", "explode", "allowReserved"}


def form_of(planning: Planning, place: str, *, is_multipart: bool) -> FormContent:
    """Return the form of the content at a pointer: files and Encoding Objects by property."""
    document = planning.document
    schema = document.resolve(child(place, "schema"))[1]
    encodings = _Encodings(planning, schema, is_multipart=is_multipart)
    encoding = encodings.of(child(place, "encoding"))
    if not is_multipart:
        return FormContent(encoding)
    body = document.at(schema)
    return FormContent(
        encoding,
        file_members(document, body),
        file_patterns(document, body),
        has_other_files(document, body),
        any(leaves_open(encodings.coercion, name) for name in encodings.coercion.members[0]),
    )


class _Encodings:
    """The Encoding Objects of one content."""

    def __init__(self, planning: Planning, schema: str, *, is_multipart: bool) -> None:
        self.planning = planning
        self.coercion = Coercion(planning.schemas, schema)
        self.is_multipart = is_multipart
        # OpenAPI 3.0 has no styles in multipart bodies.
        self.has_styles = not (is_multipart and str(planning.document.value["openapi"]).startswith("3.0."))

    def of(self, place: str) -> dict[str, Encoding]:
        owner = self.planning.document.at(place.rpartition("/")[0])
        found = {}
        for name in owner.get("encoding", {}):
            node, pointer = self.planning.document.resolve(child(place, name))
            if name in self.coercion.members[0]:
                found[name] = self._encoding(name, node, pointer)
            else:
                message = f"the schema has no property {name!r}: its encoding has no effect"
                self.planning.warnings.append(self.planning.document.finding(pointer, message))
        return {name: each for name, each in found.items() if each != Encoding()}

    def _encoding(self, name: str, node: dict[str, Any], pointer: str) -> Encoding:
        headers = self._headers(node, pointer) if self.is_multipart else ()
        if self.has_styles and _STYLING & node.keys():  # beside them contentType is ignored
            return Encoding(self._style(node, pointer), headers=headers)
        return Encoding(content_types=self._content_types(name, node, pointer), headers=headers)

    def _style(self, node: dict[str, Any], pointer: str) -> Style:
        name = node.get("style", "form")
        if name not in _STYLES:
            self.planning.refuse(
                child(pointer, "style"), f"{name!r} is not a style of forms", ", ".join(_STYLES)
            )
        explode = node.get("explode", name == "form")
        return Style(name, explode=explode, allow_reserved=node.get("allowReserved") is True)

    def _content_types(self, name: str, node: dict[str, Any], pointer: str) -> tuple[str, ...]:
        written = node.get("contentType", "")
        names = tuple(each.strip() for each in written.split(",") if each.strip())
        known = [parse_media_type(each) for each in names]
        reads_text = self._reads_text(name)
        for each, media_type in zip(names, known, strict=True):
            if media_type is None:
                self.planning.refuse(child(pointer, "contentType"), f"{each!r} is not a media type")
            elif not (reads_text or media_type.is_json or media_type.type in ("text", "*")):
                message = f"the property {name!r} as {each} with this schema is not supported"
                self.planning.refuse(child(pointer, "contentType"), message, "use a string, a file or JSON")
        return names

    def _reads_text(self, name: str) -> bool:
        """Return whether a property is a string or file, so that its text needs no parsing."""
        document = self.planning.document
        places = self.coercion.places_of(name)
        kinds = frozenset[str]().union(*(self.coercion.kinds_of((place,)) for place in places))
        return "string" in kinds or any(admits_file(document, document.at(place)) for place in places)

    def _headers(self, node: dict[str, Any], pointer: str) -> tuple[PartHeader, ...]:
        found = []
        for name in node.get("headers", {}):
            header, place = self.planning.document.resolve(child(pointer, "headers", name))
            if name.lower() == "content-type":
                continue  # OpenAPI ignores it: contentType declares it
            if "schema" not in header:
                self.planning.refuse(place, "a part's header without a schema is not supported")
                continue
            schema = self.planning.document.resolve(child(place, "schema"))[1]
            explode, required = header.get("explode", False), header.get("required", False)
            found.append(PartHeader(name, schema, explode=explode, required=required))
        return tuple(found)
