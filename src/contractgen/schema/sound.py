"""Check a document once: it becomes a sound document, or its findings.

A sound document has the structure of OpenAPI, and each schema that an operation, a webhook or a component
schema leads to is a supported one of JSON Schema. It is in its normal form, without harmless violations,
without keywords for text in files and without defaults that their own schemas reject. Nothing changes it
afterwards.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from contractgen.document.findings import ContractError, Finding
from contractgen.document.grammar import Kind, kind_at, parts
from contractgen.document.load import Document, bounded
from contractgen.document.structure import Defaults, check_version, schema_violations, violations
from contractgen.schema.compositions import endless_compositions
from contractgen.schema.files import text_keywords
from contractgen.schema.normal import normal_form
from contractgen.schema.schemas import ignored_constructs, refused_constructs
from contractgen_runtime.pointers import MISSING, child, find_at, pointer_of, tokens

# No code is generated for these; components are checked where something refers to them.
_UNREAD: tuple[Kind, ...] = ("components", "example", "link")


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound document, and a warning for each part of the written one that has no effect."""

    document: Document
    warnings: tuple[Finding, ...]


def check(document: Document) -> Sound:
    """Return the sound document; raise ContractError with every finding if it is not sound."""
    check_version(document)
    with bounded(document):
        return _checked(document)


def _checked(document: Document) -> Sound:
    found = violations(document)
    harmless = [each for each in found if each.is_harmless]
    findings = [each.finding for each in found if not each.is_harmless]
    warnings = [each.finding for each in harmless]
    normal = normal_form(document, harmless)
    reached: dict[str, None] = {}
    # Code that reads compositions would not end.
    endless = endless_compositions(document)
    for pointer in () if endless else _outermost_schemas(normal):
        invalid = schema_violations(normal, pointer)
        for each in invalid:
            if each.is_harmless:
                each.undo(normal.at(pointer))
                warnings.append(each.finding)
            else:
                findings.append(each.finding)
        if all(each.is_harmless for each in invalid):
            findings += refused_constructs(normal, pointer, reached)
    if findings or endless:
        raise ContractError(sorted({*findings, *endless}))
    warnings += _without_effect(normal, reached)
    return Sound(normal, tuple(warnings))


def _outermost_schemas(document: Document) -> Iterator[str]:
    """Yield the schemas that planning can reach, without those that are part of another one."""
    last = "#"
    for pointer in sorted(_schemas(document), key=tokens):
        is_part = pointer.startswith(f"{last}/") and kind_at(document.value, pointer) == "schema"
        if not is_part:
            yield pointer
            last = pointer


def _schemas(document: Document) -> Iterator[str]:
    """Yield the schemas under components, of each object that an operation or webhook leads to, and of
    each reference in such a schema."""
    waiting: list[tuple[str, Kind]] = [("", "document"), ("/components/schemas", "{schema}")]
    seen: set[tuple[str, Kind]] = set()
    while waiting:
        pointer, kind = here = waiting.pop()
        if here not in seen and kind not in _UNREAD:
            seen.add(here)
            node = find_at(document.value, pointer, MISSING)
            if kind == "schema" and node is not MISSING:
                yield pointer
            waiting += [(child(pointer, name), below) for name, below in parts(kind, node)]
            if isinstance(node, dict) and isinstance(node.get("$ref"), str):
                waiting.append((pointer_of(node["$ref"]), kind))


def _without_effect(document: Document, schemas: Iterable[str]) -> Iterator[Finding]:
    """Yield what has no effect in each schema; remove the keywords for text in files, and the defaults that
    their schemas reject."""
    for pointer in text_keywords(document):
        holder, _, keyword = pointer.rpartition("/")
        del document.at(holder)[keyword]
        message = f"{keyword!r} of a file has no effect: a file is bytes, not text"
        yield document.finding(pointer, message)
    defaults = Defaults(document)
    for pointer in sorted(schemas, reverse=True):  # the parts of a default may have defaults of their own
        yield from ignored_constructs(document, pointer)
        for finding in defaults.findings(pointer):
            del document.at(pointer)["default"]
            yield finding
