"""Named types of the components that are scalars or enums: each stands once in a package, by its own name."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from contractgen.models.argument_types import ALIASES, python_type
from contractgen.plan.names import Names, constant_name, is_usable, prose
from contractgen.schema.walk import Schema

# What types of arguments are called among the models.
_IN_MODELS = {"dt.date": "date", "dt.datetime": "AwareDatetime"}
_OF_ARGUMENTS = re.compile(r"dt\.\w+")
_BOUNDS = {
    "minLength": "min_length",
    "maxLength": "max_length",
    "pattern": "pattern",
    "minimum": "ge",
    "exclusiveMinimum": "gt",
    "maximum": "le",
    "exclusiveMaximum": "lt",
}
_IMPORT = re.compile(rf"^from {ALIASES} import .*\n", re.MULTILINE)
# What the generator allows where it does not know a class.
_ARBITRARY = re.compile(r"^ +arbitrary_types_allowed=True,\n", re.MULTILINE)
_EMPTY = re.compile(r"^ +model_config = ConfigDict\(\n +\)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Alias:
    """A name for the type whose source is `annotation`; `argument` is that of an argument, without bounds.

    `constants` are the values that `x-enum-varnames` names: name, value and description, in the class
    `value_class`.
    """

    name: str
    annotation: str
    argument: str
    description: str
    value_class: str = ""
    constants: tuple[tuple[str, object, str], ...] = ()


def aliases_of(
    scalars: Mapping[str, tuple[str, Schema]], value_classes: Mapping[str, str]
) -> dict[str, Alias]:
    """The aliases of components by pointer: one that only refers to another comes after it."""
    ordered = sorted(scalars.items(), key=lambda each: "$ref" in each[1][1])
    return {
        pointer: _with_constants(_alias(name, kind, scalars), kind, value_classes.get(pointer, ""))
        for pointer, (name, kind) in ordered
    }


def _with_constants(alias: Alias, kind: Schema, value_class: str) -> Alias:
    if not value_class:
        return alias
    names = Names("schema")
    constants = tuple(
        (names.take(name if is_usable(name) else constant_name(name)), value, prose(text))
        for name, value, text in kind["x-enum-varnames"]
    )
    return replace(alias, value_class=value_class, constants=constants)


def _alias(name: str, kind: Schema, scalars: Mapping[str, tuple[str, Schema]]) -> Alias:
    other, _ = scalars.get(kind.get("$ref", ""), ("", {}))
    plain = python_type({each: kind[each] for each in kind if each != "$ref"}, {})
    annotation = plain if "enum" in kind else _OF_ARGUMENTS.sub(lambda match: _IN_MODELS[match[0]], plain)
    bounds = [f"{_BOUNDS[keyword]}={kind[keyword]!r}" for keyword in _BOUNDS if keyword in kind]
    if bounds:
        annotation = f"Annotated[{annotation}, Field({', '.join(bounds)})]"
    return Alias(name, other or annotation, plain, "" if other else prose(kind["description"]))


def with_aliases(source: str, aliases: Iterable[Alias]) -> str:
    """The models' source with the aliases before its first class."""
    source = _EMPTY.sub("", _ARBITRARY.sub("", _IMPORT.sub("", source)))
    head, first, classes = source.partition("\nclass ")
    return "\n".join([head, *map(_written, aliases)]) + first + classes


def _written(alias: Alias) -> str:
    description = f'"""{alias.description}"""\n' if alias.description else ""
    return f"{alias.name}: TypeAlias = {alias.annotation}\n{description}{_value_class(alias)}"


def _value_class(alias: Alias) -> str:
    """The source of the class that has the values of an enum by their names."""
    if not alias.constants:
        return ""
    lines = [f"\n\nclass {alias.value_class}:", f'    """The values of `{alias.name}` by name."""', ""]
    for name, value, description in alias.constants:
        lines.append(f"    {name}: Final = {value!r}")
        lines += [f'    """{description}"""'] if description else []
    return "\n".join([*lines, "", ""])
