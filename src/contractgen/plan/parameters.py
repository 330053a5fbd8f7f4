"""The parameters of an operation: location, Python name, and how each is read."""

from typing import Any

from contractgen.document.operations import declared_parameters, item_of
from contractgen.plan.contract import Parameter
from contractgen.plan.converters import TextConverter, UuidReader, converter_of
from contractgen.plan.headers import is_token
from contractgen.plan.names import Names, class_name, usual_name
from contractgen.plan.planning import Planning
from contractgen_runtime.pointers import child
from contractgen_runtime.styles import Style
from contractgen_runtime.values import Coercion

_STYLES = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form", "cookie"),
}
# Headers that OpenAPI leaves to content and security.
#: The extension of a required header: the status of a request without it.
MISSING_STATUS = "x-missing-status"
_IGNORED_HEADERS = ("accept", "authorization", "content-type")


def parameters_of(planning: Planning, operation: str, handler: str) -> tuple[Parameter, ...]:
    """Return the parameters of the operation at a pointer, with those of its path item."""
    for owner in (item_of(operation), operation):
        _refuse_twins(planning, owner)
    names = Names("parameter")
    places = declared_parameters(planning.document, operation).values()
    planned = [(place, _parameter(planning, place, names, handler)) for place in places]
    found = {place: each for place, each in planned if each is not None}
    _warn_of_shared_names(planning, found)
    return tuple(found.values())


def _warn_of_shared_names(planning: Planning, parameters: dict[str, Parameter]) -> None:
    """Warn of an object whose properties are query parameters of a name that another parameter has."""
    in_query = {place: each for place, each in parameters.items() if each.location == "query"}
    owner = {each.name: each.name for each in in_query.values()}
    for place, each in in_query.items():
        if not _is_spread(planning, each):
            continue
        for name in sorted(Coercion(planning.schemas, each.schema).members[0]):
            if owner.setdefault(name, each.name) != each.name:
                message = f"its property {name!r} has the name of "
                message += "a query parameter" if owner[name] == name else f"a property of {owner[name]!r}"
                planning.warn(place, message, "the style deepObject sends it as name[property]")


def _is_spread(planning: Planning, parameter: Parameter) -> bool:
    """Return whether each property of an object is a query parameter of its own."""
    style = parameter.style
    is_exploded = parameter.converter is None and style is not None and style.explode and style.name == "form"
    return is_exploded and "object" in Coercion(planning.schemas, parameter.schema).kinds


def _refuse_twins(planning: Planning, owner: str) -> None:
    count = len(planning.document.at(owner).get("parameters", []))
    nodes = [planning.document.resolve(child(owner, "parameters", index))[0] for index in range(count)]
    if len({(node["in"], node["name"]) for node in nodes}) < count:
        planning.refuse(child(owner, "parameters"), "the parameter is declared twice")


def _parameter(planning: Planning, pointer: str, names: Names, handler: str) -> Parameter | None:
    node = planning.document.at(pointer)
    location, name = node["in"], node["name"]
    if location == "header" and name.lower() in _IGNORED_HEADERS:
        return None
    if location == "path" and not node.get("required"):
        planning.refuse(pointer, "a path parameter needs required: true")
    if location == "header" and not is_token(name):
        planning.refuse(child(pointer, "name"), f"{name!r} is not a valid name of a header")
    argument = planning.named(names, child(pointer, "name"), name, usual_name(name, "parameter"))
    media_type = next(iter(node.get("content", {})), None)
    schema = (
        child(pointer, "schema") if media_type is None else child(pointer, "content", media_type, "schema")
    )
    if not _has_schema(planning, pointer, node, media_type):
        return None
    schema = planning.document.resolve(schema)[1]
    if location == "querystring" and not _is_readable_query(media_type or ""):
        hint = "application/x-www-form-urlencoded or JSON"
        planning.refuse(pointer, f"a query string of {media_type} is not supported", hint)
    planned = _Planned(planning, node, schema)
    style = None if media_type else _style(planning, node, pointer, planned)
    converter = None if media_type or node.get("allowEmptyValue") else planned.converter(style)
    if converter is None:
        planning.type(schema, class_name(f"{handler}_{argument}"))
    return Parameter(
        location,
        name,
        argument,
        converter,
        required=node.get("required", False),
        has_default=planned.has_default,
        default=planned.default,
        nullable=converter is None and planned.is_nullable,
        schema=schema,
        style=style,
        media_type=media_type,
        allow_empty=location == "query" and node.get("allowEmptyValue") is True,
        component=planning.component_parameter(pointer),
        missing_status=_missing_status(planning, node, pointer),
    )


def _missing_status(planning: Planning, node: dict[str, Any], pointer: str) -> int:
    """Return the status that rejects a request without the parameter: 422, or that of the extension."""
    status = node.get(MISSING_STATUS, 422)
    if MISSING_STATUS in node and not (node["in"] == "header" and node.get("required")):
        planning.refuse(
            child(pointer, MISSING_STATUS), f"{MISSING_STATUS} needs a header with required: true"
        )
    if type(status) is int and 400 <= status < 500:
        return status
    planning.refuse(child(pointer, MISSING_STATUS), f"{status!r} is not a status from 400 to 499")
    return 422


def _has_schema(planning: Planning, pointer: str, node: dict[str, Any], media_type: str | None) -> bool:
    """Return whether a content has a schema, without which it cannot be read."""
    if "schema" in (node if media_type is None else node["content"][media_type]):
        return True
    planning.refuse(
        pointer, "a parameter without a schema is not supported", "the empty schema {} admits any value"
    )
    return False


def _is_readable_query(media_type: str) -> bool:
    return media_type == "application/x-www-form-urlencoded" or "json" in media_type


def _style(planning: Planning, node: dict[str, Any], pointer: str, planned: "_Planned") -> Style:
    """Return the style of a parameter; a single text is never written as `name[property]`."""
    location = node["in"]
    name = node.get("style", _STYLES[location][0])
    if name not in _STYLES[location]:
        known = ", ".join(_STYLES[location])
        planning.refuse(
            child(pointer, "style"), f"{name!r} is not a style of parameters in {location}", known
        )
    if name == "deepObject" and not planned.coercion.kinds & {"array", "object"}:
        name = "form"
    explode = node.get("explode", name in ("form", "cookie"))
    return Style(name, explode=explode, allow_reserved=node.get("allowReserved") is True)


class _Planned:
    """The schema of one parameter, as generated code reads it."""

    def __init__(self, planning: Planning, node: dict[str, Any], pointer: str) -> None:
        self.document = planning.document
        self.node = node
        self.pointer = pointer
        self.coercion = Coercion(planning.schemas, pointer)
        schema = self.document.at(pointer)
        self.has_default = isinstance(schema, dict) and "default" in schema and not node.get("required")
        self.default = schema["default"] if self.has_default else None

    def converter(self, style: Style | None) -> TextConverter | None:
        """Return what reads a parameter of one text; None for others."""
        if style is None or style.name not in ("simple", "form") or style.allow_reserved:
            return None
        found = converter_of(self.document, self.pointer)
        return None if self.has_default and isinstance(found, UuidReader) else found

    @property
    def is_nullable(self) -> bool:
        """Return whether null can be sent and differs from an absent parameter."""
        if self.node.get("required") or self.has_default:
            return False
        if self.node.get("allowEmptyValue"):
            return True
        if "content" in self.node:
            return self.coercion.schemas.validator(self.pointer).is_valid(None)
        return None in (self.coercion.read(""), self.coercion.read("null"))
