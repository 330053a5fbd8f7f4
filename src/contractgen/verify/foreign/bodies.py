"""Values as bodies of a media type."""

import json
from dataclasses import dataclass
from typing import Any

from contractgen.verify.foreign.forms import BOUNDARY, multipart, urlencoded
from contractgen.verify.foreign.judge import Judge
from contractgen.verify.foreign.raw import At
from contractgen.verify.foreign.texts import has_text, readings, text_of
from contractgen.verify.foreign.views import views

_URLENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_SEQUENCES = ("json-seq", "jsonl", "ndjson", "event-stream")


@dataclass(frozen=True, slots=True)
class Encode:
    """An encoder of values as a media type; `files` are the fields of a form that are files."""

    media_type: str
    content_type: str
    files: frozenset[str] = frozenset()

    @property
    def is_json(self) -> bool:
        return "json" in self.content_type

    def body(self, value: Any) -> bytes | None:
        """Return the bytes of a value; None if the media type has none for it."""
        if self.is_json:
            return json.dumps(value).encode()
        if self.content_type == _URLENCODED:
            return urlencoded(value)
        if self.content_type.startswith(_MULTIPART):
            are_files = isinstance(value, dict) and all(isinstance(value.get(n, ""), str) for n in self.files)
            return multipart(value, self.files) if are_files else None
        return text_of(value).encode() or None if has_text(value) else None

    def readings(self, value: Any) -> list[Any] | None:
        """Return every value that the bytes may stand for; None if there are too many."""
        if self.is_json:
            return [value]
        return readings(value, self.files if isinstance(value, dict) else None)


def encoder(judge: Judge, media_type: str, content: At) -> Encode | None:
    """Return the encoder for a Media Type Object; None for media types that are not probed here.

    These are XML, bytes and sequences, and forms with an `encoding`: the comparison of tables has them.
    """
    kind = media_type.partition(";")[0].strip().lower()
    node = judge.raw.value(content)
    if "itemSchema" in node or any(each in kind for each in _SEQUENCES):
        return None
    if kind in ("*/*", "application/*"):
        return Encode(media_type, "application/json")
    if kind.endswith(("/json", "+json")) or (
        kind.startswith("text/") and "xml" not in kind and "*" not in kind
    ):
        return Encode(media_type, media_type)
    if kind == _URLENCODED and not node.get("encoding"):
        return Encode(media_type, media_type)
    if kind == _MULTIPART and not node.get("encoding"):
        return Encode(media_type, f"{kind}; boundary={BOUNDARY}", _files(judge, content.below("schema")))
    return None


def _files(judge: Judge, schema: At) -> frozenset[str]:
    """Return the properties of a form that are files, or lists of files."""
    return frozenset(
        name
        for view in views(judge.conjuncts, (schema,))
        for name, place in view.properties().items()
        if any(_is_file(judge, at) for at in place)
    )


def _is_file(judge: Judge, at: At) -> bool:
    for position, part in judge.conjuncts.of(at):
        if "binary" in (part.get("format"), part.get("contentEncoding")) or "contentMediaType" in part:
            return True
        if isinstance(part.get("items"), dict) and _is_file(judge, position.below("items")):
            return True
    return False
