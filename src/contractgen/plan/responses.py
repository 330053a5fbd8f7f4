"""The responses of an operation: a class for each."""

import re
from functools import cached_property
from typing import Any

from contractgen.load import child
from contractgen.names import class_name, is_usable, snake_case
from contractgen.plan import METHODS, Header, Response
from contractgen.plan.planning import Planning

MEDIA_TYPES = ("application/json", "application/problem+json")
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")


class Responses:
    """The responses of one document, each planned once however many operations share it."""

    def __init__(self, planning: Planning) -> None:
        self.planning = planning
        self.known: dict[str, tuple[str, Response]] = {}

    @cached_property
    def _statuses(self) -> dict[str, set[str]]:
        """Under which statuses each response component is used: several make several classes."""
        found: dict[str, set[str]] = {}
        for item in self.planning.document.value["paths"].values():
            for method in item.keys() & set(METHODS):
                for status, node in item[method].get("responses", {}).items():
                    found.setdefault(node.get("$ref"), set()).add(status)
        return found

    def of(self, pointer: str, operation_id: str, node: dict[str, Any]) -> tuple[Response, ...]:
        """The responses of the operation at a pointer."""
        refuse = self.planning.refuse
        if not node.get("responses"):
            refuse(child(pointer, "responses"), "an operation needs responses")
            return ()
        found = []
        for status in node["responses"]:
            place = child(pointer, "responses", status)
            if not (status.isdecimal() and 200 <= int(status) <= 599):
                hint = "list those from 200 on one by one"
                refuse(place, f"the status {status!r} is not supported", hint)
                continue
            reference = self.planning.document.at(place).get("$ref")
            if reference is None:
                name = class_name(operation_id) + status
            else:
                name = class_name(reference.rsplit("/", 1)[1])
                name += status if len(self._statuses[reference]) > 1 else ""
            if not is_usable(name, "response"):
                refuse(place, f"the response's name {name!r} is no name for a class")
            elif response := self._response(name, int(status), *self.planning.document.resolve(place)):
                found.append(response)
        return tuple(sorted(found, key=lambda response: response.status))

    def _response(self, name: str, status: int, node: dict[str, Any], pointer: str) -> Response | None:
        refuse = self.planning.refuse
        known = self.known.get(name)
        if known is not None:
            if known[0] != pointer:
                refuse(pointer, f"two responses get the class name {name}")
            return known[1]
        content = node.get("content", {})
        if content and status in (204, 205, 304):
            refuse(child(pointer, "content"), f"an answer of status {status} has no body")
        if len(content) > 1:
            refuse(child(pointer, "content"), "several media types of a response are not supported")
            return None
        media_type, schema = next(iter(content), None), None
        if media_type is not None:
            if media_type not in MEDIA_TYPES:
                refuse(child(pointer, "content", media_type), f"{media_type} is not supported")
            if "schema" not in content[media_type]:
                refuse(child(pointer, "content", media_type), "a body needs a schema")
                return None
            schema = self.planning.model(
                child(pointer, "content", media_type, "schema"), f"{name}Body", "response"
            )
        headers = tuple(self._header(pointer, header) for header in node.get("headers", {}))
        if len({header.field for header in headers}) < len(headers):
            refuse(child(pointer, "headers"), "two headers get the same name in Python")
        response = Response(name, status, node.get("description", ""), media_type, schema, headers)
        self.known[name] = (pointer, response)
        return response

    def _header(self, pointer: str, name: str) -> Header:
        refuse = self.planning.refuse
        node, place = self.planning.document.resolve(child(pointer, "headers", name))
        if not _HEADER_NAME.fullmatch(name) or not is_usable(snake_case(name), "header"):
            refuse(place, f"the header's name {name!r} is no name for a field")
        if name.lower() in ("content-type", "content-length"):
            refuse(place, f"the header {name} is the answer's own")
        self.planning.check_schema(child(place, "schema"))
        schema = self.planning.document.resolve(child(place, "schema"))[0]
        kind = {"string": "str", "integer": "int"}.get(str(schema.get("type", "")))
        if kind is None:
            refuse(place, "a response header must be a string or an integer")
        return Header(name, snake_case(name), kind or "str", node.get("required", False))
