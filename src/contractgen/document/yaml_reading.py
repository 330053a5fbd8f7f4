"""YAML 1.2 with the core schema, and the merge keys of YAML 1.1, read with a source position for each value.

libyaml reads YAML 1.1. Where a text means something else in YAML 1.2, or libyaml rejects what YAML 1.2
permits, single characters are replaced by others before it reads them, so that every position is kept.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias, TypeVar, cast

import yaml

from contractgen.document.values import Builder, Fault, Place

T = TypeVar("T")
# The characters that replace others, by their code, as for `str.translate`.
_StandIns: TypeAlias = dict[int, str]

# The core schema of YAML 1.2: `no`, `on` and `2026-11-23` are strings.
_SCALARS: list[tuple[str, re.Pattern[str], Any]] = [
    ("null", re.compile(r"~|null|Null|NULL|"), lambda _: None),
    ("bool", re.compile(r"true|True|TRUE|false|False|FALSE"), lambda text: text.lower() == "true"),
    ("int", re.compile(r"[-+]?[0-9]+"), int),
    ("int", re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+"), lambda text: int(text, 0)),
    ("float", re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
    ("float", re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"), lambda text: float(text.replace(".", ""))),
]
# A number of digits and an exponent alone.
_DIGITS = re.compile(r"[0-9]+[eE][0-9]+")
_TAG = "tag:yaml.org,2002:"
_COLLECTIONS = {None, "!", f"{_TAG}map", f"{_TAG}seq"}
_MERGE = f"{_TAG}merge"
_CONTROL = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Line ends in YAML 1.1, and characters like any other in YAML 1.2.
_FORMER_LINE_ENDS = "\x85\u2028\u2029"
_PRIVATE = range(0xE000, 0xF900)
# The end of a line that begins a block scalar.
_BLOCK_HEADER = re.compile(r"(?:^|[ \t])([|>])[-+0-9]*[ \t]*(?:[ \t]#.*)?$")
# A tab between the dash of a list's item and a scalar, or the end of the line.
_AFTER_DASH = re.compile(r"( *(?:- +)*-)([ \t]*\t[ \t]*)(?![-?:][ \t])(?!.*:(?:[ \t]|$))")


def read_yaml(text: str) -> Builder:
    """Return the one document of a text; raise YAMLError or Fault."""
    return _read_by_libyaml(text, _built)


def compose(text: str) -> yaml.Node | None:
    """Return the nodes of a text, with marks; raise YAMLError."""
    return _read_by_libyaml(text, lambda plain, _: yaml.compose(plain, Loader=yaml.CSafeLoader))


def is_text(text: str) -> bool:
    """Return whether a plain scalar of YAML is a string."""
    return not any(pattern.fullmatch(text) for _, pattern, _ in _SCALARS)


def control_character(text: str) -> Place:
    """Return the position of the first character that YAML rejects."""
    found = _CONTROL.search(text)
    offset = found.start() if found else 0
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _built(text: str, stands_for: _StandIns) -> Builder:
    builder, documents = Builder(), 0
    for event in cast(Iterable[yaml.Event], yaml.parse(text, Loader=yaml.CSafeLoader)):
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise Fault(_place(event), "", "a second document begins")
        if stands_for and isinstance(event, yaml.ScalarEvent):
            event.value = _meant(event, stands_for)
        _take_event(builder, event)
    return builder


def _meant(event: yaml.ScalarEvent, stands_for: _StandIns) -> str:
    """Return the scalar without stand-ins; one for a tab is right in a literal block scalar only."""
    meant: str = event.value.translate(stands_for)
    if event.style != "|" and meant.count("\t") > event.value.count("\t"):
        problem = "found a tab character in the indentation of a scalar"
        raise yaml.scanner.ScannerError(problem=problem, problem_mark=cast(yaml.error.Mark, event.start_mark))
    return meant


def _take_event(builder: Builder, event: yaml.Event) -> None:
    match event:
        case yaml.ScalarEvent() if builder.awaits_key:
            if event.tag == _MERGE or (event.value == "<<" and not event.style and event.tag is None):
                builder.merge_key(_place(event))
            else:
                builder.key(event.value, _place(event), event.anchor)
        case yaml.ScalarEvent():
            _take_scalar(builder, event)
        case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
            if event.tag not in _COLLECTIONS:
                raise _unknown_tag(builder, event)
            value: Any = [] if isinstance(event, yaml.SequenceStartEvent) else {}
            builder.start(value, _place(event), event.anchor)
        case yaml.CollectionEndEvent():
            builder.end()
        case yaml.AliasEvent():
            builder.alias(str(event.anchor), _place(event))


def _take_scalar(builder: Builder, event: yaml.ScalarEvent) -> None:
    if event.tag in ("!", f"{_TAG}str") or (event.tag is None and event.style):
        builder.scalar(event.value, _place(event), event.anchor)
        return
    if event.tag is None and _DIGITS.fullmatch(event.value) and not math.isfinite(float(event.value)):
        # A hash such as 600e27371700: YAML 1.1 reads no number without a point, and JSON has none so large.
        builder.scalar(event.value, _place(event), event.anchor)
        return
    for name, pattern, convert in _SCALARS:
        if event.tag in (None, _TAG + name) and pattern.fullmatch(event.value):
            builder.number(event.value, convert, _place(event), event.anchor)
            return
    if event.tag is not None:
        raise _unknown_tag(builder, event)
    builder.scalar(event.value, _place(event), event.anchor)


def _unknown_tag(builder: Builder, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> Fault:
    tag = str(event.tag).replace(_TAG, "!!")
    return Fault(_place(event), builder.pointer, f"the tag {tag} does not make a JSON value of this")


def _place(event: yaml.Event) -> Place:
    mark = cast(yaml.Mark, event.start_mark)  # events of a text have one
    return mark.line + 1, mark.column + 1


# Texts that libyaml reads differently ----------------------------------------------------------------------


def _read_by_libyaml(text: str, read: Callable[[str, _StandIns], T]) -> T:
    """Read a text by libyaml with the meaning of YAML 1.2."""
    stands_for: _StandIns = {}
    for each in () if text.isascii() else filter(text.__contains__, _FORMER_LINE_ENDS):
        text = text.replace(each, _stand_in(text, each, stands_for))
    try:
        return read(text, stands_for)
    except yaml.scanner.ScannerError as error:
        mark = error.problem_mark
        if mark is None or text[mark.index : mark.index + 1] != "\t":
            raise
    tab = _stand_in(text, "\t", stands_for)
    return read("".join(_lines_without_tabs(text, tab)), stands_for)


def _stand_in(text: str, meant: str, stands_for: _StandIns) -> str:
    """Return a character that does not stand in the text, and note what it stands for."""
    code = next(each for each in _PRIVATE if chr(each) not in text and each not in stands_for)
    stands_for[code] = meant
    return chr(code)


def _lines_without_tabs(text: str, tab: str) -> Iterator[str]:
    """Yield the lines with spaces for the tabs that YAML 1.2 permits and libyaml does not.

    These stand before comments, in empty lines, behind dashes, and where the text of a literal block scalar
    begins: there a space would change the text, and `tab` stands for the tab.
    """
    block, block_indent = "", 0
    for line in text.splitlines(keepends=True):
        said = line.lstrip(" \t")
        margin = line[: len(line) - len(said)]
        indent = len(margin) - len(margin.lstrip(" "))
        is_blank = not said.strip("\r\n")
        if block and indent > block_indent:
            yield margin.replace("\t", tab if block == "|" else "\t") + said
        elif is_blank or said.startswith("#"):
            yield margin.replace("\t", " ") + said
            block = block if is_blank else ""
        else:
            after_dash = _AFTER_DASH.match(line)
            yield after_dash[0].replace("\t", " ") + line[after_dash.end() :] if after_dash else line
            header = _BLOCK_HEADER.search(line.rstrip("\r\n"))
            block, block_indent = (header[1], indent) if header else ("", 0)
