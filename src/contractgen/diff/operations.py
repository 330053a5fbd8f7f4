"""Compare operations: which there are, and what each takes and returns."""

from dataclasses import dataclass

from contractgen.diff.annotations import compare_deprecated, compare_notes
from contractgen.diff.bodies import Bodies
from contractgen.diff.changes import Way
from contractgen.diff.extensions import compare_extensions
from contractgen.diff.nodes import Pair, Side, spelled_sorted
from contractgen.diff.parameters import Parameters
from contractgen.diff.responses import Responses
from contractgen.diff.schemas import Schemas
from contractgen.diff.security import compare_security
from contractgen.diff.servers import compare_servers, urls
from contractgen.document.load import Document
from contractgen.document.operations import Place, operations_at
from contractgen_runtime.paths import PLACEHOLDER
from contractgen_runtime.pointers import child


@dataclass(frozen=True, slots=True, eq=False)
class _Operation:
    place: Place
    urls: dict[str, Side]

    def addresses(self) -> list[tuple[str, str]]:
        """The method with each URL."""
        return [(self.place.method, url) for url in self.urls]

    def keys(self) -> list[tuple[str, str]]:
        """The method with the path; names of path parameters are not sent."""
        return [(self.place.method, PLACEHOLDER.sub("{}", self.place.path))]

    @property
    def title(self) -> str:
        return f"{self.place.method} {self.place.path}"


class Operations:
    """Compares the operations, webhooks and callbacks of two documents."""

    def __init__(self, root: Pair) -> None:
        self.root = root
        schemas = Schemas(root.report, root.old.document, root.new.document)
        self.bodies = Bodies(schemas)
        self.parameters = Parameters(schemas, self.bodies)
        self.responses = Responses(self.bodies, self.parameters)

    def compare(self) -> None:
        """Report what changed in any operation of the documents."""
        self._paths(self.root.old, self.root.new, "paths", Way.REQUEST)
        self._paths(self.root.old, self.root.new, "webhooks", Way.RESPONSE)

    def _paths(self, old: Side, new: Side, field: str, way: Way) -> None:
        before, after = _operations(old, field), _operations(new, field)
        twins = _twins(before, after)
        for one, other in twins.items():
            self._operation(one, other, way)
        for each in before:
            if each not in twins:
                self.root.gone(f"the operation {each.title} is gone", Side(old.document, each.place.pointer))
        for each in set(after) - set(twins.values()):
            self.root.added(f"the operation {each.title} is new", Side(new.document, each.place.pointer))

    def _operation(self, one: _Operation, other: _Operation, way: Way) -> None:
        pair = self.root.of(
            Side(self.root.old.document, one.place.pointer), Side(self.root.new.document, other.place.pointer)
        )
        _compare_names(pair)
        compare_deprecated(pair)
        compare_notes(pair)
        compare_servers(pair, one.urls, other.urls)
        if way is Way.REQUEST:
            compare_security(pair.report, pair.old.pointer, pair.new.pointer)
        compare_extensions(pair)
        self.parameters.compare(pair, (one.place, other.place), way)
        self.bodies.compare_request(pair, way)
        self.responses.compare(pair, way.other)
        self._callbacks(pair, way.other)

    def _callbacks(self, pair: Pair, way: Way) -> None:
        before, after = pair.old.fields("callbacks"), pair.new.fields("callbacks")
        for name in before.keys() - after.keys():
            pair.gone(f"the callback {name} is gone", before[name])
        for name in after.keys() - before.keys():
            pair.added(f"the callback {name} is new", after[name])
        for name in before.keys() & after.keys():
            self._paths(before[name], after[name], "", way)


def _operations(side: Side, field: str) -> list[_Operation]:
    """The operations of a field that maps paths to path items, or of an object that is such a map."""
    document: Document = side.document
    parent = child(side.pointer, field) if field else side.pointer
    items = (side.value.get(field) or {}) if field else side.value
    places = [
        place
        for path in items
        if not path.startswith("x-")
        for place in operations_at(document, child(parent, path), path)
    ]
    return [_Operation(place, urls(document, place) if field == "paths" else {}) for place in places]


def _twins(before: list[_Operation], after: list[_Operation]) -> dict[_Operation, _Operation]:
    """Find each operation again: by one of its URLs, otherwise by its path, when its server has changed."""
    found: dict[_Operation, _Operation] = {}
    taken: set[_Operation] = set()
    for keys_of in (_Operation.addresses, _Operation.keys):
        left = {key: each for each in after if each not in taken for key in keys_of(each)}
        for each in before if left else ():
            twin = next((left[key] for key in keys_of(each) if key in left), None)
            if each not in found and twin is not None and twin not in taken:
                found[each] = twin
                taken.add(twin)
    return found


def _compare_names(pair: Pair) -> None:
    """Report another operationId, from which SDKs and generated code take their names, and other tags."""
    before, after = pair.get("operationId")
    if before != after:
        text = f"operationId {before or 'none'} -> {after or 'none'}: generated names change"
        pair.add("breaking" if before else "compatible", text, "operationId", on_wire=False)
    tags = [spelled_sorted(each) for each in pair.get("tags")]
    if tags[0] != tags[1]:
        pair.add("patch", "tags changed", "tags")
