"""The security of an operation: which schemes, with which roles, in which alternatives."""

from typing import Any

from contractgen.load import child
from contractgen.names import is_usable, snake_case
from contractgen.plan import Scheme, Security
from contractgen.plan.planning import Planning


def security_of(
    planning: Planning, pointer: str, node: dict[str, Any]
) -> tuple[Scheme | None, bool, Security]:
    """The scheme of an operation, whether it may be called without it, and the alternatives."""
    own = "security" in node
    place = child(pointer, "security") if own else "/security"
    requirements = node["security"] if own else planning.document.value.get("security", [])
    names = {name for requirement in requirements for name in requirement}
    if len(names) > 1:
        planning.refuse(place, "several security schemes for one operation are not supported")
    scheme = None
    for name in sorted(names):
        scheme = _scheme(planning, name, place)
    security = tuple(tuple((n, tuple(r)) for n, r in requirement.items()) for requirement in requirements)
    return scheme, {} in requirements or not requirements, security


def _scheme(planning: Planning, name: str, place: str) -> Scheme | None:
    schemes = planning.document.value.get("components", {}).get("securitySchemes", {})
    if name not in schemes:
        planning.refuse(
            place, f"the security scheme {name!r} is not declared", "see components/securitySchemes"
        )
        return None
    node, pointer = planning.document.resolve(child("/components/securitySchemes", name))
    if (node.get("type"), str(node.get("scheme")).lower()) != ("http", "bearer"):
        planning.refuse(pointer, "only security schemes of type http, scheme bearer are supported")
        return None
    if not is_usable(snake_case(name), "scheme"):
        planning.refuse(pointer, f"the security scheme's name {name!r} is no name for a method")
    return planning.schemes.setdefault(name, Scheme(name, snake_case(name), "Bearer"))
