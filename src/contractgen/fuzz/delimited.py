"""Lists and objects in one text: what separates their values, and what may be within one."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import product
from urllib.parse import unquote_plus, urlsplit

from contractgen.document.load import Document
from contractgen.document.operations import declared_parameters
from contractgen.fuzz.events import Failure
from contractgen.fuzz.operations import Operation
from contractgen.fuzz.routing import path_texts
from contractgen.fuzz.texts import readings
from contractgen_runtime.pointers import child
from contractgen_runtime.schemas import Schemas
from contractgen_runtime.values import Coercion, Texts

# The only invalid part of a request is a parameter of its path.
_IN_PATH = re.compile(
    r"Invalid component: parameter `(?P<name>[^`]+)` in path\b"
    r"(?!(?s:.)*\bin (?:query|header|cookie|body)\b)"
)
_SEPARATORS = {"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
# Each further part doubles the ways to join them.
_MOST_PARTS = 13


def has_separator_within(
    document: Document, schemas: Schemas, failure: Failure, operation: Operation
) -> bool:
    """Return whether a parameter is valid if some of its separators belong to its values, and only then.

    `a,b,c` is sent for the items `a,b` and `c`, and for three items.
    """
    for pointer, text in _sent(document, failure, operation):
        node = document.at(pointer)
        separator = _SEPARATORS.get(node.get("style", "form"))
        read = Coercion(schemas, child(pointer, "schema"))
        if separator is None or "string" in read.kinds or not {"array", "object"} & read.kinds:
            continue
        ways = _ways(text.split(separator), separator)
        valid = [_is_valid(read, parts, explode=node.get("explode", False)) for parts in ways]
        if any(valid) and not valid[0]:
            return True
    return False


def has_valid_path(document: Document, schemas: Schemas, failure: Failure, operation: Operation) -> bool:
    """Return whether the invalid parameter of a path has the text of a valid value: 5 is that of [5]."""
    invalid = _IN_PATH.search(failure.message)
    name = invalid["name"] if invalid else ""
    pointer = declared_parameters(document, operation.pointer).get(("path", name))
    text = path_texts(operation.path, failure.url).get(name)
    if pointer is None or text is None or "schema" not in document.at(pointer):
        return False
    node, read = document.at(pointer), Coercion(schemas, child(pointer, "schema"))
    if "string" in read.kinds or not {"array", "object"} & read.kinds:
        # schemathesis itself knows what the text of one type can be.
        is_union = len(read.kinds) > 1 and node.get("style", "simple") == "simple"
        return is_union and any(map(schemas.validator(read.pointer).is_valid, readings([text])))
    explode = node.get("explode", False)
    ways = _parts_of_path(text, name, node.get("style", "simple"), explode=explode)
    return any(_is_valid(read, parts, explode=explode) for parts in ways)


def _parts_of_path(text: str, name: str, style: str, *, explode: bool) -> Iterator[list[str]]:
    """Yield the parts of a text; versions of OpenAPI differ in what separates those of a label."""
    match style:
        case "label":
            yield from (text.removeprefix(".").split(each) for each in (".", ","))
        case "matrix" if explode:
            yield [each.removeprefix(f"{name}=") for each in text.removeprefix(";").split(";")]
        case "matrix":
            yield text.removeprefix(f";{name}=").split(",")
        case _:
            yield text.split(",")


def is_repeated(document: Document, failure: Failure, operation: Operation) -> bool:
    """Return whether a parameter of the query that is one text by its style was sent several times."""
    sent = Counter(each.partition("=")[0] for each in urlsplit(failure.url).query.split("&"))
    several = {unquote_plus(name) for name, count in sent.items() if count > 1}
    for (location, name), pointer in declared_parameters(document, operation.pointer).items():
        node = document.at(pointer)
        style = node.get("style", "form")
        is_one = style in _SEPARATORS and not node.get("explode", style == "form")
        if location == "query" and name in several and (is_one or "content" in node):
            return True
    return False


def _sent(document: Document, failure: Failure, operation: Operation) -> Iterator[tuple[str, str]]:
    """Yield the pointer and the text of each parameter that is one text."""
    query = [each.partition("=") for each in urlsplit(failure.url).query.split("&")]
    texts = {("query", unquote_plus(name)): unquote_plus(text) for name, _, text in query}
    texts |= {("header", name): text for name, text in failure.headers}
    for (location, name), pointer in declared_parameters(document, operation.pointer).items():
        node = document.at(pointer)
        text = texts.get((location, name.lower() if location == "header" else name))
        is_one = location == "header" or not node.get("explode", node.get("style", "form") == "form")
        if text and is_one and "schema" in node:
            yield pointer, text


def _ways(parts: list[str], separator: str) -> Iterator[list[str]]:
    """Yield the parts as they are, then with some of them joined again."""
    if len(parts) > _MOST_PARTS:
        return
    for joins in product((False, True), repeat=len(parts) - 1):
        found = parts[:1]
        for part, is_joined in zip(parts[1:], joins, strict=True):
            found = [*found[:-1], f"{found[-1]}{separator}{part}"] if is_joined else [*found, part]
        yield found


def _is_valid(read: Coercion, parts: list[str], *, explode: bool) -> bool:
    """Return whether the schema admits the parts as a list, or as the names and values of an object."""
    texts: list[Texts] = [[*parts]]
    if explode and all("=" in each for each in parts):
        texts.append(dict(_pair(each) for each in parts))
    elif not explode and len(parts) % 2 == 0:
        texts.append(dict(zip(parts[::2], parts[1::2], strict=True)))
    validator = read.schemas.validator(read.pointer)
    try:
        return any(validator.is_valid(read.read(each)) for each in texts)
    except ValueError:  # more readings than are tried
        return False


def _pair(part: str) -> tuple[str, str]:
    name, _, text = part.partition("=")
    return name, text
