"""Compare the credentials that two contracts accept."""

from typing import Any, TypeAlias

from contractgen.diff.changes import Level, Report
from contractgen.document.load import Document
from contractgen.schema.inclusion.sources import spelled
from contractgen_runtime.pointers import child

# A security requirement: its schemes, all of which are needed, each with its roles or scopes.
Requirement: TypeAlias = dict[str, frozenset[str]]


def compare_security(report: Report, old: str, new: str) -> None:
    """Report credentials that are no longer enough for an operation, and those that are enough now."""
    before, old_place = _requirements(report.old, old)
    after, new_place = _requirements(report.new, new)
    names = _renamed(report, before, after)
    before = [{names.get(name, name): roles for name, roles in each.items()} for each in before]
    place = f"urn:new#{new_place}" if new_place is not None else f"urn:old#{old_place or old}"
    for each in before:
        if not any(_is_met(other, each) for other in after):
            needed = " or ".join(_title(other) for other in after)
            message = f"{_title(each)} no longer enough: {needed} needed"
            report.add_at("breaking", message.replace("no credentials no", "no credentials are no"), place)
    for each in after:
        if not any(_is_met(other, each) for other in before):
            report.add_at("compatible", f"{_title(each)} is enough now", place)
    for name in {name for each in before for name in each} & {name for each in after for name in each}:
        _scheme(report, next((o for o, n in names.items() if n == name), name), name)


def _requirements(document: Document, operation: str) -> tuple[list[Requirement], str | None]:
    """The security requirements of an operation, one of which must be met, and where they are written."""
    node = document.at(operation)
    own = "security" in node
    demanded = node["security"] if own else document.value.get("security", [])
    place = child(operation, "security") if own else "/security" if "security" in document.value else None
    return [{n: frozenset(roles) for n, roles in each.items()} for each in demanded] or [{}], place


def _is_met(requirement: Requirement, credentials: Requirement) -> bool:
    return all(name in credentials and roles <= credentials[name] for name, roles in requirement.items())


def _title(requirement: Requirement) -> str:
    named = (f"{n} [{', '.join(sorted(r))}]" if r else n for n, r in sorted(requirement.items()))
    return " with ".join(named) or "no credentials"


def _definition(document: Document, name: str) -> dict[str, Any]:
    schemes = document.value.get("components", {}).get("securitySchemes", {})
    if name not in schemes:
        return {}
    node: dict[str, Any] = document.resolve(child("/components/securitySchemes", name))[0]
    return node


def _meaning(node: dict[str, Any]) -> str:
    """Return a scheme's demands on clients as text, without descriptions; flows are compared apart."""
    kept = {k: v for k, v in node.items() if k not in ("description", "bearerFormat") and k[:2] != "x-"}
    if "scheme" in kept:
        kept["scheme"] = str(kept["scheme"]).lower()
    if kept.get("in") == "header":
        kept["name"] = str(kept.get("name")).lower()
    kept.pop("flows", None)
    return spelled(kept)


def _flows(node: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: flow for name, flow in (node.get("flows") or {}).items() if name[:2] != "x-"}


def _of_flow(flow: dict[str, Any]) -> str:
    """Return a flow's demands on clients as text, without its scopes."""
    return spelled({name: value for name, value in flow.items() if name != "scopes" and name[:2] != "x-"})


def _renamed(report: Report, before: list[Requirement], after: list[Requirement]) -> dict[str, str]:
    """Return the schemes that have another name and the same meaning: no client sends a scheme's name."""
    old, new = ({name for each in side for name in each} for side in (before, after))
    found: dict[str, str] = {}
    for name in sorted(old - new):
        for other in sorted(new - old - set(found.values())):
            first, second = _definition(report.old, name), _definition(report.new, other)
            if first and second and _meaning(first) == _meaning(second) and _flows(first) == _flows(second):
                found[name] = other
                break
    return found


def _scheme(report: Report, old: str, new: str) -> None:
    first, second = _definition(report.old, old), _definition(report.new, new)
    place = child("/components/securitySchemes", new)
    if not first or not second:
        return
    if _meaning(first) != _meaning(second):
        report.add("breaking", f"the security scheme {new} works in another way", new=place)
    before, after = _flows(first), _flows(second)
    for name in before.keys() | after.keys():
        _compare_flow(report, f"{name} flow of {new}", before.get(name), after.get(name), place)
    if any(first.get(k) != second.get(k) for k in ("description", "bearerFormat")):
        report.add("patch", f"the description of {new} changed", new=place)


def _compare_flow(
    report: Report, title: str, old: dict[str, Any] | None, new: dict[str, Any] | None, place: str
) -> None:
    if old is None or new is None:
        level: Level = "compatible" if old is None else "breaking"
        report.add(level, f"the {title} is {'new' if old is None else 'gone'}", new=place)
        return
    if _of_flow(old) != _of_flow(new):
        report.add("breaking", f"the {title} works in another way", new=place)
    scopes = old.get("scopes", {}).keys(), new.get("scopes", {}).keys()
    for gone in sorted(scopes[0] - scopes[1]):
        report.add("breaking", f"the scope {gone} of the {title} is gone", new=place)
    for added in sorted(scopes[1] - scopes[0]):
        report.add("compatible", f"the scope {added} of the {title} is new", new=place)
