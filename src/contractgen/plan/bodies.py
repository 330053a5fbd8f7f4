"""The request body of an operation."""

from typing import Any

from contractgen.load import child
from contractgen.names import class_name
from contractgen.plan import Body
from contractgen.plan.planning import Planning
from contractgen.schemas import is_exact

DEFAULT_MAX_BODY_BYTES = 65_536


def body_of(planning: Planning, pointer: str, operation_id: str, node: dict[str, Any]) -> Body | None:
    """The body that the operation at a pointer takes, None when it takes none."""
    if "requestBody" not in node:
        return None
    body, pointer = planning.document.resolve(child(pointer, "requestBody"))
    if list(body["content"]) != ["application/json"]:
        planning.refuse(child(pointer, "content"), "only bodies of application/json are supported")
        return None
    content = child(pointer, "content", "application/json")
    if "schema" not in planning.document.at(content):
        planning.refuse(content, "a body needs a schema")
        return None
    schema = planning.model(child(content, "schema"), f"{class_name(operation_id)}Body")
    exact = is_exact(planning.document, schema)
    max_bytes = _max_bytes(planning, body, pointer)
    return Body(schema, "application/json", max_bytes, exact, body.get("required", False))


def _max_bytes(planning: Planning, body: dict[str, Any], pointer: str) -> int:
    size = body.get("x-max-body-bytes", DEFAULT_MAX_BODY_BYTES)
    if type(size) is not int or size < 1:
        planning.refuse(child(pointer, "x-max-body-bytes"), "must be a number of bytes")
    return int(size)
