"""The request body of an operation: each media type that it may have, and how that is read."""

from typing import Any

from contractgen.plan.contract import WITHOUT_MODEL, Body, BodyKind, Content
from contractgen.plan.forms import form_of
from contractgen.plan.media import as_range, items_of
from contractgen.plan.names import class_name
from contractgen.plan.planning import Planning
from contractgen.plan.readers import body_kinds, keywords
from contractgen.plan.sizes import DEFAULT_MAX_FILE_BYTES
from contractgen.schema.directions import Direction
from contractgen.schema.exactness import is_exact
from contractgen_runtime.pointers import child

_STREAMED = frozenset({"items", "binary"})
# Kinds whose readers rely on the model alone if it is exact.
_BY_MODEL = frozenset({"items", "json"})


def body_of(planning: Planning, pointer: str, operation_id: str, node: dict[str, Any]) -> Body | None:
    """The body that the operation at a pointer takes, None when it takes none.

    A media type that cannot be read by its schema is left to `contractgen lint` where there are others.
    """
    if "requestBody" not in node:
        return None
    body, pointer = planning.document.resolve(child(pointer, "requestBody"))
    kinds = body_kinds(planning.document, pointer)
    if not any(kinds.values()):
        for media_type in kinds:
            message = f"a body of {media_type} with this schema is not supported"
            planning.refuse(child(pointer, "content", media_type), message, hint_for(media_type))
        return None
    planned = _Contents(planning, f"{class_name(operation_id)}Body", _max_bytes(planning, body, pointer))
    for media_type, kind in kinds.items():
        if kind is not None:
            planned.add(as_range(media_type), child(pointer, "content", media_type), kind)
    return Body(tuple(planned.contents), body.get("required", False))


def hint_for(media_type: str) -> str:
    """Return a hint for a media type that is not supported."""
    taken = "a schema of type string, format binary has it taken as it is"
    return f"XML is not read into members; {taken}" if "xml" in media_type.lower() else taken


def _max_bytes(planning: Planning, body: dict[str, Any], pointer: str) -> int | None:
    size = body.get("x-max-body-bytes")
    if size is not None and (type(size) is not int or size < 1):
        planning.refuse(child(pointer, "x-max-body-bytes"), "must be a number of bytes")
        return None
    return size


class _Contents:
    """The contents of one body; `name` is that of a schema which has none."""

    def __init__(self, planning: Planning, name: str, max_bytes: int | None) -> None:
        self.planning = planning
        self.name = name
        self.max_bytes = max_bytes
        self.contents: list[Content] = []

    def add(self, media_type: str, place: str, kind: BodyKind) -> None:
        form = None
        if kind in ("form", "multipart"):
            form = form_of(self.planning, place, is_multipart=kind == "multipart")
        direction: Direction = "form" if form and form.has_files else "request"
        schema = self._schema(self._place(place, kind), direction, has_model=kind not in WITHOUT_MODEL)
        exact = schema is None or self._is_exact(schema, kind)
        has_files = (form is not None and form.may_have_files) or kind in _STREAMED
        default = DEFAULT_MAX_FILE_BYTES if has_files else self.planning.sizes.default_max_bytes(schema)
        self.contents.append(Content(media_type, kind, self.max_bytes or default, schema, exact, form))

    def _place(self, place: str, kind: BodyKind) -> str | None:
        """Return the pointer of the schema of a content, or of its items; None without one."""
        if kind == "items":
            return items_of(self.planning.document, place)
        return child(place, "schema") if "schema" in self.planning.document.at(place) else None

    def _schema(self, place: str | None, direction: Direction, *, has_model: bool) -> str | None:
        """The pointer of a schema; one that says what an earlier content's says is that one."""
        if place is None:
            return None
        pointer = self.planning.document.resolve(place)[1]
        if not has_model:
            return pointer
        models = [each for each in self.contents if each.has_model]
        schemas = dict.fromkeys(str(each.schema) for each in models if each.direction == direction)
        value = self.planning.document.at(pointer)
        for known in schemas:
            if self.planning.document.at(known) == value:
                return known
        name = f"{self.name}{len(schemas) + 1}" if schemas else self.name
        return self.planning.model(place, name, direction)

    def _is_exact(self, schema: str, kind: BodyKind) -> bool:
        if kind == "text":
            return keywords(self.planning.document.at(schema)) <= {"type"}
        return kind not in _BY_MODEL or is_exact(self.planning.document, schema)
