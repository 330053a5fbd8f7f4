"""Document -> plan: resolve, name, and refuse what would not be served as written."""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from contractgen.findings import ContractError, Finding
from contractgen.load import Document, child
from contractgen.names import class_name, constant_name, is_usable, python_name, snake_case
from contractgen.plan import Body, Contract, Header, Operation, Parameter, Response, Scheme, Security, Tag
from contractgen.schemas import converter, is_exact, unknown_constructs
from contractgen.structure import schema_findings, structural_findings

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
DEFAULT_MAX_BODY_BYTES = 65_536
MEDIA_TYPES = ("application/json", "application/problem+json")
_SCHEMAS = "/components/schemas"
_PLACEHOLDER = re.compile(r"\{([^{}/]+)\}")
# What reading a document raises where the check of its structure has found a fault.
_WRONG_KIND = (ContractError, LookupError, TypeError, AttributeError, ValueError)
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")


def make_plan(document: Document) -> Contract:
    """The plan of a document; raises ContractError with everything in it that is not supported."""
    if not str(document.value["openapi"]).startswith(("3.0.", "3.1.")):
        raise ContractError([document.finding("/openapi", "only OpenAPI 3.0 and 3.1 are supported")])
    planner = Planner(document)
    try:
        contract = planner.contract()
    except _WRONG_KIND:
        if not planner.findings:
            raise
        contract = None
    if contract is None or planner.findings:
        raise ContractError(sorted(set(planner.findings)))
    return contract


class Planner:
    """Plans one document; what is wrong with it gathers in `findings`."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.findings: list[Finding] = structural_findings(document)
        self.schemes: dict[str, Scheme] = {}
        self.inline: dict[str, str] = {}
        self.response_places: dict[str, tuple[str, Response]] = {}
        self.checked_schemas: set[str] = set()

    def refuse(self, pointer: str, message: str, hint: str = "") -> None:
        self.findings.append(self.document.finding(pointer, message, hint))

    def contract(self) -> Contract:
        document = self.document.value
        for name in document.get("components", {}).get("schemas", {}):
            self._check_component(name)
        operations = [operation for place in self._places() if (operation := self._attempt(*place))]
        self._check_together(operations)
        responses = {r for o in operations for r in o.responses}
        return Contract(
            title=document["info"]["title"],
            version=document["info"]["version"],
            base_path=self._base_path(),
            tags=self._tags(operations),
            schemes=tuple(self.schemes.values()),
            responses=tuple(sorted(responses, key=lambda r: (r.status, r.class_name))),
            inline_schemas=self.inline,
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
            if not self.findings:
                raise
            return None

    def _check_together(self, operations: list[Operation]) -> None:
        """Names and paths that are fine alone, and taken."""
        if not operations and not self.findings:
            self.refuse("/paths", "there is no operation to generate")
        known: dict[str, Operation] = {}
        for operation in operations:
            place = child("/paths", operation.path, operation.method.lower(), "operationId")
            form = _PLACEHOLDER.sub("{}", operation.path) + " " + operation.method
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
            Tag(name, snake_case(name), class_name(name), described.get(name, ""), group)
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
        if not (is_usable(snake_case(tag), "tag") and is_usable(class_name(tag), "tag's class")):
            self.refuse(child(pointer, "tags"), f"the tag {tag!r} is no name for the handlers' module")
        for unsupported in ("callbacks", "servers"):
            if unsupported in node:
                self.refuse(child(pointer, unsupported), f"{unsupported} of an operation are not supported")
        scheme, anonymous, security = self._security(pointer, node)
        return Operation(
            operation_id=operation_id,
            handler=handler,
            tag=tag,
            method=method.upper(),
            path=path,
            summary=node.get("summary", ""),
            scheme=scheme,
            anonymous=anonymous,
            parameters=self._parameters(path, pointer),
            body=self._body(pointer, operation_id, node),
            responses=self._responses(pointer, operation_id, node),
            security=security,
        )

    # Security -----------------------------------------------------------------------------------------

    def _security(self, pointer: str, node: dict[str, Any]) -> tuple[Scheme | None, bool, Security]:
        own = "security" in node
        place = child(pointer, "security") if own else "/security"
        requirements = node["security"] if own else self.document.value.get("security", [])
        names = {name for requirement in requirements for name in requirement}
        if len(names) > 1:
            self.refuse(place, "several security schemes for one operation are not supported")
        scheme = None
        for name in sorted(names):
            scheme = self._scheme(name, place)
        security = tuple(tuple((n, tuple(r)) for n, r in requirement.items()) for requirement in requirements)
        return scheme, {} in requirements or not requirements, security

    def _scheme(self, name: str, place: str) -> Scheme | None:
        schemes = self.document.value.get("components", {}).get("securitySchemes", {})
        if name not in schemes:
            self.refuse(
                place, f"the security scheme {name!r} is not declared", "see components/securitySchemes"
            )
            return None
        node, pointer = self.document.resolve(child("/components/securitySchemes", name))
        if (node.get("type"), str(node.get("scheme")).lower()) != ("http", "bearer"):
            self.refuse(pointer, "only security schemes of type http, scheme bearer are supported")
            return None
        if not is_usable(snake_case(name), "scheme"):
            self.refuse(pointer, f"the security scheme's name {name!r} is no name for a method")
        return self.schemes.setdefault(name, Scheme(name, snake_case(name), "Bearer"))

    # Parameters and body ------------------------------------------------------------------------------

    def _parameters(self, path: str, pointer: str) -> tuple[Parameter, ...]:
        parent = child("/paths", path)
        found: dict[tuple[str, str], Parameter] = {}
        for owner in (parent, pointer):
            places = [
                child(owner, "parameters", i)
                for i in range(len(self.document.at(owner).get("parameters", [])))
            ]
            parameters = [parameter for place in places if (parameter := self._parameter(place))]
            if len({(p.location, p.name) for p in parameters}) < len(parameters):
                self.refuse(child(owner, "parameters"), "a parameter is there twice")
            found |= {(p.location, p.name): p for p in parameters}
        arguments = [parameter.argument for parameter in found.values()]
        if len(set(arguments)) < len(arguments):
            self.refuse(pointer, "two parameters get the same name in Python")
        placeholders = _PLACEHOLDER.findall(path)
        whole = all(
            segment == f"{{{name}}}"
            for name in placeholders
            for segment in path.split("/")
            if name in segment
        )
        if (
            sorted(placeholders) != sorted(name for location, name in found if location == "path")
            or not whole
        ):
            self.refuse(
                parent, "the template's placeholders are not whole segments that are its path parameters"
            )
        return tuple(found.values())

    def _parameter(self, place: str) -> Parameter | None:
        node, pointer = self.document.resolve(place)
        location, name = node["in"], node["name"]
        if location == "header" and name.lower() in ("accept", "authorization", "content-type"):
            return None  # which OpenAPI leaves to content and security
        if location == "path" and not node.get("required"):
            self.refuse(pointer, "a path parameter must say required: true")
        for unsupported in {"style", "explode", "content", "allowReserved", "allowEmptyValue"} & node.keys():
            self.refuse(child(pointer, unsupported), f"{unsupported!r} of a parameter is not supported")
        argument = python_name(name, "parameter")
        if not argument or not name.isprintable():
            self.refuse(child(pointer, "name"), f"the parameter's name {name!r} is no name for an argument")
            return None
        schema = child(pointer, "schema")
        if not self._check_schema(schema):
            return None
        converted = converter(self.document, schema)
        if converted is None:
            self.refuse(
                schema, "a parameter of this schema is not supported", "strings, numbers and booleans are"
            )
            return None
        default = self.document.resolve(schema)[0].get("default")
        return Parameter(location, name, argument, *converted, node.get("required", False), default)

    def _body(self, pointer: str, operation_id: str, node: dict[str, Any]) -> Body | None:
        if "requestBody" not in node:
            return None
        body, pointer = self.document.resolve(child(pointer, "requestBody"))
        if list(body["content"]) != ["application/json"]:
            self.refuse(child(pointer, "content"), "only bodies of application/json are supported")
            return None
        name = f"{class_name(operation_id)}Body"
        max_bytes = body.get("x-max-body-bytes", DEFAULT_MAX_BODY_BYTES)
        if type(max_bytes) is not int or max_bytes < 1:
            self.refuse(child(pointer, "x-max-body-bytes"), "must be a number of bytes")
        schema = self._component(child(pointer, "content", "application/json"), name)
        if schema is None:
            return None
        exact = is_exact(self.document, schema)
        required = body.get("required", False)
        return Body(schema, "application/json", max_bytes, exact, required)

    def _component(self, content: str, name: str) -> str | None:
        """The pointer of the schema of a body's content; `name` is for one that stands there itself."""
        place = child(content, "schema")
        if "schema" not in self.document.at(content):
            self.refuse(content, "a body needs a schema")
            return None
        pointer = self.document.resolve(place)[1]
        if pointer.rpartition("/")[0] != _SCHEMAS:
            self._check_schema(pointer)
            self._name_inline(pointer, name)
        return pointer

    def _name_inline(self, pointer: str, name: str) -> None:
        """Give a schema that stands in a body itself the name of its model."""
        components = self.document.value.get("components", {}).get("schemas", {})
        others = {known for place, known in self.inline.items() if place != pointer}
        if name in components or name in others or not is_usable(name):
            hint = "name it under components/schemas and refer to it"
            self.refuse(pointer, f"the schema cannot have the name {name!r}", hint)
        self.inline[pointer] = name

    def _check_component(self, name: str) -> None:
        pointer = child(_SCHEMAS, name)
        self._check_schema(pointer)
        schema = self.document.at(pointer)
        for member in schema.get("properties", {}) if isinstance(schema, dict) else ():
            if member.startswith(("model_validate", "model_dump")):
                place = child(pointer, "properties", member)
                self.refuse(place, f"the member's name {member!r} is one that models need")

    def _check_schema(self, pointer: str) -> bool:
        """Whether a schema is a valid one; what is valid but not supported is refused all the same."""
        invalid = schema_findings(self.document, pointer)
        self.findings += invalid or unknown_constructs(self.document, pointer, self.checked_schemas)
        return not invalid

    # Responses ----------------------------------------------------------------------------------------

    @cached_property
    def _statuses(self) -> dict[str, set[str]]:
        """Under which statuses each response component is used: several make several classes."""
        found: dict[str, set[str]] = {}
        for item in self.document.value["paths"].values():
            for method in item.keys() & set(METHODS):
                for status, node in item[method].get("responses", {}).items():
                    found.setdefault(node.get("$ref"), set()).add(status)
        return found

    def _responses(self, pointer: str, operation_id: str, node: dict[str, Any]) -> tuple[Response, ...]:
        if not node.get("responses"):
            self.refuse(child(pointer, "responses"), "an operation needs responses")
            return ()
        found = []
        for status in node["responses"]:
            place = child(pointer, "responses", status)
            if not (status.isdecimal() and 200 <= int(status) <= 599):
                self.refuse(
                    place, f"the status {status!r} is not supported", "list those from 200 on one by one"
                )
                continue
            reference = self.document.at(place).get("$ref")
            if reference is None:
                name = class_name(operation_id) + status
            else:
                name = class_name(reference.rsplit("/", 1)[1])
                name += status if len(self._statuses[reference]) > 1 else ""
            if not is_usable(name, "response"):
                self.refuse(place, f"the response's name {name!r} is no name for a class")
            elif response := self._response(name, int(status), *self.document.resolve(place)):
                found.append(response)
        return tuple(sorted(found, key=lambda response: response.status))

    def _response(self, name: str, status: int, node: dict[str, Any], pointer: str) -> Response | None:
        known = self.response_places.get(name)
        if known is not None:
            if known[0] != pointer:
                self.refuse(pointer, f"two responses get the class name {name}")
            return known[1]
        content = node.get("content", {})
        if content and status in (204, 205, 304):
            self.refuse(child(pointer, "content"), f"an answer of status {status} has no body")
        if len(content) > 1:
            self.refuse(child(pointer, "content"), "several media types of a response are not supported")
            return None
        media_type, schema = next(iter(content), None), None
        if media_type is not None:
            if media_type not in MEDIA_TYPES:
                self.refuse(child(pointer, "content", media_type), f"{media_type} is not supported")
            schema = self._component(child(pointer, "content", media_type), f"{name}Body")
        headers = tuple(self._header(pointer, header) for header in node.get("headers", {}))
        if len({header.field for header in headers}) < len(headers):
            self.refuse(child(pointer, "headers"), "two headers get the same name in Python")
        response = Response(name, status, node.get("description", ""), media_type, schema, headers)
        self.response_places[name] = (pointer, response)
        return response

    def _header(self, pointer: str, name: str) -> Header:
        node, place = self.document.resolve(child(pointer, "headers", name))
        if not _HEADER_NAME.fullmatch(name) or not is_usable(snake_case(name), "header"):
            self.refuse(place, f"the header's name {name!r} is no name for a field")
        if name.lower() in ("content-type", "content-length"):
            self.refuse(place, f"the header {name} is the answer's own")
        self._check_schema(child(place, "schema"))
        schema = self.document.resolve(child(place, "schema"))[0]
        kind = {"string": "str", "integer": "int"}.get(str(schema.get("type", "")))
        if kind is None:
            self.refuse(place, "a response header must be a string or an integer")
        return Header(name, snake_case(name), kind or "str", node.get("required", False))
