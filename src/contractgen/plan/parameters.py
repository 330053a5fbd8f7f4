"""The parameters of an operation: where each stands, what it is called in Python, and how it is read."""

import re

from contractgen.load import child
from contractgen.names import python_name
from contractgen.plan import Parameter
from contractgen.plan.planning import Planning
from contractgen.schemas import converter

PLACEHOLDER = re.compile(r"\{([^{}/]+)\}")


def parameters_of(planning: Planning, path: str, pointer: str) -> tuple[Parameter, ...]:
    """The parameters of the operation at a pointer, those of its path included."""
    parent = pointer.rpartition("/")[0]
    found: dict[tuple[str, str], Parameter] = {}
    for owner in (parent, pointer):
        count = len(planning.document.at(owner).get("parameters", []))
        places = [child(owner, "parameters", index) for index in range(count)]
        parameters = [parameter for place in places if (parameter := _parameter(planning, place))]
        if len({(p.location, p.name) for p in parameters}) < len(parameters):
            planning.refuse(child(owner, "parameters"), "a parameter is there twice")
        found |= {(p.location, p.name): p for p in parameters}
    arguments = [parameter.argument for parameter in found.values()]
    if len(set(arguments)) < len(arguments):
        planning.refuse(pointer, "two parameters get the same name in Python")
    _check_placeholders(planning, path, parent, [name for location, name in found if location == "path"])
    return tuple(found.values())


def _check_placeholders(planning: Planning, path: str, parent: str, names: list[str]) -> None:
    placeholders = PLACEHOLDER.findall(path)
    whole = all(
        segment == f"{{{name}}}" for name in placeholders for segment in path.split("/") if name in segment
    )
    if sorted(placeholders) != sorted(names) or not whole:
        message = "the template's placeholders are not whole segments that are its path parameters"
        planning.refuse(parent, message)


def _parameter(planning: Planning, place: str) -> Parameter | None:
    node, pointer = planning.document.resolve(place)
    location, name = node["in"], node["name"]
    if location == "header" and name.lower() in ("accept", "authorization", "content-type"):
        return None  # which OpenAPI leaves to content and security
    if location == "path" and not node.get("required"):
        planning.refuse(pointer, "a path parameter must say required: true")
    for unsupported in {"style", "explode", "content", "allowReserved", "allowEmptyValue"} & node.keys():
        planning.refuse(child(pointer, unsupported), f"{unsupported!r} of a parameter is not supported")
    argument = python_name(name, "parameter")
    if not argument or not name.isprintable():
        planning.refuse(child(pointer, "name"), f"the parameter's name {name!r} is no name for an argument")
        return None
    schema = child(pointer, "schema")
    if not planning.check_schema(schema):
        return None
    converted = converter(planning.document, schema)
    if converted is None:
        planning.refuse(
            schema, "a parameter of this schema is not supported", "strings, numbers and booleans are"
        )
        return None
    default = planning.document.resolve(schema)[0].get("default")
    return Parameter(location, name, argument, *converted, node.get("required", False), default)
