"""The subschemas of a schema, and what a schema reaches through references."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from contractgen.document.load import Document
from contractgen.schema.vocabulary import LISTS, MAPS, SINGLES
from contractgen_runtime.pointers import child

Schema: TypeAlias = dict[str, Any]
# The steps from a schema to what stands below it: `("properties", "name")`.
Path: TypeAlias = tuple[str | int, ...]


def below(schema: Any) -> Iterator[Path]:
    """Yield the paths of a schema's subschemas, one step down."""
    for keyword, value in schema.items() if isinstance(schema, dict) else ():
        if keyword in MAPS and isinstance(value, dict):
            yield from ((keyword, name) for name in value)
        elif keyword in LISTS and isinstance(value, list):
            yield from ((keyword, index) for index in range(len(value)))
        elif keyword in SINGLES and isinstance(value, dict | bool):
            yield (keyword,)


def schema_at(schema: Any, path: Path) -> Any:
    """Return what stands at a path below a schema."""
    for step in path:
        schema = schema[step]
    return schema


def reached(
    document: Document, pointer: str, below: Callable[[Any], Iterable[Path]] = below
) -> Iterator[Any]:
    """Yield the schema at a pointer and all below it, references followed, each once."""
    seen: set[str] = set()
    waiting = [pointer]
    while waiting:
        schema, pointer = document.resolve(waiting.pop())
        if pointer not in seen:
            seen.add(pointer)
            yield schema
            waiting += [child(pointer, *path) for path in below(schema)]
