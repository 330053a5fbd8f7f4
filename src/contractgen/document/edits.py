"""Edit the text of a document: comments, layout and all other bytes are unchanged."""

import copy
import json
import re
from collections.abc import Iterable
from typing import Any, TypeAlias

import yaml

from contractgen.document.findings import Edit, OutError
from contractgen.document.reading import File, value_of
from contractgen.document.yaml_reading import compose, is_text
from contractgen_runtime.pointers import tokens, value_at

# Start and end in the text, and the replacement.
_Splice: TypeAlias = tuple[int, int, str]
_Entry: TypeAlias = tuple[yaml.Node, yaml.Node]
# Half of a surrogate pair; a text of equal length replaces it, so that every position is kept.
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
# The first character of an anchor, an alias and a tag.
_ELSEWHERE = ("&", "*", "!")
_PLAIN = re.compile(r"\w[\w-]*")
_BOM = "\ufeff"


def edited(file: File, edits: Iterable[Edit]) -> tuple[bytes, int]:
    """Return the edited text of a file, and the number of edits; edits without a position in it are skipped.

    Raise OutError if the value of the edited text is not that of the edits.
    """
    text, value = file.source.decode("utf-8"), copy.deepcopy(file.value)
    bom, text = (_BOM, text.removeprefix(_BOM)) if text.startswith(_BOM) else ("", text)
    waiting, count = list(edits), 0
    while waiting:
        text, done, waiting = _round(text, waiting)
        count += len(done)
        for edit in done:
            _apply(edit, value)
    if value_of(text) != value:
        raise OutError(f"{file.path}: this text cannot be edited without changing more; do it by hand")
    return (bom + text).encode(), count


def _apply(edit: Edit, value: Any) -> None:
    holder_pointer, _, _ = edit.path.rpartition("/")
    holder, name = value_at(value, holder_pointer), tokens(edit.path)[-1]
    if edit.op == "remove":
        del holder[int(name) if isinstance(holder, list) else name]
    else:
        holder[int(name) if isinstance(holder, list) else name] = copy.deepcopy(edit.value)


def _round(text: str, edits: list[Edit]) -> tuple[str, list[Edit], list[Edit]]:
    """Return the text after one pass of edits that do not overlap, the edits done, and those that remain."""
    located = _Text(text)
    splices: list[tuple[_Splice, int, Edit]] = []
    holders: set[str] = set()
    waiting = []
    for index, edit in enumerate(edits):
        holder = edit.path.rpartition("/")[0]
        if holder in holders:
            waiting.append((index, edit))
        elif splice := located.splice(edit):
            holders.add(holder)
            splices.append((splice, index, edit))
    done, pieces, begin, last = [], [], 0, -1
    for (start, end, instead), index, edit in sorted(splices, key=lambda each: each[:2]):
        if start <= last:
            waiting.append((index, edit))
            continue
        pieces += [text[begin:start], instead]
        begin = last = end
        done.append(edit)
    return (
        "".join([*pieces, text[begin:]]),
        done,
        [edit for _, edit in sorted(waiting, key=lambda each: each[0])],
    )


class _Text:
    """A text with the position of each value."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.newline = "\r\n" if "\r\n" in text else "\n"
        plain = text
        if text.lstrip().startswith("{"):  # JSON: YAML accepts neither its tabs nor its surrogate pairs
            plain = _SURROGATE.sub(r"\\u0041", text.replace("\t", " "))
        self.root = compose(plain)

    def splice(self, edit: Edit) -> _Splice | None:
        """Return the change of the text for an edit; None if it has no position of its own."""
        *path, name = tokens(edit.path)
        holder: yaml.Node | None = self.root
        for step in path:
            holder = self._own(_entries(holder).get(step))
        entries = _entries(holder)
        if not isinstance(holder, yaml.CollectionNode) or (name in entries) is (edit.op == "add"):
            return None
        if edit.op == "add":
            return self._added(holder, list(entries.values()), name, edit.value)
        if edit.op == "remove":
            return self._removed(holder, list(entries.values()), list(entries).index(name))
        value = self._own(entries[name])
        if not isinstance(value, yaml.ScalarNode):
            return None
        return (
            value.start_mark.index,
            value.end_mark.index,
            self._written(edit.value, _quote(self.text, value)),
        )

    def _own(self, entry: _Entry | None) -> yaml.Node | None:
        """Return the value of an entry, None if it is an alias, anchored or tagged."""
        if (
            entry is None
            or self.text[entry[1].start_mark.index : entry[1].start_mark.index + 1] in _ELSEWHERE
        ):
            return None
        return entry[1]

    # Adding -------------------------------------------------------------------------------------------

    def _added(
        self, holder: yaml.CollectionNode, entries: list[_Entry], name: str, value: Any
    ) -> _Splice | None:
        """Return the change that adds an entry in alphabetical order."""
        if not isinstance(holder, yaml.MappingNode):
            return None
        if not entries:
            begin = holder.start_mark.index + 1
            return begin, begin, f"{json.dumps(name)}: {json.dumps(value)}"
        before = [index for index, (key, _) in enumerate(entries) if key.value < name]
        neighbor = entries[before[-1] if before else 0]
        begin = neighbor[0].start_mark.index
        end = self._end(neighbor)
        column = neighbor[0].start_mark.column
        if holder.flow_style:
            entry = self._named(name, neighbor, json.dumps(value, ensure_ascii=False))
            alone = self._is_first(neighbor[0])
            between = f",{self.newline}{self._margin(begin)}" if alone else ", "
            return (end, end, between + entry) if before else (begin, begin, entry + between)
        entry = self._block(name, neighbor, value, column)
        if not before:
            return begin, begin, entry + self.newline + " " * column
        end = self._line_end(end)
        return end, end, self.newline + " " * column + entry

    def _block(self, name: str, neighbor: _Entry, value: Any, column: int) -> str:
        """Return an entry of a block mapping, an object in block style if the neighboring value is one."""
        below = neighbor[1]
        if not isinstance(value, dict) or not isinstance(below, yaml.MappingNode) or below.flow_style:
            return self._named(name, neighbor, json.dumps(value, ensure_ascii=False))
        margin = self.newline + " " * max(below.start_mark.column, column + 1)
        lines = (f"{margin}{each}: {json.dumps(text, ensure_ascii=False)}" for each, text in value.items())
        return self._named(name, neighbor, "").rstrip() + "".join(lines)

    def _named(self, name: str, neighbor: _Entry, value: str) -> str:
        """Return an entry, its name quoted like that of its neighbor."""
        quote = _quote(self.text, neighbor[0])
        if not quote and not is_text(name) and is_text(neighbor[0].value):
            quote = "'"
        return f"{self._written(name, quote, is_name=True)}: {value}"

    def _written(self, value: Any, quote: str, *, is_name: bool = False) -> str:
        plain = isinstance(value, str) and _PLAIN.fullmatch(value) and (is_name or is_text(value))
        return f"{quote}{value}{quote}" if plain else json.dumps(value, ensure_ascii=False)

    # Removing -----------------------------------------------------------------------------------------

    def _removed(self, holder: yaml.CollectionNode, entries: list[_Entry], index: int) -> _Splice | None:
        begin, end = entries[index][0].start_mark.index, self._end(entries[index])
        following = entries[index + 1][0].start_mark.index if index + 1 < len(entries) else None
        if holder.flow_style:
            if following is not None:
                return begin, following, ""
            return (self._end(entries[index - 1]) if index else begin), end, ""
        if len(entries) == 1:
            return begin, end, "{}"
        line = self.text.rfind("\n", 0, begin) + 1
        before = self.text[line:begin]
        if before.strip() == ("-" if isinstance(holder, yaml.SequenceNode) else ""):
            return line, min(self._line_end(end) + len(self.newline), len(self.text)), ""
        return (begin, following, "") if following is not None else None

    # Positions ----------------------------------------------------------------------------------------

    def _end(self, entry: _Entry) -> int:
        """Return the end of an entry without the comments and empty lines below it."""
        key, node = entry
        while isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
            key, node = node.value[-1] if isinstance(node, yaml.MappingNode) else (node, node.value[-1])
        end = node.end_mark.index
        while end > key.end_mark.index and self.text[end - 1].isspace():
            end -= 1
        return end

    def _line_end(self, index: int) -> int:
        end = self.text.find(self.newline, index)
        return len(self.text) if end < 0 else end

    def _is_first(self, node: yaml.Node) -> bool:
        """Return whether a node is the first on its line."""
        return not self._before(node.start_mark.index).strip()

    def _margin(self, index: int) -> str:
        before = self._before(index)
        return before[: len(before) - len(before.lstrip())]

    def _before(self, index: int) -> str:
        return self.text[self.text.rfind("\n", 0, index) + 1 : index]


def _entries(node: yaml.Node | None) -> dict[str, _Entry]:
    """Return the entries of a collection by name or index: the first node of each, and its value."""
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): (key, value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return {str(index): (value, value) for index, value in enumerate(node.value)}
    return {}


def _quote(text: str, node: yaml.Node) -> str:
    first = text[node.start_mark.index : node.start_mark.index + 1]
    return first if first in ("'", '"') else ""
