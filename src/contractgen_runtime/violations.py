"""Violations of a schema: JSON Pointers into the request, and details that quote nothing of it.

For a union only the violations of the closest subschema are reported; if no subschema is closer than the
others, the value itself is the violation.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

import jsonschema_rs
from pydantic import ValidationError
from pydantic_core import to_json

from .pointers import child
from .problems import MAX_VIOLATIONS, Violation, violation

Path: TypeAlias = tuple[str | int, ...]

# Context of pydantic's errors that comes from the contract; other context may quote the value.
_OF_CONTRACT = {"ge", "gt", "le", "lt", "multiple_of", "min_length", "max_length", "expected", "field_type"}
_UNREPRESENTABLE = "Value has no representation in the service"
_MOST_OPTIONS = 20
# The demand of each keyword, with its value in the contract; the invalid value itself is never quoted.
_DEMANDS = {
    "minimum": "Value should be at least {}",
    "maximum": "Value should be at most {}",
    "exclusiveMinimum": "Value should be greater than {}",
    "exclusiveMaximum": "Value should be less than {}",
    "multipleOf": "Value should be a multiple of {}",
    "minLength": "Value should have at least {} character{s}",
    "maxLength": "Value should have at most {} character{s}",
    "pattern": "Value should match the pattern of the contract",
    "format": "Value should have the format {}",
    "minItems": "Value should have at least {} item{s}",
    "maxItems": "Value should have at most {} item{s}",
    "uniqueItems": "Items should be unique",
    "unevaluatedItems": "Value has items that are not permitted",
    "minProperties": "Value should have at least {} propert{ies}",
    "maxProperties": "Value should have at most {} propert{ies}",
    "oneOf": "Value should match exactly one subschema of oneOf, and matches several",
    "falseSchema": "Value is not permitted",
    "not": "Value is not permitted",
}


@dataclass(frozen=True, slots=True)
class _Fault:
    """A violation, with the JSON types and the enum that its subschema admits."""

    path: Path
    detail: str
    types: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


def explained(
    errors: Iterable[jsonschema_rs.ValidationError], location: str, path: Sequence[str | int] = ()
) -> list[Violation]:
    """Return the violations of a value at a path of its location from the errors of a validator.

    One violation of a value is reported, that of its type first.
    """
    found: dict[Path, _Fault] = {}
    for fault in _faults(islice(errors, MAX_VIOLATIONS)):
        known = found.setdefault(fault.path, fault)
        if fault.types and not known.types:
            found[fault.path] = fault
    return [violation(location, child("", *path, *place), each.detail) for place, each in found.items()]


def of_model(
    error: ValidationError, value: object, location: str, path: Sequence[str | int] = ()
) -> list[Violation]:
    """Return the violations of a model by a value that its schema admits, such as the year 0."""
    found: dict[str, str] = {}
    for each in error.errors(include_input=False, include_url=False):
        place, is_whole = place_of(each["loc"], value)
        is_safe = is_whole and each.get("ctx", {}).keys() <= _OF_CONTRACT
        found.setdefault(child("", *path, *place), each["msg"] if is_safe else _UNREPRESENTABLE)
    return [violation(location, pointer, detail) for pointer, detail in found.items()]


def place_of(loc: Path, value: Any) -> tuple[Path, bool]:
    """Return the part of a location that leads into the sent value, and whether that is all of it.

    The locations of pydantic name subschemas of unions, which are no part of the value.
    """
    for index, step in enumerate(loc):
        if isinstance(value, dict) and step in value:
            value = value[str(step)]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return loc[:index], False
    return loc, True


def _faults(errors: Iterable[jsonschema_rs.ValidationError]) -> list[_Fault]:
    """Return the faults of errors, those of a union for one subschema; one Python frame for each union."""
    found: list[_Fault] = []
    kinds = jsonschema_rs.ValidationErrorKind
    for error in errors:
        match error.kind:
            case kinds.AnyOf(context=context) | kinds.OneOfNotValid(context=context):
                subschemas = []
                for each in context:
                    subschemas.append(_faults(each))  # noqa: PERF401 - a comprehension adds a Python frame
                found += _closest(tuple(error.instance_path), subschemas)
            case _:
                found += _faults_of(error, tuple(error.instance_path))
    return found


def _faults_of(error: jsonschema_rs.ValidationError, path: Path) -> list[_Fault]:  # noqa: PLR0911 - one return for each keyword
    kinds = jsonschema_rs.ValidationErrorKind
    match error.kind:
        case kinds.Required(property=name):
            return [_Fault((*path, name), "Property is required")]
        case kinds.AdditionalProperties(unexpected=names) | kinds.UnevaluatedProperties(unexpected=names):
            return [_Fault((*path, name), "Property is not permitted") for name in names]
        case kinds.FalseSchema() if error.schema_path[-1:] == ["additionalProperties"]:
            return [_Fault(path, "Value should have no properties")]
        case kinds.PropertyNames(error=inner):
            place = (*path, str(inner.instance))
            return [_Fault(place, f"Property name: {each.detail}") for each in _faults([inner])]
        case kinds.Type(types=types):
            return [_of_types(path, types)]
        case kinds.Enum(options=options):
            return [_of_options(path, [to_json(each).decode() for each in options])]
        case kinds.Constant(expected_value=option):
            return [_of_options(path, [to_json(option).decode()])]
    return [_Fault(path, _detail(error.kind))]


def _detail(kind: jsonschema_rs.ValidationErrorKind) -> str:
    """Return the demand of a keyword in words."""
    demand = _DEMANDS.get(kind.name)
    if demand is None:
        return f"Value violates {kind.name!r}"
    is_one = kind.value == 1
    return demand.format(kind.value, s="" if is_one else "s", ies="y" if is_one else "ies")


def _of_types(path: Path, types: Iterable[str]) -> _Fault:
    known = tuple(dict.fromkeys(types))
    return _Fault(path, f"Value should be of type {' or '.join(known)}", types=known)


def _of_options(path: Path, options: Iterable[str]) -> _Fault:
    known = tuple(dict.fromkeys(options))
    if len(known) > _MOST_OPTIONS:
        return _Fault(path, "Value should be one of the enum of the contract", options=known)
    one = "one of " if len(known) > 1 else ""
    return _Fault(path, f"Value should be {one}{', '.join(known)}", options=known)


# Unions ---------------------------------------------------------------------------------------------------


def _closest(path: Path, subschemas: list[list[_Fault]]) -> list[_Fault]:
    """Return the violations of the closest subschema, else one of the value itself."""
    ranks = [_rank(path, faults) for faults in subschemas]
    best = max(ranks)
    if not all(best[:2]):  # no subschema admits its type or its enum
        alike = [faults for rank, faults in zip(ranks, subschemas, strict=True) if rank[0] == best[0]]
        if in_common := _in_common(path, alike):
            return [in_common]
    closest = [faults for rank, faults in zip(ranks, subschemas, strict=True) if rank == best]
    if all({*faults} == {*closest[0]} for faults in closest):
        return closest[0]
    return [_Fault(path, "Value should match one of the subschemas of the contract")]


def _rank(path: Path, faults: list[_Fault]) -> tuple[bool, bool, int, int]:
    """Rank how close a value is to a subschema: by its type, by an enum or constant, by depth."""
    depth = len(path)
    is_of_type = not any(fault.types and len(fault.path) == depth for fault in faults)
    is_of_kind = not any(fault.options and len(fault.path) <= depth + 1 for fault in faults)
    return is_of_type, is_of_kind, min(len(fault.path) for fault in faults), -len({*faults})


def _in_common(path: Path, subschemas: list[list[_Fault]]) -> _Fault | None:
    """Return the types that the subschemas admit together, or their options for one property."""
    typed = [[fault for fault in faults if fault.types and fault.path == path] for faults in subschemas]
    if all(typed):
        return _of_types(path, (name for faults in typed for name in faults[0].types))
    for place in dict.fromkeys(fault.path for fault in subschemas[0] if fault.options):
        optional = [[f for f in faults if f.options and f.path == place] for faults in subschemas]
        if all(optional):
            return _of_options(place, (option for faults in optional for option in faults[0].options))
    return None
