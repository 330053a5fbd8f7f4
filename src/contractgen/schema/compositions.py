"""Compositions that no validator can finish: those that lead back to themselves, and those that multiply."""

from collections.abc import Iterator

from contractgen.document.findings import Finding
from contractgen.document.grammar import objects_of
from contractgen.document.load import Document
from contractgen.schema.vocabulary import IN_PLACE
from contractgen.schema.walk import below
from contractgen_runtime.pointers import child, pointer_of

# Schemas that apply to one value, each as often as compositions lead to it: real contracts have up to 120.
_MOST = 5_000


def endless_compositions(document: Document) -> list[Finding]:
    """Return a finding for each schema to whose values too many schemas apply, or itself again.

    The document is as it is written, so that findings stand where the schemas do.
    """
    counting = _Counting(document)
    for pointer in counting.schemas:
        counting.count(pointer)
    return counting.findings


class _Counting:
    """Counts of the schemas of a document that apply to one value, by the pointer of the first."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.is_30 = str(document.value.get("openapi")).startswith("3.0")
        self.schemas = dict(objects_of(document.value, "schema"))
        self.findings: list[Finding] = []
        self._counts: dict[str, int] = {}

    def count(self, pointer: str) -> None:
        """Count for a schema and all that it leads to, without recursion: chains may be long."""
        opened: dict[str, list[str]] = {}
        waiting = [pointer]
        while waiting:
            here = waiting[-1]
            if here not in opened:
                opened[here] = list(self._applied(here))
            following = next((each for each in opened[here] if each not in self._counts), None)
            if here in self._counts or following is None:
                waiting.pop()
                self._close(here, opened[here])
            elif following in opened:
                self._counts[following] = 1
                message = f"the schema leads back to #{following} with no property or item in between"
                hint = (
                    "no validator can check a value: refer to a schema without the union from its subschemas"
                )
                self.findings.append(self.document.finding(here, message, hint))
            else:
                waiting.append(following)

    def _close(self, pointer: str, applied: list[str]) -> None:
        if pointer in self._counts:
            return
        counts = [self._counts[each] for each in applied]
        self._counts[pointer] = min(1 + sum(counts), _MOST + 1)
        if self._counts[pointer] > _MOST >= max(counts):
            message = f"compositions multiply: more than {_MOST} schemas apply to one value"
            self.findings.append(self.document.finding(pointer, message, "let unions share fewer subschemas"))

    def _applied(self, pointer: str) -> Iterator[str]:
        """The schemas that apply to the value to which this one applies."""
        schema = self.schemas[pointer]
        reference = schema.get("$ref")
        applied = [pointer_of(reference)] if isinstance(reference, str) else []
        if not (applied and self.is_30):  # there a reference stands alone
            applied += [child(pointer, *path) for path in below(schema) if path[0] in IN_PLACE]
        yield from (each for each in applied if each in self.schemas)
