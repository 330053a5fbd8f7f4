"""Unions with classes that each list values of their own for a property, which then decides between them.

Pydantic validates a value by every class of a union. Where unions contain one another, the time multiplies
with each level. A property that decides leaves one class to each value.
What else is in the union stays beside these classes.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Tag:
    """A required field of a class: its name in JSON, and the only values that it can have."""

    alias: str
    values: tuple[str | int, ...]


def with_tagged_unions(source: str) -> str:
    """Return the source of models with a `TaggedUnion` at each union that a property decides."""
    tree = ast.parse(source)
    tags = _Tags(tree)
    lines = source.encode().splitlines(keepends=True)  # as the parser counts lines and columns
    for union in sorted(_unions(tree), key=lambda each: (each.lineno, each.col_offset), reverse=True):
        parts = list(_parts(union))
        classes, told = tags.deciding(parts)
        if classes:
            tagged = f"Annotated[{' | '.join(classes)}, {told}]"
            text = " | ".join([tagged, *(each for each in parts if each not in classes)])
            line = lines[union.lineno - 1]
            lines[union.lineno - 1] = line[: union.col_offset] + text.encode() + line[union.end_col_offset :]
    return b"".join(lines).decode()


def _unions(tree: ast.Module) -> Iterator[ast.BinOp]:
    """Yield the outermost unions in the annotations of fields and in the bases of classes."""
    waiting: list[ast.AST] = []
    for each in tree.body:
        if isinstance(each, ast.ClassDef):
            fields = (field for field in each.body if isinstance(field, ast.AnnAssign))
            waiting += [*each.bases, *(field.annotation for field in fields)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            yield node
        elif not isinstance(node, ast.Call):
            waiting += ast.iter_child_nodes(node)


def _parts(union: ast.expr) -> Iterator[str]:
    if isinstance(union, ast.BinOp) and isinstance(union.op, ast.BitOr):
        yield from _parts(union.left)
        yield from _parts(union.right)
    else:
        yield ast.unparse(union)


class _Tags:
    """The fields of the classes of a module that can decide a union."""

    def __init__(self, tree: ast.Module) -> None:
        self._classes = {each.name: each for each in tree.body if isinstance(each, ast.ClassDef)}
        self._aliases = {
            each.target.id: each.value
            for each in tree.body
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name) and each.value
        }
        self._known: dict[str, dict[str, _Tag]] = {}

    def deciding(self, parts: list[str]) -> tuple[list[str], str]:
        """Return the most classes that have other values for one field, and the source of a `TaggedUnion`."""
        found = {each: self._of(each) for each in parts}
        classes, told = list[str](), ""
        for name, tag in ((name, tag) for fields in found.values() for name, tag in fields.items()):
            own = {
                each: fields[name].values for each, fields in found.items() if _has(fields, name, tag.alias)
            }
            values = [value for each in own.values() for value in each]
            if len(own) > max(len(classes), 1) and len(values) == len(set(values)):
                renamed = f", name={name!r}" if name != tag.alias else ""
                classes, told = list(own), f"TaggedUnion({tag.alias!r}, {tuple(own.values())!r}{renamed})"
        return classes, told

    def _of(self, name: str) -> dict[str, _Tag]:
        """Return the fields of a class, and of those that it inherits from."""
        if name not in self._known:
            self._known[name] = {}
            node = self._classes.get(name)
            for base in node.bases if node else ():
                self._known[name] |= self._of(ast.unparse(base))
            for field in node.body if node else ():
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                    self._known[name].pop(field.target.id, None)
                    if field.value is None and (tag := self._tag(field.target.id, field.annotation)):
                        self._known[name][field.target.id] = tag
        return self._known[name]

    def _tag(self, name: str, annotation: ast.expr) -> _Tag | None:
        alias = name
        if _is_of(annotation, "Annotated"):
            annotation, *metadata = _arguments(annotation)
            named = [keyword for each in metadata for keyword in getattr(each, "keywords", ())]
            alias = next((ast.literal_eval(each.value) for each in named if each.arg == "alias"), name)
        if isinstance(annotation, ast.Name):
            annotation = self._aliases.get(annotation.id, annotation)
        if not _is_of(annotation, "Literal"):
            return None
        values = [ast.literal_eval(each) for each in _arguments(annotation)]
        return _Tag(alias, tuple(values)) if all(isinstance(each, str | int) for each in values) else None


def _has(fields: dict[str, _Tag], name: str, alias: str) -> bool:
    return name in fields and fields[name].alias == alias


def _is_of(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == name


def _arguments(node: ast.expr) -> list[ast.expr]:
    inner = node.slice if isinstance(node, ast.Subscript) else node
    return inner.elts if isinstance(inner, ast.Tuple) else [inner]
