"""Bodies of `multipart/form-data`: files are spooled as they arrive, other parts are read as in a form."""

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, JsonValue

from .bodies import Chunks
from .coerced import CoercedBody
from .forms import USUAL, Encoding, Form, PartHeader, known_json
from .media import closeness, parse_media_type
from .multipart import Head, boundary_of, parts_of
from .pointers import child
from .problems import Refusal, invalid, violation
from .requests import Request
from .schemas import Schemas
from .styles import Style, simple
from .uploads import Spool, Upload
from .values import Coercion, Known, matches

ModelT = TypeVar("ModelT", bound=BaseModel)

# The most bytes of all parts that are not files: they are in memory.
_MAX_TEXT_BYTES = 1_048_576
_CHARSETS = frozenset({"utf-8", "us-ascii"})


class MultipartBody(CoercedBody[ModelT]):
    """`multipart/form-data`: properties that are files or lists of files become uploads.

    `files` are their names, `file_patterns` regular expressions of their names; with `other_files` all
    properties that the contract does not name are files. If the schema names no type, a part with a file name
    or a binary media type is a file.

    `encoding` has the Encoding Objects of properties by name. A part of another media type than the contract
    declares is a violation, reported by 422; a part without a Content-Type has that of the contract.
    """

    __slots__ = (
        "_form",
        "_headers",
        "_lengths",
        "_open",
        "encoding",
        "file_patterns",
        "files",
        "other_files",
    )

    def __init__(
        self,
        media_type: str,
        model: type[ModelT],
        schemas: Schemas,
        *,
        schema: str,
        max_bytes: int,
        files: Collection[str] = (),
        file_patterns: Collection[str] = (),
        other_files: bool = False,
        encoding: Mapping[str, Encoding] | None = None,
    ) -> None:
        super().__init__(media_type, model, schemas, schema=schema, max_bytes=max_bytes)
        self.files = frozenset(files)
        self.file_patterns = frozenset(file_patterns)
        self.other_files = other_files
        self.encoding: Mapping[str, Encoding] = encoding or {}
        self._form = Form(self.coercion, self.encoding, decode=str)
        self._lengths = {name: _lengths(self.coercion, name) for name in self.files}
        self._open = {name: leaves_open(self.coercion, name) for name in self.coercion.members[0]}
        self._headers = {
            name: [(header, Coercion(schemas, header.schema)) for header in each.headers]
            for name, each in self.encoding.items()
        }

    async def read(self, request: Request) -> ModelT:
        content_type = parse_media_type(request.headers[b"content-type"].decode("latin-1"))
        boundary = boundary_of(content_type or self.range)
        reader = _PartReader(self, request)
        async for event in parts_of(Chunks(request, self.max_bytes), boundary):
            if isinstance(event, Head):
                reader.begin(event)
            else:
                await reader.write(event)
        reader.end()
        value = self.value_of(self._form.texts_of(reader.entries))
        return self.model_of(_with_files(value, reader.entries))

    def name_of(self, sent: str) -> str:
        """Return the property that a part of this name belongs to."""
        return self._form.name_of(sent)

    def is_file(self, name: str, head: Head) -> bool:
        """Return whether a part becomes an upload."""
        if name in self.files or any(matches(pattern, name) for pattern in self.file_patterns):
            return True
        if self.other_files and not self._form.has(name):
            return True
        if not self.is_open(name):
            return False
        ranges = (head.media_type,) if head.media_type else self.encoding.get(name, USUAL).ranges
        return head.filename is not None or any(not each.is_text for each in ranges)

    def is_open(self, name: str) -> bool:
        """Return whether the schema names no type for a property, so that a part may be binary."""
        known = self._open.get(name)
        return leaves_open(self.coercion, name) if known is None else known

    def lengths_of(self, name: str) -> tuple[int, int | None]:
        """Return the fewest and the most bytes of a file."""
        return self._lengths.get(name) or _lengths(self.coercion, name)

    def headers_of(self, name: str, head: Head) -> dict[str, JsonValue]:
        """Return the values of a part's declared headers; raise 422 for a missing or invalid one."""
        found = {}
        for header, coercion in self._headers.get(name, ()):
            text = head.headers.get(header.name.lower())
            if text is None:
                if header.required:
                    raise _wrong(name, f"The header {header.name} of the part is required")
                continue
            found[header.name] = self._header_value(name, header, coercion, text)
        return found

    def _header_value(self, name: str, header: PartHeader, coercion: Coercion, text: str) -> JsonValue:
        style = Style("simple", explode=header.explode)
        value: JsonValue = coercion.read(*simple(text, style, coercion.kinds, str.strip))
        for each in self.schemas.violations(header.schema, value, "body"):
            raise _wrong(name, f"The header {header.name} of the part: {each['detail']}")
        return value


class _PartReader:
    """The part reader of one body: the parts that have arrived, and the part that is arriving."""

    __slots__ = ("_content", "_name", "_part", "_request", "_sink", "_text_bytes", "entries")

    def __init__(self, content: MultipartBody[Any], request: Request) -> None:
        self.entries: dict[str, list[str | Known]] = {}
        self._content = content
        self._request = request
        self._part: Head | None = None
        self._name = ""
        self._sink: Spool | bytearray = bytearray()
        self._text_bytes = 0

    def begin(self, head: Head) -> None:
        """Begin a part and end the one before it; raise 422 if its head violates the contract."""
        self.end()
        self._part = head
        self._name = self._content.name_of(head.name)
        ranges = self._content.encoding.get(self._name, USUAL).ranges
        if head.media_type and ranges and not any(closeness(each, head.media_type) for each in ranges):
            known = " or ".join(self._content.encoding[self._name].content_types)
            raise _wrong(self._name, f"The part should be {known}")
        if self._content.is_file(self._name, head):
            spool = Spool()
            self._request.files.append(spool.file)
            self._sink = spool
        else:
            self._sink = bytearray()

    async def write(self, data: bytes) -> None:
        """Add bytes to the part."""
        if isinstance(self._sink, Spool):
            await self._sink.write(data)
            longest = self._content.lengths_of(self._name)[1]
            if longest is not None and self._sink.size > longest:
                raise _wrong(self._name, f"The file may have at most {longest} bytes")
            return
        self._sink += data
        self._text_bytes += len(data)
        if self._text_bytes > _MAX_TEXT_BYTES:
            raise Refusal(413, f"The body may have at most {_MAX_TEXT_BYTES} bytes beside its files.")

    def end(self) -> None:
        """End the part; a file field of a browser's form for which no file was chosen is absent."""
        head = self._part
        if head is None:
            return
        if not isinstance(self._sink, Spool):
            self._add(self._text(head, bytes(self._sink)))
        elif self._sink.size or head.filename != "":
            self._add(self._upload(head, self._sink))

    def _add(self, entry: str | Known) -> None:
        self.entries.setdefault(self._name, []).append(entry)

    def _upload(self, head: Head, spool: Spool) -> Known:
        spool.file.seek(0)
        shortest = self._content.lengths_of(self._name)[0]
        upload = Upload(
            spool.file,
            filename=head.filename or None,
            media_type=head.headers.get("content-type") or self._usual_type(),
            size=spool.size,
            headers=self._content.headers_of(self._name, head),
            on_disk=spool.on_disk,
        )
        # The schema checks a string in place of the file: long enough for minLength if the file is.
        return Known("x" * shortest if spool.size >= shortest else "", upload)

    def _spooled(self, raw: bytes) -> Spool:
        """Return a spooled file of bytes that are in memory."""
        spool = Spool()
        self._request.files.append(spool.file)
        spool.file.write(raw)
        spool.size = len(raw)
        return spool

    def _usual_type(self) -> str:
        known = self._content.encoding.get(self._name, USUAL).content_types
        return next((each for each in known if "*" not in each), "application/octet-stream")

    def _text(self, head: Head, raw: bytes) -> str | Known:
        self._content.headers_of(self._name, head)
        if head.media_type is not None and head.media_type.charset not in _CHARSETS:
            raise _wrong(self._name, "The part should be in UTF-8")
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            if self._content.is_open(self._name):
                return self._upload(head, self._spooled(raw))
            raise _wrong(self._name, "The part should be in UTF-8") from None
        if head.media_type is None or not head.media_type.is_json:
            return text
        try:
            return known_json(text, str)
        except ValueError as error:  # not JSON
            raise _wrong(self._name, str(error)) from None


def leaves_open(coercion: Coercion, name: str) -> bool:
    """Return whether no type is named for a property, or for the items of the list that it is."""
    pointers = coercion.places_of(name)
    if coercion.is_typed(pointers):
        if coercion.kinds_of(pointers) - {"null"} != frozenset({"array"}):
            return False
        pointers = tuple(f"{pointer}/items" for pointer in coercion.schemas_of(pointers))
    encoded = (
        each.get("contentEncoding", "binary") != "binary" for each in coercion.schemas_of(pointers).values()
    )
    return not coercion.is_typed(pointers) and not any(encoded)


def _lengths(coercion: Coercion, name: str) -> tuple[int, int | None]:
    """Return `minLength` and `maxLength` of a file, or of each file of a list: they count bytes."""
    pointers = coercion.places_of(name)
    schemas = list(coercion.schemas_of(pointers).values())
    schemas += coercion.schemas_of(tuple(f"{pointer}/items" for pointer in pointers)).values()
    most = [schema["maxLength"] for schema in schemas if "maxLength" in schema]
    return max((schema.get("minLength", 0) for schema in schemas), default=0), min(most, default=None)


def _with_files(value: Any, entries: Mapping[str, list[str | Known]]) -> Any:
    """Return the value with each file in place of its stand-in."""
    for name, given in entries.items():
        files = [each.stands_for if isinstance(each, Known) else None for each in given]
        if any(files) and isinstance(value.get(name), list):
            value[name] = [file or item for file, item in zip(files, value[name], strict=True)]
        elif any(files):
            value[name] = files[0]
    return value


def _wrong(name: str, detail: str) -> Refusal:
    return invalid([violation("body", child("", name), detail)])
