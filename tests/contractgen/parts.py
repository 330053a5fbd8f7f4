"""Bodies of multipart/form-data, written part by part."""

from typing import Any

FILE: Any = {"type": "string", "format": "binary"}
THING: Any = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": FILE,
        "files": {"type": "array", "maxItems": 2, "items": FILE},
        "note": {"type": "string", "maxLength": 5},
        "count": {"type": "integer", "minimum": 1},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 3}},
        "meta": {"type": "object", "required": ["x"], "properties": {"x": {"type": "integer"}}},
        "metas": {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "integer"}}}},
    },
}
BOUNDARY = "b0"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def of(schema: Any, **more: Any) -> Any:
    return {"multipart/form-data": {"schema": schema, **more}}


def part(name: str, body: bytes = b"x", *headers: str, filename: str | None = None) -> bytes:
    file = "" if filename is None else f'; filename="{filename}"'
    lines = [f'Content-Disposition: form-data; name="{name}"{file}', *headers]
    return b"--b0\r\n" + "\r\n".join(lines).encode() + b"\r\n\r\n" + body + b"\r\n"


def whole(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--b0--\r\n"
