"""Compare request bodies and content: media types, schemas, encodings of forms, sizes."""

from typing import Any

from contractgen.diff.annotations import compare_notes
from contractgen.diff.changes import Effect, Way
from contractgen.diff.media_types import covering, media_types
from contractgen.diff.nodes import Pair, Side
from contractgen.diff.schemas import Schemas
from contractgen.plan.sizes import DEFAULT_MAX_FILE_BYTES, Sizes
from contractgen.schema.files import file_members, is_file
from contractgen.schema.inclusion.sources import spelled

_BODY_BYTES = "x-max-body-bytes"


class Bodies:
    """Compares bodies of two documents."""

    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas

    def compare_request(self, operation: Pair, way: Way) -> None:
        """Report how the request body of an operation changed."""
        before, after = ("requestBody" in side.value for side in (operation.old, operation.new))
        if before and not after:
            operation.gone("the request body is gone", operation.old.field("requestBody"))
        elif after and not before:
            side = operation.new.field("requestBody")
            required = side.value.get("required") is True
            level = way.level(Effect.NARROWED) if required else "compatible"
            operation.added(f"a{' required' if required else 'n optional'} request body is new", side, level)
        elif before:
            pair = operation.of(operation.old.field("requestBody"), operation.new.field("requestBody"))
            compare_required(pair, way, "the request body")
            compare_notes(pair)
            self.compare_content(pair, way)
            self._compare_size(pair, way)

    def _compare_size(self, pair: Pair, way: Way) -> None:
        if spelled(pair.get(_BODY_BYTES)[0]) == spelled(pair.get(_BODY_BYTES)[1]):
            return
        before, after = (_size(side) for side in (pair.old, pair.new))
        if before != after:
            effect = Effect.NARROWED if after < before else Effect.WIDENED
            subject = "larger bodies are " + ("rejected" if after < before else "accepted")
            pair.add(way.level(effect), f"{_BODY_BYTES} {before} -> {after}: {subject}", _BODY_BYTES)

    def compare_content(self, pair: Pair, way: Way) -> None:
        """Report how the media types of a body, parameter or header changed, and what each holds."""
        before, after = media_types(pair.old), media_types(pair.new)
        for name, side in before.items():
            other = covering(after, name)
            if other is None:
                pair.gone(f"the media type {name} is gone", side)
            else:
                self._compare_media_type(name, pair.of(side, after[other]), way)
        for name, side in after.items():
            if name not in before:
                pair.added(f"the media type {name} is new", side)

    def _compare_media_type(self, name: str, pair: Pair, way: Way) -> None:
        compare_notes(pair)
        is_multipart = name.startswith("multipart/")
        if is_multipart:
            _compare_files(pair, way)
        self.schemas.compare(_schema(pair.old, is_multipart), _schema(pair.new, is_multipart), way)
        self.schemas.compare(pair.old.schema("itemSchema"), pair.new.schema("itemSchema"), way)
        self._compare_encoding(pair, way)

    def _compare_encoding(self, pair: Pair, way: Way) -> None:
        """Report fields of a form that are written in another way than before."""
        before, after = pair.old.fields("encoding"), pair.new.fields("encoding")
        for name in sorted(before.keys() | after.keys()):
            texts = [_encoding(side.get(name)) for side in (before, after)]
            for what in sorted(texts[0].keys() | texts[1].keys()):
                if spelled(texts[0].get(what)) != spelled(texts[1].get(what)):
                    effect = _effect(what, texts[0].get(what), texts[1].get(what))
                    text = f"encoding of {name}: {what} {_said(texts[0], what)} -> {_said(texts[1], what)}"
                    pair.add(way.level(effect), text, "encoding")
        for name in ("prefixEncoding", "itemEncoding"):
            if spelled(pair.get(name)[0]) != spelled(pair.get(name)[1]):
                pair.add("breaking", f"{name} changed", name)


def _schema(media_type: Side, is_multipart: bool) -> str | None:
    """Return the pointer of the schema of a media type; None if it only says that the whole body is bytes."""
    place = media_type.schema()
    if place is None or is_multipart or not is_file(media_type.document.resolve(place)[0]):
        return place
    return None


def _compare_files(pair: Pair, way: Way) -> None:
    """Report parts that were files and are text now, or the reverse: any text is bytes, too."""
    files = []
    for side in (pair.old, pair.new):
        place = side.schema()
        document = side.document
        files.append(set(file_members(document, document.resolve(place)[0])) if place else set())
    for names, effect, text in (
        (files[0] - files[1], Effect.NARROWED, "was a file, is text"),
        (files[1] - files[0], Effect.WIDENED, "was text, is a file"),
    ):
        for name in sorted(names):
            pair.add(way.level(effect), f"the part {name} {text}", "schema")


def compare_required(pair: Pair, way: Way, title: str) -> None:
    """Report that something must be sent now, or no longer."""
    before, after = (value is True for value in pair.get("required"))
    if before != after:
        effect = Effect.NARROWED if after else Effect.WIDENED
        text = f"{title} is {'required now' if after else 'no longer required'}"
        pair.add(way.level(effect), text, "required")


def _effect(what: str, before: Any, after: Any) -> Effect:
    """Return the effect of a change: content types are compared as sets, any other change is unsure."""
    if what != "contentType":
        return Effect.UNSURE
    old, new = set(before or []), set(after or [])
    return Effect.of(
        narrowed=bool(new) and not (old and old <= new), widened=bool(old) and not (new and new <= old)
    )


def _said(encoding: dict[str, Any], what: str) -> str:
    value = encoding.get(what)
    return ", ".join(value) if isinstance(value, list) else "default" if value is None else spelled(value)


def _encoding(side: Side | None) -> dict[str, Any]:
    """Return the fields of an encoding that differ from its defaults, without extensions."""
    node = side.value if side else {}
    found = {
        name: value for name, value in node.items() if name != "contentType" and not name.startswith("x-")
    }
    style = found.get("style", "form")
    for name, default in (("style", "form"), ("explode", style == "form"), ("allowReserved", False)):
        if found.get(name) == default:
            del found[name]
    if "contentType" in node:
        found["contentType"] = sorted(each.strip().lower() for each in str(node["contentType"]).split(","))
    return {name: value for name, value in found.items() if value not in ({}, None)}


def _size(body: Side) -> int:
    """Return the maximum size of a body in bytes."""
    said = body.value.get(_BODY_BYTES)
    if isinstance(said, int):
        return said
    contents = media_types(body)
    if any(name.startswith("multipart/") or name == "application/octet-stream" for name in contents):
        return DEFAULT_MAX_FILE_BYTES
    sizes = Sizes(body.document)
    return max([sizes.default_max_bytes(side.schema()) for side in contents.values()] or [0])
