"""Document -> plan: resolve, name, and reject what would not be served as written."""

from contractgen.document.findings import ContractError
from contractgen.document.load import Document, bounded
from contractgen.document.operations import Place, item_of, operations_of
from contractgen.plan.addresses import Addresses
from contractgen.plan.bodies import body_of
from contractgen.plan.contract import Contract, Operation
from contractgen.plan.deprecation import SINCE, SUNSET, deprecation_of
from contractgen.plan.names import Names, class_name, snake_case
from contractgen.plan.parameters import parameters_of
from contractgen.plan.planning import Planning
from contractgen.plan.responses import Responses, classes_of
from contractgen.plan.security import SecurityPlan
from contractgen.plan.tags import Tags, first_tag, in_order
from contractgen.plan.webhooks import name_callbacks, name_webhooks
from contractgen.schema.sound import check
from contractgen_runtime.pointers import child

# Extensions of an operation that decide what is generated for it.
OWN_EXTENSIONS = ("x-raw-response", "x-strict-query", SINCE, SUNSET)


def make_plan(document: Document) -> Contract:
    """Return the plan of a document; raise ContractError with everything in it that is not supported."""
    sound = check(document)
    with bounded(document):
        planning = Planning(sound)
        contract = Planner(planning).contract()
    if planning.findings:
        raise ContractError(sorted(set(planning.findings)))
    return contract


class Planner:
    """Plans the operations of one document."""

    def __init__(self, planning: Planning) -> None:
        self.planning = planning
        self.document = planning.document
        self.refuse = planning.refuse
        self.places = list(operations_of(self.document))
        self.handlers = Names("operationId")
        self.tags = Tags(planning, self.places)
        self.responses = Responses(planning, self.tags.modules)
        self.security = SecurityPlan(planning, self.tags.class_names)

    def contract(self) -> Contract:
        document = self.document.value
        addresses = Addresses(self.planning, self.places)
        operations = [self._operation(place, addresses) for place in self.places]
        has_webhooks = name_webhooks(self.planning)
        if not (operations or has_webhooks or document.get("components", {}).get("schemas")):
            self._refuse_nothing()
        tags = self.tags.of(operations)
        classes = classes_of(response for operation in operations for response in operation.responses)
        generic = {name for name, each in classes.items() if len({r.statuses for r in each}) > 1}
        return Contract(
            title=document["info"].get("title", ""),
            version=document["info"].get("version", ""),
            base_path=addresses.base_paths[0],
            tags=tags,
            schemes=tuple(self.planning.schemes.values()),
            shared_responses=in_order(each[0] for each in classes.values() if each[0].is_component),
            generic=frozenset(generic),
            status_types=self.responses.status_types,
            used_schemas=self.planning.used,
            typed_schemas=self.planning.typed,
            document=self.document,
            warnings=tuple(sorted(set(self.planning.warnings))),
        )

    def _refuse_nothing(self) -> None:
        if not self.planning.findings:
            self.refuse("/paths", "there is no operation, webhook or schema to generate")

    def _operation(self, place: Place, addresses: Addresses) -> Operation:
        pointer = place.pointer
        node = self.document.at(pointer)
        operation_id = node.get("operationId") or f"{place.method.lower()}{place.path}"
        named_at = child(pointer, "operationId")
        handler = self.planning.named(self.handlers, named_at, operation_id, snake_case(operation_id))
        own = operation_id if class_name(operation_id) else handler
        name_callbacks(self.planning, pointer, handler)
        alternatives, anonymous, security = self.security.of(pointer, node)
        return Operation(
            operation_id=operation_id,
            handler=handler,
            tag=first_tag(self.document, pointer),
            method=place.method,
            path=place.path,
            pointer=pointer,
            addresses=addresses.of(place),
            summary=node.get("summary", ""),
            alternatives=alternatives,
            anonymous=anonymous,
            parameters=parameters_of(self.planning, pointer, handler),
            body=body_of(self.planning, pointer, own, node),
            responses=self.responses.of(pointer, own),
            security=security,
            raw_response=node.get("x-raw-response") is True,
            strict_query=self._is_strict(pointer),
            deprecation=deprecation_of(self.planning, pointer, node),
            extensions={
                name: value
                for name, value in node.items()
                if name.startswith("x-") and name not in OWN_EXTENSIONS
            },
        )

    def _is_strict(self, pointer: str) -> bool:
        """Return whether unknown query parameters are rejected: operation, path or document decides."""
        for owner in (pointer, item_of(pointer), ""):
            said = self.document.at(owner).get("x-strict-query")
            if said is not None:
                if not isinstance(said, bool):
                    self.refuse(child(owner, "x-strict-query"), "must be true or false")
                return said is not False
        return True
