"""The Python types of parameters: what the models' input says, written as an annotation."""

from collections.abc import Callable, Mapping
from typing import Any

from contractgen.schema.model_parts import NULL, admits_null, without_null
from contractgen.schema.types import named_types
from contractgen.schema.walk import Schema

_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_FORMATS = {"date": "dt.date", "date-time": "dt.datetime", "uuid": "UUID"}
_ANYTHING = "JsonValue"
# As datamodel-code-generator takes the name of what it does not make itself: a module, and a name in it.
ALIASES = "_aliases"


def with_classes(kind: Schema, wanted: str, add: Callable[[str, Schema], str]) -> Schema:
    """A type in which every object with members is a reference, to the class that `add` gives a name."""
    if "properties" in kind or "allOf" in kind:
        reference = {"$ref": add(wanted, without_null(kind))}
        return {"anyOf": [reference, NULL]} if admits_null(kind) else reference
    copy = dict(kind)
    if "items" in copy:
        copy["items"] = with_classes(copy["items"], f"{wanted}Item", add)
    if isinstance(copy.get("additionalProperties"), dict):
        copy["additionalProperties"] = with_classes(copy["additionalProperties"], f"{wanted}Value", add)
    if "anyOf" in copy:
        copy["anyOf"] = [with_classes(each, wanted, add) for each in copy["anyOf"]]
    return copy


def alias_reference(name: str) -> Schema:
    """The type that an alias of the models names."""
    return {"customTypePath": f"{ALIASES}.{name}"}


def referred(kind: Schema) -> str:
    """The alias that a type refers to; empty for any other type."""
    module, _, name = str(kind.get("customTypePath", "")).rpartition(".")
    return name if module == ALIASES else ""


def python_type(kind: Schema, classes: Mapping[str, str]) -> str:
    """`list[int] | None` and the like; `classes` has the class of each schema that is referred to."""
    if name := referred(kind):
        return f"models.{name}"
    if "$ref" in kind:
        return f"models.{classes[kind['$ref'].rpartition('/')[2]]}"
    if "anyOf" in kind:
        return _either([python_type(each, classes) for each in kind["anyOf"]])
    if "enum" in kind:
        values = [repr(value) for value in kind["enum"] if value is not None]
        return _either([f"Literal[{', '.join(values)}]", *(["None"] if None in kind["enum"] else [])])
    return _either([_of(each, kind, classes) for each in named_types(kind)])


def _of(name: str, kind: Schema, classes: Mapping[str, str]) -> str:
    if name == "array":
        return f"list[{python_type(kind.get('items', {}), classes)}]"
    if name == "object":
        more: Any = kind.get("additionalProperties")
        return f"dict[str, {python_type(more, classes) if isinstance(more, dict) else _ANYTHING}]"
    return _FORMATS.get(kind.get("format", ""), "str") if name == "string" else _SCALARS[name]


def _either(types: list[str]) -> str:
    return " | ".join(dict.fromkeys(types)) if types and _ANYTHING not in types else _ANYTHING
