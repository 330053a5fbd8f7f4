"""The resources of a contract: which operations read, list, create, change and delete them.

They are derived from paths, links, response schemas and examples: `POST /things` creates what
`GET /things/{id}` reads and `GET /things` lists.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from contractgen.mock.shapes import Shape, defaults, properties, rows_at, schema_within
from contractgen.mock.values import Values
from contractgen.plan.contract import Contract, Operation, Response
from contractgen_runtime.mocking.examples import ExampleResponse
from contractgen_runtime.pointers import child, tokens

Role = Literal["read", "list", "create", "change", "act"]
_ITEM = re.compile(r"(.*)/\{([^{}/]+)\}")
_IN_BODY = "$response.body#"


@dataclass(frozen=True)
class Resource:
    """The resource at a path: `key` is the property with its id, `parameter` the last one of the path.

    Both are empty for a path without a parameter at its end. `shape` is that of a read.
    """

    path: str
    parameter: str
    key: str
    shape: Shape


@dataclass(frozen=True)
class Part:
    """The role of an operation for a resource; `shape` is that of its response's JSON body, if it has one."""

    role: Role
    resource: Resource
    operation: Operation
    shape: Shape | None
    #: The properties that a request may give, with their defaults.
    given: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


class Resources:
    """Finds the resources of a contract; `examples` are its responses by the names of their classes."""

    def __init__(
        self, contract: Contract, values: Values, examples: Mapping[str, tuple[ExampleResponse, ...]]
    ) -> None:
        self.document = contract.document
        self.values = values
        self.examples = examples
        self.operations: dict[str, dict[str, Operation]] = {}
        self.by_id = {each.operation_id: each for each in contract.operations}
        for each in contract.operations:
            self.operations.setdefault(each.addresses[0], {})[each.method] = each
        self.resources = {each.path: each for path in self.operations for each in self._resources(path)}
        self._schemas = {self._schema(each.shape): each for each in reversed(self.resources.values())}
        self._schemas.pop("", None)

    def _schema(self, shape: Shape) -> str:
        """Return the pointer of the schema of an item."""
        return schema_within(self.document, shape.schema, shape.keys)

    def parts(self) -> dict[str, Part]:
        """Return the role that each operation has for a resource, by operationId."""
        found = (part for methods in self.operations.values() for part in map(self._part, methods.values()))
        return {part.operation.operation_id: part for part in found if part}

    # Resources ----------------------------------------------------------------------------------------

    def _resources(self, path: str) -> Iterator[Resource]:
        """Yield the resource at a path: the last segment is a parameter, or it is read and written as one."""
        match, methods = _ITEM.fullmatch(path), self.operations[path]
        parent = self.operations.get(match[1] if match else path, {})
        if match:
            sources = [methods.get(each) for each in ("GET", "PATCH", "PUT")]
        elif "GET" in methods and methods.keys() & {"PUT", "PATCH"}:
            sources = [methods["GET"]]
        elif methods.keys() >= {"GET", "POST"} and not self._below(path):
            path, match, sources = f"{path}/{{id}}", _ITEM.fullmatch(f"{path}/{{id}}"), []
        else:
            return
        parameter = match[2] if match else ""
        shapes = [self.item_shape(each, parameter) for each in sources if each]
        if match:
            listed = self.list_shape(parent["GET"]) if "GET" in parent else None
            shapes += [listed.row()] if listed and listed.carried else []
            shapes += [self.item_shape(parent["POST"], parameter)] if "POST" in parent else []
        for shape in filter(None, shapes):
            key = id_property(parameter, shape.carried) if parameter else ""
            if key or not parameter:
                yield Resource(path, parameter, key, shape)
                return

    def _below(self, path: str) -> bool:
        """Return whether a path below has a resource of its own."""
        return any((found := _ITEM.fullmatch(each)) and found[1] == path for each in self.operations)

    # Bodies -------------------------------------------------------------------------------------------

    def body(self, operation: Operation) -> tuple[str, Any] | None:
        """Return the schema and the example of the JSON that an operation succeeds with, if it does."""
        response = success(operation)
        if response is None or response.content is None or response.content.kind != "json":
            return None
        example = next(iter(self.examples.get(response.class_name, ())), None)
        if example is None or response.schema is None or "json" not in example.media_type:
            return None
        return response.schema, json.loads(example.body)

    def item_shape(self, operation: Operation, parameter: str) -> Shape | None:
        """Return the shape of one item: an object with an id, or the only such property of the body."""
        schema, body = self.body(operation) or ("", None)
        if not isinstance(body, dict):
            return None
        wanted = parameter or "id"
        inner = [name for name, each in body.items() if isinstance(each, dict) and id_property(wanted, each)]
        keys = (inner[0],) if len(inner) == 1 and not id_property(wanted, body) else ()
        return Shape(self.document, self.values, schema, keys, body, properties(self.document, schema, keys))

    def list_shape(self, operation: Operation) -> Shape | None:
        """Return the shape of a list of items."""
        schema, body = self.body(operation) or ("", None)
        keys = rows_at(body)
        if keys is None:
            return None
        names = properties(self.document, schema, (*keys, "0"))
        return Shape(self.document, self.values, schema, keys, body, names, properties(self.document, schema))

    # Operations ---------------------------------------------------------------------------------------

    def _part(self, operation: Operation) -> Part | None:
        path = operation.addresses[0]
        own = self.resources.get(path)
        listed = self._listed(operation) if operation.method == "GET" else None
        if listed and not (own and not own.parameter):
            return Part("list", listed, operation, self.list_shape(operation))
        if own and operation.method in ("GET", "PUT", "PATCH"):
            role: Role = "read" if operation.method == "GET" else "change"
            return self._writing(role, own, operation)
        if operation.method not in ("POST", "PUT", "PATCH"):
            return None
        outer = self.resources.get(path.rpartition("/")[0])
        if outer and self._is_same(operation, outer):
            return self._writing("act", outer, operation)
        made = self._created(operation) if operation.method == "POST" else None
        return self._writing("create", made, operation) if made else None

    def _writing(self, role: Role, resource: Resource, operation: Operation) -> Part:
        contents = operation.body.contents if operation.body else ()
        schemas = [each.schema for each in contents if each.schema]
        given = {name: found for each in schemas for name, found in defaults(self.document, each).items()}
        return Part(role, resource, operation, self.item_shape(operation, resource.parameter), given)

    def _listed(self, operation: Operation) -> Resource | None:
        """Return the resource that an operation lists: that below its path, or that of its items' schema."""
        path = operation.addresses[0]
        below = [each for each in self.resources.values() if each.parameter]
        found = next((each for each in below if each.path.rpartition("/")[0] == path), None)
        shape = self.list_shape(operation)
        if shape is None or (_ITEM.fullmatch(path) and path in self.resources):
            return None
        return found or self._schemas.get(schema_within(self.document, shape.schema, (*shape.keys, "0")))

    def _is_same(self, operation: Operation, resource: Resource) -> bool:
        """Return whether an operation responds with the schema by which a resource is read."""
        shape = self.item_shape(operation, resource.parameter)
        return shape is not None and self._schema(shape) == self._schema(resource.shape)

    def _created(self, operation: Operation) -> Resource | None:
        """Return the resource that a POST creates, by its response's links, the path below, or its schema."""
        path, response = operation.addresses[0], success(operation)
        for target in self._linked(response) if response else ():
            if (resource := self.resources.get(target.addresses[0])) and resource.parameter:
                return resource
        for resource in self.resources.values():
            if resource.parameter and resource.path.rpartition("/")[0] == path:
                return resource
        shape = self.item_shape(operation, "")
        if shape is None or response is None or response.key != "201":
            return None
        found = self._schemas.get(self._schema(shape))
        return found if found and found.parameter else None

    def _linked(self, response: Response) -> Iterator[Operation]:
        """Yield the operations of links that take a parameter of the path from the response's body."""
        links = self.document.at(response.pointer).get("links", {}) if response.pointer else {}
        for name in links:
            link = self.document.resolve(child(response.pointer, "links", name))[0]
            values = link.get("parameters", {}).values()
            if any(str(each).startswith(_IN_BODY) for each in values):
                target = self.by_id.get(link.get("operationId", "")) or self._referred(link)
                yield from [target] if target else []

    def _referred(self, link: Mapping[str, Any]) -> Operation | None:
        names = tokens(str(link.get("operationRef", "")).removeprefix("#"))
        return next((each for each in self.by_id.values() if tokens(each.pointer) == names), None)


def success(operation: Operation) -> Response | None:
    """Return the response of an operation's first success."""
    found = [each for each in operation.responses if each.statuses and min(each.statuses) < 300]
    return min(found, key=lambda each: (not each.key.isdecimal(), min(each.statuses)), default=None)


def id_property(parameter: str, item: Any) -> str:
    """Return the property of an item whose value a parameter of a path has: `petId` is `petId` or `id`."""
    scalars = {
        plain(name): name
        for name, value in (item.items() if isinstance(item, dict) else ())
        if isinstance(value, str | int) and not isinstance(value, bool)
    }
    wanted = plain(parameter)
    fitting = [name for name in scalars if name and wanted.endswith(name)]
    return scalars[max(fitting, key=len)] if fitting else ""


def plain(name: str) -> str:
    """Return a name in one spelling: `petId`, `pet_id` and `PetID` are the same."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
