"""Document -> plan: resolve, name, and refuse what would not be served as written."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from contractgen.findings import ContractError
from contractgen.load import Document, child
from contractgen.names import constant_name, is_usable, python_name, snake_case, tag_class
from contractgen.plan import METHODS, Contract, Operation, Tag
from contractgen.plan.bodies import body_of
from contractgen.plan.parameters import PLACEHOLDER, parameters_of
from contractgen.plan.planning import Planning
from contractgen.plan.responses import Responses, classes_of
from contractgen.plan.security import SecurityPlan
from contractgen.plan.webhooks import name_callbacks, name_webhooks

# What reading a document raises where the check of its structure has found a fault.
_WRONG_KIND = (ContractError, LookupError, TypeError, AttributeError, ValueError)


def make_plan(document: Document) -> Contract:
    """The plan of a document; raises ContractError with everything in it that is not supported."""
    if not str(document.value["openapi"]).startswith(("3.0.", "3.1.")):
        raise ContractError([document.finding("/openapi", "only OpenAPI 3.0 and 3.1 are supported")])
    planning = Planning(document)
    try:
        contract = Planner(planning).contract()
    except _WRONG_KIND:
        if not planning.findings:
            raise
        contract = None
    if contract is None or planning.findings:
        raise ContractError(sorted(set(planning.findings)))
    return contract


class Planner:
    """Plans the operations of one document."""

    def __init__(self, planning: Planning) -> None:
        self.planning = planning
        self.document = planning.document
        self.refuse = planning.refuse
        self.responses = Responses(planning)
        self.security = SecurityPlan(planning)

    def contract(self) -> Contract:
        document = self.document.value
        for name in document.get("components", {}).get("schemas", {}):
            self.planning.check_component(name)
        operations = [operation for place in self._places() if (operation := self._attempt(*place))]
        has_webhooks = name_webhooks(self.planning)
        if not (operations or has_webhooks or document.get("components", {}).get("schemas")):
            self._refuse_nothing()
        self._check_together(operations)
        classes = classes_of(response for operation in operations for response in operation.responses)
        responses = [each[0] for each in classes.values()]
        generic = {name for name, each in classes.items() if len({r.statuses for r in each}) > 1}
        return Contract(
            title=document["info"].get("title", ""),
            version=document["info"].get("version", ""),
            base_path=self._base_path(),
            tags=self._tags(operations),
            schemes=tuple(self.planning.schemes.values()),
            responses=tuple(sorted(responses, key=lambda r: (r.key, r.class_name))),
            generic=frozenset(generic),
            status_types=self.responses.status_types,
            used_schemas=self.planning.used,
            typed_schemas=self.planning.typed,
            document=self.document,
            warnings=tuple(sorted(self.planning.warnings)),
        )

    def _base_path(self) -> str:
        """What stands before every path: the servers' common path."""
        paths = {
            urlsplit(server["url"]).path.rstrip("/") for server in self.document.value.get("servers", [])
        }
        if len(paths) > 1 or any("{" in path for path in paths):
            self.refuse("/servers", "servers of several paths, or with variables in it, are not supported")
        return paths.pop() if paths else ""

    def _places(self) -> Iterator[tuple[str, str]]:
        for path, item in self.document.value.get("paths", {}).items():
            for member in item:
                place = child("/paths", path, member)
                if member in METHODS:
                    yield path, member
                elif member not in ("parameters", "summary", "description") and not member.startswith("x-"):
                    self.refuse(place, f"{member} of a path is not supported")

    def _attempt(self, path: str, method: str) -> Operation | None:
        """The operation, or None when something is wrong with it."""
        try:
            return self._operation(path, method)
        except _WRONG_KIND:
            if not self.planning.findings:
                raise
            return None

    def _refuse_nothing(self) -> None:
        if not self.planning.findings:
            self.refuse("/paths", "there is no operation, webhook or schema to generate")

    def _check_together(self, operations: list[Operation]) -> None:
        """Names and paths that are fine alone, and taken."""
        known: dict[str, Operation] = {}
        for operation in operations:
            place = child("/paths", operation.path, operation.method.lower(), "operationId")
            form = PLACEHOLDER.sub("{}", operation.path) + " " + operation.method
            for name in (constant_name(operation.handler), form):
                other = known.setdefault(name, operation)
                if other is not operation:
                    message = f"{operation.operation_id} and {other.operation_id} cannot be told apart"
                    self.refuse(place, message)

    def _tags(self, operations: list[Operation]) -> tuple[Tag, ...]:
        described = {tag["name"]: tag.get("description", "") for tag in self.document.value.get("tags", [])}
        names = dict.fromkeys([*described, *(operation.tag for operation in operations)])
        grouped = {name: tuple(o for o in operations if o.tag == name) for name in names}
        modules = [snake_case(name) for name, group in grouped.items() if group]
        for name, group in grouped.items():
            if group and modules.count(snake_case(name)) > 1:
                place = child("/paths", group[0].path, group[0].method.lower(), "tags")
                self.refuse(place, f"the tag {name!r} and another get the same name in Python")
        return tuple(
            Tag(name, snake_case(name), tag_class(name), described.get(name, ""), group)
            for name, group in grouped.items()
            if group
        )

    def _operation(self, path: str, method: str) -> Operation | None:
        pointer = child("/paths", path, method)
        node = self.document.at(pointer)
        operation_id, tags = node.get("operationId", ""), node.get("tags", [])
        operation_id = operation_id or f"{method}{path}"
        handler = python_name(snake_case(operation_id), "operationId")
        if not handler:
            hint = "give every operation an operationId in snake_case"
            message = f"the operationId {operation_id!r} is no name for a handler"
            self.refuse(child(pointer, "operationId"), message, hint)
        tag = tags[0] if tags else "default"
        if not (is_usable(snake_case(tag), "tag") and is_usable(tag_class(tag), "tag's class")):
            self.refuse(child(pointer, "tags"), f"the tag {tag!r} is no name for the handlers' module")
        if "servers" in node:
            self.refuse(child(pointer, "servers"), "servers of an operation are not supported")
        name_callbacks(self.planning, pointer, handler)
        alternatives, anonymous, security = self.security.of(pointer, node)
        return Operation(
            operation_id=operation_id,
            handler=handler,
            tag=tag,
            method=method.upper(),
            path=path,
            summary=node.get("summary", ""),
            alternatives=alternatives,
            anonymous=anonymous,
            parameters=parameters_of(self.planning, path, pointer, handler),
            body=body_of(self.planning, pointer, operation_id, node),
            responses=self.responses.of(pointer, operation_id),
            security=security,
            raw_response=node.get("x-raw-response") is True,
            strict_query=self._is_strict(pointer),
        )

    def _is_strict(self, pointer: str) -> bool:
        """What the operation says of unknown query parameters, else its path, else the document."""
        for owner in (pointer, pointer.rpartition("/")[0], ""):
            said = self.document.at(owner).get("x-strict-query")
            if said is not None:
                if not isinstance(said, bool):
                    self.refuse(child(owner, "x-strict-query"), "must be true or false")
                return said is not False
        return True
