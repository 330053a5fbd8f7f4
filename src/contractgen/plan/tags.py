"""The tags of a document: each groups operations, by the first that an operation has."""

from collections.abc import Sequence

from contractgen.document.load import Document
from contractgen.document.operations import Place
from contractgen.plan import Operation, Tag
from contractgen.plan.names import Names, class_name, snake_case
from contractgen.plan.planning import Planning
from contractgen.runtime.pointers import child

_DEFAULT = "default"


class Tags:
    """The names of all tags, those first that the document lists."""

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

    def of(self, operations: Sequence[Operation]) -> tuple[Tag, ...]:
        """The tags that have operations."""
        grouped = {name: tuple(each for each in operations if each.tag == name) for name in self._names}
        return tuple(
            Tag(name, *self._names[name], self._descriptions.get(name, ""), group)
            for name, group in grouped.items()
            if group
        )


def first_tag(document: Document, operation: str) -> str:
    """The tag of the operation at a pointer."""
    tags: list[str] = document.at(operation).get("tags") or [_DEFAULT]
    return tags[0]
