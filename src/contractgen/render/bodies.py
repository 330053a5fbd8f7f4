"""The request bodies of operations as Python source: their types, and the tables that read them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pprint import pformat

from contractgen.plan.contract import Body, BodyKind, Content
from contractgen.render.source import style
from contractgen.schema.directions import Direction
from contractgen_runtime.forms import Encoding, PartHeader

_READERS: dict[BodyKind, str] = {
    "json": "JsonBody",
    "any-json": "AnyJsonBody",
    "form": "FormBody",
    "multipart": "MultipartBody",
    "text": "TextBody",
    "text-value": "TextValueBody",
    "binary": "StreamBody",
    "items": "ItemsBody",
}
# The types of bodies without a model.
_TYPES: dict[BodyKind, str] = {"any-json": "JsonValue", "text": "str", "binary": "Stream"}


@dataclass(frozen=True, slots=True)
class BodySource:
    """Prints bodies; `class_of` returns the name of a schema's class in a direction."""

    class_of: Callable[[str, Direction], str]

    def type_of(self, body: Body) -> str:
        """Return the type of what a handler gets when a request has the body."""
        return " | ".join(dict.fromkeys(map(self._type, body.contents)))

    def argument(self, body: Body) -> str:
        """Return the type of a handler's argument `body`."""
        return self.type_of(body) + ("" if body.required else " | None")

    def table(self, body: Body) -> str:
        """Return the type and the value of a body's table: `Body[Post] = Body(...)`."""
        values = [self._reader(content) for content in body.contents]
        values += [] if body.required else ["required=False"]
        return f"Body[{self.type_of(body)}] = Body({', '.join(values)},)"

    def _type(self, content: Content) -> str:
        if content.kind in _TYPES:
            return _TYPES[content.kind]
        model = self._model(content)
        return f"ItemStream[{model}]" if content.kind == "items" else model

    def _model(self, content: Content) -> str:
        return f"models.{self.class_of(content.schema or '', content.direction)}"

    def _reader(self, content: Content) -> str:
        return f"{_READERS[content.kind]}({', '.join(self._arguments(content))},)"

    def _arguments(self, content: Content) -> Iterator[str]:
        yield pformat(content.media_type)
        if content.has_model:
            yield self._model(content)
            yield "SCHEMAS"
        if content.schema:
            yield f"schema={pformat(content.schema)}"
        yield f"max_bytes={content.max_bytes}"
        if form := content.form:
            yield from (
                f"{name}={pformat(value)}"
                for name, value in (
                    ("files", form.files),
                    ("file_patterns", form.file_patterns),
                    ("other_files", form.other_files),
                )
                if value
            )
            if form.encoding:
                parts = (f"{pformat(name)}: {_encoding(each)}" for name, each in form.encoding.items())
                yield f"encoding={{{', '.join(parts)},}}"
        if content.kind == "text" and not content.exact:
            yield f"exact_check=ExactCheck(SCHEMAS, {pformat(content.schema)})"
        elif content.kind in ("json", "items") and content.exact:
            yield "model_is_exact=True"


def _encoding(encoding: Encoding) -> str:
    values = [f"style={style(encoding.style)}"] if encoding.style else []
    if encoding.content_types:
        values.append(f"content_types={pformat(encoding.content_types)}")
    if encoding.headers:
        values.append(f"headers=({', '.join(map(_part_header, encoding.headers))},)")
    return f"Encoding({', '.join(values)},)" if values else "Encoding()"


def _part_header(header: PartHeader) -> str:
    explode = ", explode=True" if header.explode else ""
    required = ", required=True" if header.required else ""
    return f"PartHeader({pformat(header.name)}, {pformat(header.schema)}{explode}{required})"
