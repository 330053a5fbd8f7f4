"""Compare whom two contracts let in."""

from typing import Any

from contractgen.diff.changes import Report
from contractgen.document.load import Document
from contractgen.runtime.pointers import child
from contractgen.schema.inclusion.sources import spelled

# One way in: the schemes that it needs, each with its roles or scopes. Without schemes, everyone is let in.
Alternative = dict[str, frozenset[str]]


def compare_security(report: Report, old: str, new: str) -> None:
    """Tells which credentials are no longer enough for an operation, and which suffice now."""
    before, old_place = _alternatives(report.old, old)
    after, new_place = _alternatives(report.new, new)
    names = _renamed(report, before, after)
    before = [{names.get(name, name): roles for name, roles in each.items()} for each in before]
    place = f"urn:new#{new_place}" if new_place is not None else f"urn:old#{old_place or old}"
    for each in before:
        if not any(_lets_in(other, each) for other in after):
            needed = " or ".join(_title(other) for other in after)
            message = f"{_title(each)} no longer enough: {needed} needed"
            report.add_at("breaking", message.replace("no credentials no", "no credentials are no"), place)
    for each in after:
        if not any(_lets_in(each, other) and _lets_in(other, each) for other in before) and not any(
            _lets_in(other, each) for other in before
        ):
            report.add_at("compatible", f"{_title(each)} is enough now", place)
    for name in {name for each in before for name in each} & {name for each in after for name in each}:
        _scheme(report, next((o for o, n in names.items() if n == name), name), name)


def _alternatives(document: Document, operation: str) -> tuple[list[Alternative], str | None]:
    """What an operation demands, and where it stands."""
    node = document.at(operation)
    own = "security" in node
    demanded = node["security"] if own else document.value.get("security", [])
    place = child(operation, "security") if own else "/security" if "security" in document.value else None
    return [{n: frozenset(roles) for n, roles in each.items()} for each in demanded] or [{}], place


def _lets_in(gate: Alternative, credentials: Alternative) -> bool:
    return all(name in credentials and roles <= credentials[name] for name, roles in gate.items())


def _title(alternative: Alternative) -> str:
    named = (f"{n} [{', '.join(sorted(r))}]" if r else n for n, r in sorted(alternative.items()))
    return " with ".join(named) or "no credentials"


def _definition(document: Document, name: str) -> dict[str, Any]:
    schemes = document.value.get("components", {}).get("securitySchemes", {})
    if name not in schemes:
        return {}
    node: dict[str, Any] = document.resolve(child("/components/securitySchemes", name))[0]
    return node


def _meaning(node: dict[str, Any]) -> str:
    """What a client must do, without what is only told to readers; the scopes are compared by themselves."""
    kept = {k: v for k, v in node.items() if k not in ("description", "bearerFormat") and k[:2] != "x-"}
    if "scheme" in kept:
        kept["scheme"] = str(kept["scheme"]).lower()
    if kept.get("in") == "header":
        kept["name"] = str(kept.get("name")).lower()
    if "flows" in kept:
        flows = kept["flows"].items()
        kept["flows"] = {n: {k: v for k, v in f.items() if k != "scopes"} for n, f in flows if n[:2] != "x-"}
    return spelled(kept)


def _renamed(report: Report, before: list[Alternative], after: list[Alternative]) -> dict[str, str]:
    """Schemes that got another name and mean the same: no client sends a scheme's name."""
    old, new = ({name for each in side for name in each} for side in (before, after))
    found: dict[str, str] = {}
    for name in sorted(old - new):
        for other in sorted(new - old - set(found.values())):
            first, second = _definition(report.old, name), _definition(report.new, other)
            if first and second and _meaning(first) == _meaning(second):
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
    for name, flow in second.get("flows", {}).items():
        scopes = first.get("flows", {}).get(name, {}).get("scopes", {}).keys(), flow.get("scopes", {}).keys()
        for gone in sorted(scopes[0] - scopes[1]):
            report.add("breaking", f"the scope {gone} of {new} is gone", new=place)
        for added in sorted(scopes[1] - scopes[0]):
            report.add("compatible", f"the scope {added} of {new} is new", new=place)
    if any(first.get(k) != second.get(k) for k in ("description", "bearerFormat")):
        report.add("patch", f"the description of {new} changed", new=place)
