"""Document -> plan: resolve, name, and refuse what would not be served as written."""

from typing import Any

from contractgen.findings import ContractError, Finding
from contractgen.load import Document, child
from contractgen.names import class_name, is_usable, snake_case
from contractgen.plan import Body, Contract, Header, Operation, Parameter, Response, Scheme, Tag
from contractgen.schemas import converter, is_exact, unknown_constructs

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
DEFAULT_MAX_BODY_BYTES = 65_536
_SCHEMAS = "/components/schemas/"


def make_plan(document: Document) -> Contract:
    """The plan of a document; raises ContractError with everything in it that is not supported."""
    planner = _Planner(document)
    contract = planner.contract()
    if not contract.operations and not planner.findings:
        planner.refuse("/paths", "there is no operation to generate")
    if planner.findings:
        raise ContractError(sorted(set(planner.findings)))
    return contract


class _Planner:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.findings: list[Finding] = []
        self.schemes: dict[str, Scheme] = {}
        self.response_places: dict[str, tuple[str, Response]] = {}
        self.checked_schemas: set[str] = set()
        self.statuses = self._statuses_of_components()

    def refuse(self, pointer: str, message: str, hint: str = "") -> None:
        self.findings.append(self.document.finding(pointer, message, hint))

    def contract(self) -> Contract:
        if not str(self.document.value["openapi"]).startswith(("3.0.", "3.1.")):
            self.refuse("/openapi", "only OpenAPI 3.0 and 3.1 are supported")
        for name in self.document.value.get("components", {}).get("schemas", {}):
            self._check_schema(child("/components/schemas", name))
        operations = [operation for place in self._places() if (operation := self._operation(*place))]
        info = self.document.value.get("info", {})
        responses = sorted(
            {r for o in operations for r in o.responses}, key=lambda r: (r.status, r.class_name)
        )
        return Contract(
            title=info.get("title", ""),
            version=str(info.get("version", "")),
            tags=self._tags(operations),
            schemes=tuple(self.schemes.values()),
            responses=tuple(responses),
        )

    def _places(self) -> list[tuple[str, str]]:
        paths = self.document.value.get("paths", {})
        return [(path, method) for path, item in paths.items() for method in item if method in METHODS]

    def _tags(self, operations: list[Operation]) -> tuple[Tag, ...]:
        described = {tag["name"]: tag.get("description", "") for tag in self.document.value.get("tags", [])}
        names = dict.fromkeys([*described, *(operation.tag for operation in operations)])
        grouped = {name: tuple(o for o in operations if o.tag == name) for name in names}
        return tuple(
            Tag(name, snake_case(name), class_name(name), described.get(name, ""), group)
            for name, group in grouped.items()
            if group
        )

    def _operation(self, path: str, method: str) -> Operation | None:
        pointer = child("/paths", path, method)
        node = self.document.at(pointer)
        operation_id, tags = node.get("operationId", ""), node.get("tags", [])
        if not is_usable(operation_id):
            hint = "give every operation an operationId in snake_case"
            self.refuse(
                child(pointer, "operationId"), f"the operationId {operation_id!r} is no Python name", hint
            )
            return None
        if len(tags) != 1 or not is_usable(snake_case(tags[0])):
            self.refuse(
                child(pointer, "tags"), "an operation needs exactly one tag", "it names the handlers' module"
            )
            return None
        for unsupported in ("callbacks", "servers"):
            if unsupported in node:
                self.refuse(child(pointer, unsupported), f"{unsupported} of an operation are not supported")
        scheme, role_sets, anonymous, security = self._security(pointer, node)
        return Operation(
            operation_id=operation_id,
            tag=tags[0],
            method=method.upper(),
            path=path,
            summary=node.get("summary", ""),
            scheme=scheme,
            role_sets=role_sets,
            anonymous=anonymous,
            parameters=self._parameters(path, pointer, node),
            body=self._body(pointer, node),
            responses=self._responses(pointer, operation_id, node),
            security=security,
        )

    # Security -----------------------------------------------------------------------------------------

    def _security(
        self, pointer: str, node: dict[str, Any]
    ) -> tuple[
        Scheme | None, tuple[tuple[str, ...], ...], bool, tuple[tuple[tuple[str, tuple[str, ...]], ...], ...]
    ]:
        own = "security" in node
        place = child(pointer, "security") if own else "/security"
        requirements = node["security"] if own else self.document.value.get("security", [])
        names = {name for requirement in requirements for name in requirement}
        if len(names) > 1:
            self.refuse(place, "several security schemes for one operation are not supported")
        scheme = None
        for name in sorted(names):
            scheme = self._scheme(name, place)
        role_sets = tuple(tuple(roles) for requirement in requirements for roles in requirement.values())
        security = tuple(tuple((n, tuple(r)) for n, r in requirement.items()) for requirement in requirements)
        return scheme, role_sets, {} in requirements or not requirements, security

    def _scheme(self, name: str, place: str) -> Scheme | None:
        pointer = child("/components/securitySchemes", name)
        try:
            node, pointer = self.document.resolve(pointer)
        except KeyError:
            self.refuse(
                place, f"the security scheme {name!r} is not declared", "see components/securitySchemes"
            )
            return None
        if (node.get("type"), str(node.get("scheme")).lower()) != ("http", "bearer"):
            self.refuse(pointer, "only security schemes of type http, scheme bearer are supported")
            return None
        return self.schemes.setdefault(name, Scheme(name, snake_case(name), "Bearer"))

    # Parameters and body ------------------------------------------------------------------------------

    def _parameters(self, path: str, pointer: str, node: dict[str, Any]) -> tuple[Parameter, ...]:
        parent = child("/paths", path, "parameters")
        shared = self.document.at(child("/paths", path)).get("parameters", [])
        places = [child(parent, i) for i in range(len(shared))]
        places += [child(pointer, "parameters", i) for i in range(len(node.get("parameters", [])))]
        found: dict[tuple[str, str], Parameter] = {}
        for place in places:
            if parameter := self._parameter(place):
                found[parameter.location, parameter.name] = parameter
        placeholders = {segment[1:-1] for segment in path.split("/") if segment.startswith("{")}
        if placeholders != {name for location, name in found if location == "path"} or path.count("{") != len(
            placeholders
        ):
            self.refuse(child("/paths", path), "the template's placeholders are not its path parameters")
        return tuple(found.values())

    def _parameter(self, place: str) -> Parameter | None:
        node, pointer = self.document.resolve(place)
        location, name = node["in"], node["name"]
        if location not in ("path", "query"):
            self.refuse(pointer, f"{location} parameters are not supported")
            return None
        for unsupported in {"style", "explode", "content", "allowReserved", "allowEmptyValue"} & node.keys():
            self.refuse(child(pointer, unsupported), f"{unsupported!r} of a parameter is not supported")
        if not is_usable(name):
            self.refuse(child(pointer, "name"), f"the parameter's name {name!r} is no Python name")
            return None
        schema = child(pointer, "schema")
        self._check_schema(schema)
        converted = converter(self.document, schema)
        if converted is None:
            self.refuse(schema, "a parameter of this schema is not supported", "strings and integers are")
            return None
        default = self.document.resolve(schema)[0].get("default")
        return Parameter(location, name, *converted, node.get("required", False), default)

    def _body(self, pointer: str, node: dict[str, Any]) -> Body | None:
        if "requestBody" not in node:
            return None
        body, pointer = self.document.resolve(child(pointer, "requestBody"))
        if not body.get("required", False):
            self.refuse(pointer, "an optional body is not supported", "say required: true")
        if list(body["content"]) != ["application/json"]:
            self.refuse(child(pointer, "content"), "only bodies of application/json are supported")
            return None
        schema = self._component(child(pointer, "content", "application/json", "schema"))
        if schema is None:
            return None
        max_bytes = body.get("x-max-body-bytes", DEFAULT_MAX_BODY_BYTES)
        return Body(
            schema.removeprefix(_SCHEMAS),
            schema,
            "application/json",
            max_bytes,
            is_exact(self.document, schema),
        )

    def _component(self, place: str) -> str | None:
        """The pointer of the named object schema that a body refers to."""
        schema, pointer = self.document.resolve(place)
        if not pointer.startswith(_SCHEMAS) or schema.get("type") != "object":
            hint = "name it under components/schemas and refer to it"
            self.refuse(place, "the schema of a body must be a named object", hint)
            return None
        return pointer

    def _check_schema(self, pointer: str) -> None:
        self.findings += unknown_constructs(self.document, pointer, self.checked_schemas)

    # Responses ----------------------------------------------------------------------------------------

    def _statuses_of_components(self) -> dict[str, set[str]]:
        """Under which statuses each response component is used: several make several classes."""
        statuses: dict[str, set[str]] = {}
        for path, method in self._places():
            for status, node in self.document.at(child("/paths", path, method)).get("responses", {}).items():
                if "$ref" in node:
                    statuses.setdefault(node["$ref"], set()).add(status)
        return statuses

    def _responses(self, pointer: str, operation_id: str, node: dict[str, Any]) -> tuple[Response, ...]:
        found = []
        for status in node.get("responses", {}):
            place = child(pointer, "responses", status)
            if not status.isdecimal():
                self.refuse(place, f"the status {status!r} is not supported", "list the statuses one by one")
                continue
            reference = self.document.at(place).get("$ref")
            if reference is None:
                name = class_name(operation_id) + status
            else:
                name = class_name(reference.rsplit("/", 1)[1])
                name += status if len(self.statuses[reference]) > 1 else ""
            response = self._response(name, int(status), *self.document.resolve(place))
            if response is not None:
                found.append(response)
        return tuple(sorted(found, key=lambda response: response.status))

    def _response(self, name: str, status: int, node: dict[str, Any], pointer: str) -> Response | None:
        known = self.response_places.get(name)
        if known is not None:
            if known[0] != pointer:
                self.refuse(pointer, f"two responses get the class name {name}")
            return known[1]
        content = node.get("content", {})
        if len(content) > 1:
            self.refuse(child(pointer, "content"), "several media types of a response are not supported")
            return None
        media_type, model = next(iter(content), None), None
        if media_type is not None:
            if media_type not in ("application/json", "application/problem+json"):
                self.refuse(child(pointer, "content", media_type), f"{media_type} is not supported")
            component = self._component(child(pointer, "content", media_type, "schema"))
            model = component.removeprefix(_SCHEMAS) if component else None
        headers = tuple(self._header(pointer, header) for header in node.get("headers", {}))
        response = Response(name, status, node.get("description", ""), media_type, model, headers)
        self.response_places[name] = (pointer, response)
        return response

    def _header(self, pointer: str, name: str) -> Header:
        node, place = self.document.resolve(child(pointer, "headers", name))
        schema = self.document.resolve(child(place, "schema"))[0]
        kind = {"string": "str", "integer": "int"}.get(schema.get("type", ""))
        if kind is None:
            self.refuse(place, "a response header must be a string or an integer")
        return Header(name, snake_case(name), kind or "str", node.get("required", False))
