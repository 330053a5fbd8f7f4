"""The one obvious way to mend what lint finds, where there is one: as edits of the document."""

import re
from collections import Counter
from typing import Any
from urllib.parse import quote

from contractgen.document.findings import Edit
from contractgen.document.grammar import objects
from contractgen.document.load import Document
from contractgen.document.operations import operations_of
from contractgen.plan.names import snake_case
from contractgen.runtime.pointers import child

# What responses of these statuses are called, without regard to case and to what is no letter.
_NAMES = {
    "400": ("badrequest",),
    "401": ("unauthorized", "unauthenticated"),
    "403": ("forbidden",),
    "404": ("notfound",),
    "413": ("contenttoolarge", "payloadtoolarge", "requestentitytoolarge"),
    "415": ("unsupportedmediatype",),
    "422": ("unprocessablecontent", "unprocessableentity", "validationerror"),
    "500": ("internalservererror", "servererror", "internalerror"),
    "503": ("serviceunavailable",),
}


class Mending:
    """What edits need to know of the whole document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.responses = _responses(document)
        nodes = [node for _, node in objects(document.value)]
        self.names = Counter(str(node["operationId"]) for node in nodes if "operationId" in node)

    def response(self, place: str, status: str) -> list[Edit]:
        """Declares a status by the component that is used for it elsewhere, or that has its name."""
        component = child("/components/responses", self.responses.get(status, ""))
        if status not in self.responses:
            return []
        reference = reference_from(self.document, place, component)
        return [Edit("add", child(place, status), {"$ref": reference})] if reference else []

    def operation_id(self, place: str) -> list[Edit]:
        """Another spelling of a name, where nothing else has or uses either."""
        name = self.document.at(place)
        usual = snake_case(name)
        is_free = usual not in self.names and self.names[name] == 1
        if not is_free:
            return []
        self.names[usual] += 1
        return [Edit("replace", place, usual)]


def _responses(document: Document) -> dict[str, str]:
    """The response component of each status: the one that is used most, else one of its name."""
    components = (document.value.get("components") or {}).get("responses")
    known = {re.sub(r"[^a-z]", "", name.lower()): name for name in components or ()}
    found = {
        status: known[name] for status, names in _NAMES.items() for name in reversed(names) if name in known
    }
    used: dict[str, Counter[str]] = {}
    for place in operations_of(document):
        responses = document.at(place.pointer).get("responses")
        for status, node in responses.items() if isinstance(responses, dict) else ():
            holder, _, name = str(node.get("$ref") if isinstance(node, dict) else "").rpartition("/")
            if holder == "#/components/responses" and name in (components or ()):
                used.setdefault(status, Counter())[name] += 1
    return found | {status: counts.most_common(1)[0][0] for status, counts in used.items()}


def reference_from(document: Document, place: str, target: str) -> str | None:
    """How what stands at a place refers to a target of the same file; None where that is of another."""
    here, there = document.origin(place), document.origin(target)
    return f"#{quote(there.pointer, safe='/~')}" if here.file is there.file else None


def nullable(schema: dict[str, Any], place: str) -> list[Edit]:
    """Says in JSON Schema what `nullable` said in OpenAPI 3.0."""
    gone = Edit("remove", child(place, "nullable"))
    if schema["nullable"] is not True:
        return [gone]
    kind = schema.get("type")
    if not isinstance(kind, str) or kind == "null" or {"enum", "const"} & schema.keys():
        return []
    return [Edit("replace", child(place, "type"), [kind, "null"]), gone]
