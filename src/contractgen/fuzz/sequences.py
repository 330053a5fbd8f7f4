"""Bodies that are sequences of JSON values, such as lines: a list is written as its items."""

import json

from contractgen.document.load import Document
from contractgen.fuzz.events import Failure
from contractgen.fuzz.operations import Operation
from contractgen.plan.media import is_sequence, items_of
from contractgen_runtime.schemas import Schemas

ITEMS = (
    "the invalid body is a list, and a body of this media type is the sequence of its items, which are valid"
)


def is_valid_sequence(document: Document, schemas: Schemas, failure: Failure, operation: Operation) -> bool:
    """Return whether the invalid part of a request is a body of valid items, or of none."""
    place = operation.media_type(failure.media_type)
    if (
        place is None
        or "Invalid component: in body" not in failure.message
        or not is_sequence(failure.media_type)
    ):
        return False
    items = items_of(document, place)
    lines = failure.body.replace(b"\x1e", b"").split(b"\n")
    try:
        values = [json.loads(each) for each in lines if each.strip()]
        return bool(items) and all(schemas.validator(str(items)).is_valid(each) for each in values)
    except ValueError:
        return False
