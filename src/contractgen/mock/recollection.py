"""Responses of a mock from its memory: items that were created are found, listed, changed and deleted.

Every response is valid by the contract; where none can be made, the example is sent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from contractgen.mock.arguments import SCALARS, Arguments
from contractgen.mock.changes import changes_of, echoed, whole_of
from contractgen.mock.lists import matching, paged, written
from contractgen.mock.memory import Memory
from contractgen.mock.plausible import entity_tag, new_ids, renamed, stamped
from contractgen.mock.resources import Part, Resource, Resources, plain
from contractgen.mock.shapes import Item, encoded
from contractgen.mock.values import Values
from contractgen.plan.contract import Operation
from contractgen_runtime.mocking.calls import Call, Recalled
from contractgen_runtime.mocking.deletions import Deletions
from contractgen_runtime.mocking.examples import ExampleResponse
from contractgen_runtime.responses import simple


class Recollection:
    """Responds in place of the examples of a contract; `requests` makes values of its requests."""

    def __init__(self, resources: Resources, requests: Values, deletions: Deletions) -> None:
        self._parts = resources.parts()
        self._responses = resources.values
        self._requests = requests
        self._deletions = deletions
        self._memory = Memory()

    def __call__(self, call: Call, example: ExampleResponse) -> Recalled | None:
        """Return the response to a request whose example is this one; None if there is nothing to add."""
        if call.method == "DELETE":
            self._memory.forget(call.path)
            return None
        part = self._parts.get(call.operation_id)
        if part is None:
            return None
        arguments = Arguments(part.operation, call.arguments)
        match part.role:
            case "list":
                return self._list(part, arguments, call, example)
            case "create":
                return self._create(part, arguments, example)
            case "read":
                return self._read(part, arguments, example)
        return self._change(part, arguments, example)

    # One item -----------------------------------------------------------------------------------------

    def _read(self, part: Part, arguments: Arguments, example: ExampleResponse) -> Recalled | None:
        path = arguments.path_of(part.resource)
        item = self._memory.find(path) or self._imagined(part.resource, arguments)
        if item is None:
            return None
        if entity_tag(item) in arguments.header("if-none-match") and 304 in _statuses(part.operation):
            return Recalled(path, 304, None)
        return self._sent(part, path, item, example)

    def _create(self, part: Part, arguments: Arguments, example: ExampleResponse) -> Recalled | None:
        resource = part.resource
        shape = part.shape if part.shape and part.shape.schema == resource.shape.schema else resource.shape
        if not isinstance(shape.carried, dict):
            return None
        given = arguments.body | _owners(shape.carried, arguments)
        changes, dropped = whole_of(part, given)
        item = shape.changed(shape.carried, changes, dropped)
        item = shape.changed(item, echoed(shape.carried, item, changes))
        identified = self._identified(part, item, arguments)
        if identified is None:
            return None
        path, item = identified
        item = stamped(resource.shape, item, new=True)
        self._memory.keep(resource.path, path, item)
        return self._sent(part, path, item, example)

    def _identified(self, part: Part, item: Item, arguments: Arguments) -> tuple[str, Item] | None:
        """Return a new item's path, and the item with its id: the client's, or one that no other has."""
        resource = part.resource
        old = item.get(resource.key)
        given = resource.key in arguments.body and old == arguments.body[resource.key]
        for name in [old] if given else new_ids(old or resource.shape.carried[resource.key]):
            if not self._is_path(resource, name):
                continue
            path = arguments.path_of(resource, name)
            made = resource.shape.of({**renamed(item, old, name), resource.key: name})
            if path and made and made[resource.key] == name and (given or self._memory.find(path) is None):
                return path, made
        return None

    def _is_path(self, resource: Resource, name: Any) -> bool:
        """Return whether the parameter of a path may be an id."""
        if name is None or "/" in str(name) or not str(name):
            return False
        return all(self._requests.is_valid(schema, name) for schema in self._parameters(resource))

    def _parameters(self, resource: Resource) -> Iterator[str]:
        for part in self._parts.values():
            if part.resource is resource and part.operation.addresses[0] == resource.path:
                yield from (
                    each.schema
                    for each in part.operation.parameters
                    if each.location == "path" and each.name == resource.parameter and each.schema
                )

    def _change(self, part: Part, arguments: Arguments, example: ExampleResponse) -> Recalled | None:
        resource = part.resource
        path = arguments.path_of(resource)
        known = self._memory.find(path)
        item = known or self._imagined(resource, arguments)
        if item is None:
            return None
        condition = arguments.header("if-match")
        is_stale = known and condition not in ("", "*") and entity_tag(known) not in condition
        if is_stale and 412 in _statuses(part.operation):
            return Recalled(path, 412, None)
        changes, dropped = changes_of(part, item, arguments.body)
        shape = resource.shape
        changed = shape.changed(item, changes, dropped)
        item = stamped(shape, shape.changed(changed, echoed(item, changed, changes)), new=False)
        self._memory.keep(resource.path, path, item)
        return self._sent(part, path, item, example)

    def _imagined(self, resource: Resource, arguments: Arguments) -> Item | None:
        """Return the example with the id of the path: a mock has every item until that is deleted."""
        item = resource.shape.carried
        if not resource.key:
            return dict(item)
        name = arguments.values.get(resource.parameter)
        made = {**renamed(item, item[resource.key], name), resource.key: name}
        return made if resource.shape.admits(made) else None

    # Lists --------------------------------------------------------------------------------------------

    def _list(
        self, part: Part, arguments: Arguments, call: Call, example: ExampleResponse
    ) -> Recalled | None:
        shape = part.shape
        if shape is None or "json" not in example.media_type:
            return None
        query = arguments.query
        found = matching(list(self._rows(part, arguments, call.path)), query, shape.names)
        page = paged(found, query, part.resource.key)
        body = written(shape, page, query)
        if not shape.values.is_valid(shape.schema, body):
            return None
        return Recalled(call.path, None, replace(example, body=encoded(body)))

    def _rows(self, part: Part, arguments: Arguments, path: str) -> Iterator[Item]:
        """Yield what was created, the newest first, then the examples as they are now."""
        resource, shape = part.resource, part.shape or part.resource.shape
        row = shape.row()
        examples = [(arguments.path_of(resource, each.get(resource.key)), each) for each in shape.carried]
        places = {place for place, _ in examples}
        is_parent = resource.path.rpartition("/")[0] == part.operation.addresses[0]
        known = self._memory.of(resource.path)
        for place, item in known.items():
            belongs = place.rpartition("/")[0] == path if is_parent else _mentions(item, arguments.path)
            if place not in places and belongs and (made := row.of(item)):
                yield made
        for place, example in examples:
            if place in known:
                yield row.of(known[place]) or example
            elif not (place and self._deletions.covers(place, resource.path)):
                yield example

    # Responses ----------------------------------------------------------------------------------------

    def _sent(self, part: Part, path: str, item: Item, example: ExampleResponse) -> Recalled:
        """Return the response that carries an item; the body of the example where none does."""
        body, shape = example.body, part.shape
        if shape and "json" in example.media_type:
            is_same = (shape.schema, shape.keys) == (part.resource.shape.schema, part.resource.shape.keys)
            carried = item if is_same and shape.admits(item) else shape.of(item)
            body = body if carried is None else encoded(shape.around(carried))
        pairs = example.headers
        headers = tuple((name, self._header(part, name, value, path, item)) for name, value in pairs)
        return Recalled(path, None, replace(example, headers=headers, body=body))

    def _header(self, part: Part, name: str, value: str, path: str, item: Item) -> str:
        """Return the entity tag and the location of an item, where their schemas admit them."""
        old = part.shape.carried.get(part.resource.key) if part.shape else None
        made = {"etag": [entity_tag(item)], "location": [quote(path)]}.get(name, [])
        if name == "location" and old is not None:
            made = [*made, renamed(value, old, item.get(part.resource.key))]
        return next((each for each in made if self._is_header(part.operation, name, each)), value)

    def _is_header(self, operation: Operation, name: str, value: str) -> bool:
        declared = (each for response in operation.responses for each in response.headers)
        schemas = [each.schema for each in declared if each.name.lower() == name]
        return all(self._responses.is_valid(schema, value) for schema in schemas if schema)


def _owners(item: Item, arguments: Arguments) -> Item:
    """Return the properties that name what is above a new item: `user_id` below `/users/{user_id}`."""
    values = {plain(name): value for name, value in arguments.values.items()}
    return {name: values[plain(name)] for name in item if plain(name) in values}


def _mentions(item: Item, path: Mapping[str, str]) -> bool:
    """Return whether an item has every parameter of a path as a value, also in an inner object."""
    inner = [each for value in item.values() if isinstance(value, dict) for each in value.values()]
    texts = {simple(each) for each in (*item.values(), *inner) if isinstance(each, SCALARS)}
    return texts.issuperset(path.values())


def _statuses(operation: Operation) -> set[int]:
    return {status for response in operation.responses for status in response.statuses}
