"""What all parts of a plan share: the document, what is wrong with it, and the schemas that get a model."""

from functools import cached_property
from itertools import islice

from contractgen.document.load import Document
from contractgen.document.structure import Defaults, schema_violations, violations
from contractgen.plan.contract import Scheme
from contractgen.plan.names import Names, class_name, is_shortened, snake_case
from contractgen.plan.sizes import Sizes
from contractgen.runtime.pointers import child
from contractgen.runtime.schemas import Schemas
from contractgen.schema.directions import Direction
from contractgen.schema.normal import normal_form
from contractgen.schema.schemas import drop_defaults, ignored_constructs, refused_constructs

SCHEMAS = "/components/schemas"
PARAMETERS = "/components/parameters"


class Planning:
    """One document while it is planned, in its normal form.

    What is not supported gathers in `findings`, what has no effect in `warnings`; `used` names the schemas
    that need a model of their own, for requests and answers apart, `typed` those that need a type.
    """

    def __init__(self, document: Document) -> None:
        found = violations(document)
        self.findings = [each.finding for each in found if not each.is_harmless]
        self.warnings = [each.finding for each in found if each.is_harmless]
        self.document = normal_form(document, [each for each in found if each.is_harmless])
        self.schemes: dict[str, Scheme] = {}
        self.used: dict[tuple[str, Direction], str] = {}
        self.typed: dict[str, str] = {}
        self._checked: dict[str, None] = {}
        self._valid: dict[str, bool] = {}
        self._defaults = Defaults(self.document)
        self._parameters: dict[str, str] = {}
        self._parameter_names = Names("parameter")

    @cached_property
    def schemas(self) -> Schemas:
        """The schemas as the generated package will have them."""
        return Schemas(self.document.value)

    @cached_property
    def sizes(self) -> Sizes:
        """How large bodies may be of which the document does not say it."""
        return Sizes(self.document)

    def refuse(self, pointer: str, message: str, hint: str = "") -> None:
        """Note what is not supported, and where."""
        self.findings.append(self.document.finding(pointer, message, hint))

    def warn(self, pointer: str, message: str, hint: str = "", rule: str = "") -> None:
        """Note what is generated otherwise than one might think, and where."""
        self.warnings.append(self.document.finding(pointer, message, hint, rule=rule))

    def named(self, names: Names, pointer: str, original: str, usual: str) -> str:
        """The name in Python of what the contract calls `original`; a warning tells of an unusual one."""
        name = names.take(usual)
        if name != usual or is_shortened(original):
            message = f"the {names.kind} {original!r} is called {name} in Python"
            self.warn(pointer, message, rule="python-name")
        return name

    def check_schema(self, pointer: str) -> bool:
        """Whether a schema is a valid one; what is valid but not supported is refused all the same."""
        if pointer in self._valid:
            return self._valid[pointer]
        found = schema_violations(self.document, pointer)
        invalid = [each.finding for each in found if not each.is_harmless]
        self.findings += invalid
        self.warnings += [each.finding for each in found if each.is_harmless]
        for each in (each for each in found if each.is_harmless):
            each.undo(self.document.at(pointer))
        if not invalid:
            known = len(self._checked)
            self.findings += refused_constructs(self.document, pointer, self._checked)
            reached = islice(reversed(self._checked), len(self._checked) - known)
            for place in sorted(reached, reverse=True):  # what is below before it may go
                self.warnings += ignored_constructs(self.document, place)
                self.warnings += drop_defaults(self.document, place, self._defaults)
        self._valid[pointer] = not invalid
        return not invalid

    def model(self, place: str, name: str, direction: Direction = "request") -> str:
        """The pointer of the schema at a place, which gets a model; `name` for no component."""
        pointer = self.document.resolve(place)[1]
        holder, _, own = pointer.rpartition("/")
        if holder != SCHEMAS:
            self.check_schema(pointer)
        self.used.setdefault((pointer, direction), class_name(own) if holder == SCHEMAS else name)
        return pointer

    def type(self, pointer: str, name: str) -> None:
        """Have a type for the schema at a pointer; `name` is for the class that it may become."""
        holder, _, own = pointer.rpartition("/")
        self.typed.setdefault(pointer, class_name(own) if holder == SCHEMAS else name)

    def component_parameter(self, pointer: str) -> str:
        """The name of the parameter at a pointer among the contract's components; empty for another."""
        folder, _, component = pointer.rpartition("/")
        if folder != PARAMETERS:
            return ""
        if pointer not in self._parameters:
            self._parameters[pointer] = self._parameter_names.take(snake_case(component))
        return self._parameters[pointer]

    def check_component(self, name: str) -> None:
        """Check a schema under components."""
        self.check_schema(child(SCHEMAS, name))
