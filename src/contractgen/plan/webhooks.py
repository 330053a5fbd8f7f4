"""Webhooks and callbacks, which the service sends: their bodies get models, but no routes."""

from collections.abc import Iterator

from contractgen.document.operations import operations_at
from contractgen.plan.names import class_name
from contractgen.plan.planning import Planning
from contractgen_runtime.pointers import child

_JSON = ("/json", "+json")


def name_webhooks(planning: Planning) -> bool:
    """Give models to the schemas of the bodies of webhooks; return whether there is any webhook."""
    webhooks = planning.document.value.get("webhooks", {})
    for name in webhooks:
        _name_requests(planning, child("/webhooks", name), class_name(name))
    return bool(webhooks)


def name_callbacks(planning: Planning, pointer: str, handler: str) -> None:
    """Give models to the schemas of the bodies of an operation's callbacks."""
    for name in planning.document.at(pointer).get("callbacks", {}):
        callback, place = planning.document.resolve(child(pointer, "callbacks", name))
        for expression in callback:
            if not expression.startswith("x-"):
                _name_requests(planning, child(place, expression), class_name(f"{handler}_{name}"))


def _name_requests(planning: Planning, place: str, name: str) -> None:
    places = list(operations_at(planning.document, place))
    for each in places:
        operation_id = planning.document.at(each.pointer).get("operationId")
        own = class_name(operation_id) if operation_id else name + each.method.title() * (len(places) > 1)
        _name_bodies(planning, each.pointer, own)


def _name_bodies(planning: Planning, operation: str, name: str) -> None:
    node = planning.document.at(operation)
    if "requestBody" in node:
        for schema in _schemas(planning, child(operation, "requestBody")):
            planning.model(schema, f"{name}Body")
    for status in node.get("responses", {}):
        if not status.startswith("x-"):
            for schema in _schemas(planning, child(operation, "responses", status)):
                planning.model(schema, f"{name}{class_name(status)}Body")


def _schemas(planning: Planning, place: str) -> Iterator[str]:
    """Yield the pointers of the JSON schemas of a body."""
    node, pointer = planning.document.resolve(place)
    for media_type, content in node.get("content", {}).items():
        if media_type.partition(";")[0].strip().lower().endswith(_JSON) and "schema" in content:
            yield child(pointer, "content", media_type, "schema")
