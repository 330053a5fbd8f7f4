"""Choose the mocked response of an operation: what the client prefers, else the first success."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from contractgen_runtime.operations import Operation
from contractgen_runtime.problems import Refusal
from contractgen_runtime.responses import key_of

from .examples import ExampleResponse, Examples

#: The header that marks a mocked response.
MARK = (b"x-contractgen-mocked", b"true")


@dataclass(frozen=True, slots=True)
class _Declared:
    """A declared response: its key in the contract, its statuses, and its examples."""

    key: str
    statuses: frozenset[int]
    examples: Sequence[ExampleResponse]


class Choice:
    """The mocked responses of one operation, and the template of its path."""

    def __init__(self, operation: Operation, examples: Examples) -> None:
        self._operation_id = operation.operation_id
        self.template = operation.path
        self._declared = [
            _Declared(key_of(each), operation.permitted[each], examples.responses.get(each.__name__, ()))
            for each in operation.responses
        ]
        self._first = next(self._by_preference(), 0)

    def _by_preference(self) -> Iterator[int]:
        """Yield statuses: exact successes, successes of ranges, then exact and ranged errors."""
        exact = sorted(int(each.key) for each in self._declared if each.key.isdecimal())
        ranged = sorted(status for each in self._declared for status in each.statuses)
        yield from (status for status in (*exact, *ranged) if status < 300)
        yield from exact
        yield from ranged

    def choose(self, preferred: Mapping[str, str], accept: str) -> tuple[int, ExampleResponse]:
        """Return a status and the response for it; Refusal for a preference that the contract does not have.

        `preferred` may have `code`, a status, and `example`, the name of an example.
        """
        code = preferred.get("code", str(self._first))
        status = int(code) if code.isdecimal() and len(code) == 3 else 0
        found = [each for each in self._declared if status in each.statuses]
        if not found:
            known = ", ".join(dict.fromkeys(each.key for each in self._declared))
            raise Refusal(400, f"Prefer: this operation declares the statuses {known}.")
        examples = [example for each in found for example in each.examples]
        if not examples:
            detail = f"The mock has no value for a {status} of {self._operation_id}; write an example."
            raise Refusal(501, detail, [MARK])
        acceptable = [each for each in examples if each.media_type == accept] or examples
        return status, _named(acceptable, preferred.get("example"))

    @property
    def has_not_found(self) -> bool:
        """Return whether the contract declares a 404 of which there is an example."""
        return any(404 in each.statuses and each.examples for each in self._declared)

    def not_found(self) -> tuple[int, ExampleResponse]:
        """Return the declared response to a request for what was deleted; Refusal if there is none."""
        if self.has_not_found:
            return self.choose({"code": "404"}, "")
        raise Refusal(404, "This was deleted.")


def _named(examples: Sequence[ExampleResponse], name: str | None) -> ExampleResponse:
    if name is None:
        return examples[0]
    found = next((each for each in examples if name and each.name == name), None)
    if found is None:
        known = ", ".join(dict.fromkeys(each.name for each in examples if each.name)) or "none"
        raise Refusal(400, f"Prefer: the examples of this response are: {known}"[:900] + ".")
    return found
