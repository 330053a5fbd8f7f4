"""Autofixes: the one obvious way to repair what a rule finds, if there is one, as edits of the document."""

import re
from collections import Counter
from typing import Any
from urllib.parse import quote

from contractgen.document.findings import Edit
from contractgen.document.grammar import objects
from contractgen.document.load import Document
from contractgen.document.operations import operations_of
from contractgen.plan.names import snake_case
from contractgen_runtime.pointers import child

# Usual names of the responses of these statuses, in lower case and without other characters than letters.
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


class Autofix:
    """Makes edits that need to know the whole document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.responses = _responses(document)
        nodes = [node for _, node in objects(document.value)]
        self.names = Counter(str(node["operationId"]) for node in nodes if "operationId" in node)

    def response(self, place: str, status: str) -> list[Edit]:
        """Declare a status by the component that is used for it elsewhere, or that has its usual name."""
        component = child("/components/responses", self.responses.get(status, ""))
        if status not in self.responses:
            return []
        reference = reference_from(self.document, place, component)
        return [Edit("add", child(place, status), {"$ref": reference})] if reference else []

    def operation_id(self, place: str) -> list[Edit]:
        """Respell an operationId in snake_case, if nothing else has or uses either spelling."""
        name = self.document.at(place)
        usual = snake_case(name)
        is_free = usual not in self.names and self.names[name] == 1
        if not is_free:
            return []
        self.names[usual] += 1
        return [Edit("replace", place, usual)]


def _responses(document: Document) -> dict[str, str]:
    """Return the response component of each status: the one that is used most, else one of its usual name."""
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
    """Return the reference from a place to a target in the same file; None if they are in different files."""
    here, there = document.origin(place), document.origin(target)
    return f"#{quote(there.pointer, safe='/~')}" if here.file is there.file else None


def nullable(schema: dict[str, Any], place: str) -> list[Edit]:
    """Replace the `nullable` of OpenAPI 3.0 by a type of JSON Schema."""
    gone = Edit("remove", child(place, "nullable"))
    if schema["nullable"] is not True:
        return [gone]
    kind = schema.get("type")
    if not isinstance(kind, str) or kind == "null" or {"enum", "const"} & schema.keys():
        return []
    return [Edit("replace", child(place, "type"), [kind, "null"]), gone]
