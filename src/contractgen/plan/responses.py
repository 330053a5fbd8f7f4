"""The responses of an operation: a class for each status, and for each media type that needs its own."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property

from contractgen.document.operations import operations_of
from contractgen.plan.contract import COMPONENT_RESPONSES, Response, ResponseContent
from contractgen.plan.errors import has_own_headers, violation_location
from contractgen.plan.headers import headers_of
from contractgen.plan.media import contents_of, suffix_of
from contractgen.plan.names import Names, class_name
from contractgen.plan.planning import Planning
from contractgen_runtime.pointers import child
from contractgen_runtime.statuses import BODILESS, statuses_of

_KEY = re.compile(r"[2-5]([0-9]{2}|XX|xx)|default")
_INFORMATIONAL = re.compile(r"1([0-9]{2}|XX|xx)")
_EVERYTHING = "default"


def classes_of(responses: Iterable[Response]) -> dict[str, list[Response]]:
    """The responses by the name of their class."""
    found: dict[str, list[Response]] = {}
    for response in responses:
        found.setdefault(response.class_name, []).append(response)
    return found


class Responses:
    """The responses of one document, each planned once however many operations share it."""

    def __init__(self, planning: Planning, modules: Iterable[str]) -> None:
        self.planning = planning
        self.document = planning.document
        self.status_types: dict[str, tuple[int, ...]] = {}
        self._known: dict[tuple[str, str], tuple[Response, ...]] = {}
        self._names = Names("response")
        for module in modules:  # which stand beside the classes
            self._names.take(module)

    @cached_property
    def _uses(self) -> dict[str, set[str]]:
        """Under which keys each response component stands: several make several classes."""
        found: dict[str, set[str]] = {}
        for place in operations_of(self.document):
            for key, pointer in self._declared(place.pointer).items():
                found.setdefault(self.document.resolve(pointer)[1], set()).add(key)
        return found

    def _declared(self, operation: str) -> dict[str, str]:
        """The place of each response of an operation by its key; informational ones are none."""
        found = {}
        for key in self.document.at(operation).get("responses") or {}:
            if _KEY.fullmatch(key):
                found[key.replace("x", "X")] = child(operation, "responses", key)
        return found

    def _refuse_others(self, operation: str) -> None:
        for key in self.document.at(operation).get("responses") or {}:
            if not (key.startswith("x-") or _KEY.fullmatch(key) or _INFORMATIONAL.fullmatch(key)):
                place = child(operation, "responses", key)
                self.planning.refuse(place, f"{key!r} is no status", "from 200 to 599, 4XX, or default")

    def of(self, operation: str, operation_id: str) -> tuple[Response, ...]:
        """The responses of the operation at a pointer; one without any answers whatever status it likes."""
        self._refuse_others(operation)
        declared = self._declared(operation)
        has_success = any(key[0] == "2" for key in declared)
        found: list[Response] = []
        for key, place in declared.items():
            statuses = statuses_of(key, declared)
            if statuses:
                is_success = key[0] == "2" if has_success else key == _EVERYTHING
                classes = self._classes(operation_id, key, place, is_success=is_success)
                found += [self._in_operation(each, statuses, declared) for each in classes]
        if not found:
            name = self._name(operation, class_name(operation_id) + "Default")
            undeclared = Response(name, _EVERYTHING, (), "", "Whatever the status.", None, ())
            found = [self._in_operation(undeclared, statuses_of(_EVERYTHING, ()), ())]
        return tuple(sorted(found, key=lambda response: response.key))

    def _in_operation(self, response: Response, statuses: tuple[int, ...], keys: Iterable[str]) -> Response:
        """The response with the statuses that the other keys of its operation leave."""
        if response.key.isdecimal():
            return replace(response, statuses=statuses)
        everything = statuses_of(response.key, ())
        beside = [key for key in sorted(keys) if key != response.key]
        beside = [key for key in beside if statuses_of(response.key, [key]) != everything]
        name = f"Status{response.key.removeprefix(_EVERYTHING)}"
        name += f"But{'_'.join(beside)}" if beside else ""
        if response.content:
            statuses = tuple(status for status in statuses if status not in BODILESS)
        elif BODILESS & set(statuses):
            name += "WithoutBody"
        return replace(response, statuses=statuses, status_type=self._status_type(name, statuses))

    def _status_type(self, wanted: str, statuses: tuple[int, ...]) -> str:
        """The name of the Literal of these statuses, one however often it is needed."""
        known = {each: name for name, each in self.status_types.items()}
        name = known.get(statuses) or self._names.take(wanted)
        self.status_types[name] = statuses
        return name

    def _classes(self, operation_id: str, key: str, place: str, *, is_success: bool) -> tuple[Response, ...]:
        pointer = self.document.resolve(place)[1]
        known = self._known.get((pointer, key))
        if known is None:
            known = tuple(self._new(operation_id, key, pointer, is_success=is_success))
            self._known[pointer, key] = known
        return known

    def _new(self, operation_id: str, key: str, pointer: str, *, is_success: bool) -> Iterator[Response]:
        """The classes of a response under a key: one, or one for each of its media types."""
        node = self.document.at(pointer)
        folder, _, component = pointer.rpartition("/")
        base = class_name(component if folder == COMPONENT_RESPONSES else operation_id)
        suffix = key[:1].upper() + key[1:]
        name = (
            base if folder == COMPONENT_RESPONSES and len(self._uses.get(pointer, ())) < 2 else base + suffix
        )
        headers = headers_of(self.planning, pointer)
        description = node.get("description") or ""
        bodiless = key.isdecimal() and int(key) in BODILESS
        content = {} if bodiless else node.get("content") or {}
        negotiated = is_success and len(content) > 1
        if not content:
            whole = self._name(pointer, name)
            planned_response = Response(whole, key, (), "", description, None, headers, pointer=pointer)
            yield replace(planned_response, own_form=key[0] in "45d" and has_own_headers(headers))
            return
        bodies = contents_of(self.document, child(pointer, "content"), negotiated=negotiated)
        for schema, body in bodies:
            whole = self._name(pointer, name + (suffix_of(body.media_types[0]) if len(bodies) > 1 else ""))
            planned = self._modelled(schema, body, whole)
            planned_response = Response(
                whole, key, (), "", description, planned, headers, negotiated, pointer
            )
            if key[0] in "45d":
                location = violation_location(self.planning.schemas, planned, headers)
                planned_response = replace(
                    planned_response, own_form=location is None, violation_location=location or "in"
                )
            yield planned_response

    def _modelled(self, schema: str, content: ResponseContent, name: str) -> ResponseContent:
        if not schema:
            return content
        part = "Body" if content.kind == "json" else "Item"
        return replace(content, schema=self.planning.model(schema, f"{name}{part}", "response"))

    def _name(self, pointer: str, wanted: str) -> str:
        return self.planning.named(self._names, pointer, wanted or pointer.rpartition("/")[2], wanted)
