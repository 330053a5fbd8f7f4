"""The tags of a document; an operation belongs to its first tag."""

from collections.abc import Iterable, Sequence

from contractgen.document.load import Document
from contractgen.document.operations import Place
from contractgen.plan.contract import Operation, Response, Tag
from contractgen.plan.names import Names, class_name, snake_case
from contractgen.plan.planning import Planning
from contractgen_runtime.pointers import child

_DEFAULT = "default"


class Tags:
    """The names of all tags, beginning with those that the document lists."""

    def __init__(self, planning: Planning, places: Sequence[Place]) -> None:
        document = planning.document
        listed = document.value.get("tags", [])
        self._descriptions = {tag["name"]: tag.get("description") or tag.get("summary", "") for tag in listed}
        pointers = {tag["name"]: child("/tags", index, "name") for index, tag in enumerate(listed)}
        for place in places:
            pointers.setdefault(first_tag(document, place.pointer), child(place.pointer, "tags"))
        modules, self.class_names = Names("tag"), Names("tag's class")
        self._names = {
            name: (
                planning.named(modules, pointer, name, snake_case(name)),
                planning.named(self.class_names, pointer, name, class_name(name)),
            )
            for name, pointer in pointers.items()
        }

    @property
    def modules(self) -> tuple[str, ...]:
        """The names of the tags' modules."""
        return tuple(module for module, _ in self._names.values())

    def of(self, operations: Sequence[Operation]) -> tuple[Tag, ...]:
        """Return the tags that have operations."""
        grouped: dict[str, list[Operation]] = {name: [] for name in self._names}
        for operation in operations:
            grouped[operation.tag].append(operation)
        declared = {
            response.class_name: (operation.tag, response)
            for operation in reversed(operations)  # the first operation that declares a response keeps it
            for response in operation.responses
            if not response.is_component
        }
        responses: dict[str, list[Response]] = {name: [] for name in self._names}
        for tag, response in declared.values():
            responses[tag].append(response)
        return tuple(
            Tag(
                name,
                *self._names[name],
                self._descriptions.get(name, ""),
                tuple(group),
                in_order(responses[name]),
            )
            for name, group in grouped.items()
            if group
        )


def in_order(responses: Iterable[Response]) -> tuple[Response, ...]:
    """Return responses by status, then by name."""
    return tuple(sorted(responses, key=lambda response: (response.key, response.class_name)))


def first_tag(document: Document, operation: str) -> str:
    """Return the tag of the operation at a pointer."""
    tags: list[str] = document.at(operation).get("tags") or [_DEFAULT]
    return tags[0]
