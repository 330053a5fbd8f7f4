"""What all parts of a plan share: the document, what is wrong with it, and the schemas that get a model."""

from contractgen.findings import Finding
from contractgen.load import Document, child
from contractgen.names import is_usable
from contractgen.plan import Scheme
from contractgen.schemas import unknown_constructs
from contractgen.structure import schema_findings, structural_findings

SCHEMAS = "/components/schemas"


class Planning:
    """One document while it is planned; what is wrong with it gathers in `findings`."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.findings: list[Finding] = structural_findings(document)
        self.schemes: dict[str, Scheme] = {}
        self.inline: dict[str, str] = {}
        self._checked: set[str] = set()

    def refuse(self, pointer: str, message: str, hint: str = "") -> None:
        """Note what is not supported, and where."""
        self.findings.append(self.document.finding(pointer, message, hint))

    def check_schema(self, pointer: str) -> bool:
        """Whether a schema is a valid one; what is valid but not supported is refused all the same."""
        invalid = schema_findings(self.document, pointer)
        self.findings += invalid or unknown_constructs(self.document, pointer, self._checked)
        return not invalid

    def model(self, place: str, name: str) -> str:
        """The pointer of the schema at a place, which gets a model; `name` for no component."""
        pointer = self.document.resolve(place)[1]
        if pointer.rpartition("/")[0] != SCHEMAS:
            self.check_schema(pointer)
            self._name_inline(pointer, name)
        return pointer

    def _name_inline(self, pointer: str, name: str) -> None:
        components = self.document.value.get("components", {}).get("schemas", {})
        others = {known for place, known in self.inline.items() if place != pointer}
        if name in components or name in others or not is_usable(name):
            hint = "name it under components/schemas and refer to it"
            self.refuse(pointer, f"the schema cannot have the name {name!r}", hint)
        self.inline[pointer] = name

    def check_component(self, name: str) -> None:
        """Check a schema under components, and that its members' names can stand in a model."""
        pointer = child(SCHEMAS, name)
        self.check_schema(pointer)
        schema = self.document.at(pointer)
        for member in schema.get("properties", {}) if isinstance(schema, dict) else ():
            if member.startswith(("model_validate", "model_dump")):
                place = child(pointer, "properties", member)
                self.refuse(place, f"the member's name {member!r} is one that models need")
