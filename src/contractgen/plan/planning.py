"""The shared state of planning: the document, its findings, and the schemas that get a model."""

from functools import cached_property

from contractgen.document.findings import Finding
from contractgen.plan.names import Names, class_name, is_shortened, snake_case
from contractgen.plan.schemes import Scheme
from contractgen.plan.sizes import Sizes
from contractgen.schema.directions import Direction
from contractgen.schema.sound import Sound
from contractgen_runtime.schemas import Schemas

SCHEMAS = "/components/schemas"
PARAMETERS = "/components/parameters"


class Planning:
    """A sound document while it is planned; planning reads it and changes nothing in it.

    `findings` collects what is not supported, `warnings` what has no effect. `used` names the schemas that
    need a model of their own, for requests and responses apart, `typed` those that need a type.
    """

    def __init__(self, sound: Sound) -> None:
        self.document = sound.document
        self.findings: list[Finding] = []
        self.warnings = [*sound.warnings]
        self.schemes: dict[str, Scheme] = {}
        self.used: dict[tuple[str, Direction], str] = {}
        self.typed: dict[str, str] = {}
        self._parameters: dict[str, str] = {}
        self._parameter_names = Names("constant")

    @cached_property
    def schemas(self) -> Schemas:
        """The schemas as the generated package will have them."""
        return Schemas(self.document.value)

    @cached_property
    def sizes(self) -> Sizes:
        """The maximum sizes of bodies whose size the document does not limit."""
        return Sizes(self.document)

    def refuse(self, pointer: str, message: str, hint: str = "") -> None:
        """Add a finding for a construct that is not supported."""
        self.findings.append(self.document.finding(pointer, message, hint))

    def warn(self, pointer: str, message: str, hint: str = "", rule: str = "") -> None:
        """Add a warning for a construct that is generated in an unexpected way."""
        self.warnings.append(self.document.finding(pointer, message, hint, rule=rule))

    def named(self, names: Names, pointer: str, original: str, usual: str) -> str:
        """Return the Python name for `original`, a name of the contract; a warning reports an unusual one."""
        name = names.take(usual)
        if name != usual or is_shortened(original):
            message = f"the {names.kind} {original!r} is called {name} in Python"
            self.warn(pointer, message, rule="python-name")
        return name

    def model(self, place: str, name: str, direction: Direction = "request") -> str:
        """Return the pointer of the schema at a place; its model is called `name` if it is no component."""
        pointer = self.document.resolve(place)[1]
        holder, _, own = pointer.rpartition("/")
        self.used.setdefault((pointer, direction), class_name(own) if holder == SCHEMAS else name)
        return pointer

    def type(self, pointer: str, name: str) -> None:
        """Request a type for the schema at a pointer; `name` is for the class that it may become."""
        holder, _, own = pointer.rpartition("/")
        self.typed.setdefault(pointer, class_name(own) if holder == SCHEMAS else name)

    def component_parameter(self, pointer: str) -> str:
        """Return the Python name of the parameter component at a pointer; empty for any other parameter."""
        folder, _, component = pointer.rpartition("/")
        if folder != PARAMETERS:
            return ""
        if pointer not in self._parameters:
            self._parameters[pointer] = self._parameter_names.take(snake_case(component))
        return self._parameters[pointer]
