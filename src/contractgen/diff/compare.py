"""Compare two contracts by what a client would notice.

What a client sends may only be widened, what it reads only narrowed. Three conventions go beyond that: a
member or header that is gone is breaking both ways, a new member of an answer is compatible, and so is a
new 4xx or 5xx. Of components that no operation reaches it is only said that they changed.
"""

from typing import Any

from contractgen.diff import contract_view as view
from contractgen.diff.changes import LEVELS, Change, Effect, Level, Report, Way
from contractgen.diff.reach import unreached
from contractgen.diff.schema_diff import Schemas
from contractgen.diff.schema_view import Viewer, spelled
from contractgen.diff.security_diff import compare_security
from contractgen.document.findings import ContractError
from contractgen.document.load import Document, bounded
from contractgen.document.structure import check_version, structural_findings
from contractgen.runtime.pointers import child

_NOTES = ("summary", "description", "externalDocs", "example")
_BODY_BYTES = "x-max-body-bytes"
_SCALARS = frozenset({"string", "number", "integer", "boolean"})


def diff(old: Document, new: Document) -> list[Change]:
    """Every change, breaking first, then in document order; raises ContractError for others."""
    for document in (old, new):
        check_version(document)
    report = Report(old, new)
    try:
        with bounded(new):
            _Contracts(report).compare()
    except (LookupError, TypeError, AttributeError, ValueError):
        # Nothing is checked before it is compared: many documents in use have faults that do not matter here.
        if findings := structural_findings(old) + structural_findings(new):
            raise ContractError(sorted(set(findings))) from None
        raise
    return sorted(report.changes, key=lambda c: (LEVELS.index(c.level), c.file, c.line, c.column, c.message))


class _Contracts:
    def __init__(self, report: Report) -> None:
        self.report = report
        self.old, self.new = report.old, report.new
        self.schemas = Schemas(report, (Viewer(report.old), Viewer(report.new)))

    def compare(self) -> None:
        for name in ("info", "tags", "externalDocs"):
            before, after = self.old.value.get(name), self.new.value.get(name)
            if name == "tags":
                before, after = view.spelled_sorted(before), view.spelled_sorted(after)
            if spelled(before) != spelled(after):
                self._put("patch", f"{name} changed", child("", name), child("", name))
        self._servers("", "")
        self._paths("/paths", "/paths", Way.REQUEST)
        self._paths("/webhooks", "/webhooks", Way.RESPONSE)
        self._unreached()

    def _unreached(self) -> None:
        """Components that no operation reaches change nothing for clients but what they read."""
        before, after = unreached(self.old), unreached(self.new)
        known = self.old.value.get("components") or {}, self.new.value.get("components") or {}
        for (section, name), node in before.items():
            place = child("/components", section, name)
            if name not in (known[1].get(section) or {}):
                self.report.add("patch", f"{name}, which no operation reaches, is gone", old=place)
            elif (section, name) in after and spelled(node) != spelled(after[section, name]):
                self.report.add("patch", f"{name}, which no operation reaches, changed", new=place)
        for section, name in after:
            if name not in (known[0].get(section) or {}):
                place = child("/components", section, name)
                self.report.add("patch", f"{name}, which no operation reaches, is new", new=place)

    def _put(self, level: Any, message: str, old: str, new: str) -> None:
        """Where it stands in the new document, or in the old one when it is only there."""
        try:
            self.new.at(new)
        except (LookupError, TypeError):
            self.report.add(level, message, old=old)
        else:
            self.report.add(level, message, new=new)

    def _servers(self, old: str, new: str) -> None:
        before, after = (
            {
                (s["url"].rstrip("/") or "/") + view.variables(s): child(place, "servers", index)
                for index, s in enumerate(document.at(place).get("servers") or [])
            }
            for document, place in ((self.old, old), (self.new, new))
        )
        if not old:  # a document without servers means the place that it came from
            before, after = before or {"/": ""}, after or {"/": ""}
        for url in before.keys() - after.keys():
            self.report.add("breaking", f"the server {url} is gone", old=before[url])
        for url in after.keys() - before.keys():
            self.report.add("compatible", f"the server {url} is new", new=after[url])
        for url in before.keys() & after.keys():
            self._notes(before[url], after[url])

    # Operations ---------------------------------------------------------------------------------------

    def _paths(self, old: str, new: str, way: Way) -> None:
        before, after = view.operations(self.old, old), view.operations(self.new, new)
        for key in before.keys() - after.keys():
            self.report.add("breaking", f"the operation {view.title(key)} is gone", old=before[key][0])
        for key in after.keys() - before.keys():
            self.report.add("compatible", f"the operation {view.title(key)} is new", new=after[key][0])
        for key in before.keys() & after.keys():
            self._operation(before[key], after[key], way)

    def _operation(self, old: tuple[str, str, str], new: tuple[str, str, str], way: Way) -> None:
        before, after = self.old.at(old[0]), self.new.at(new[0])
        names = before.get("operationId"), after.get("operationId")
        place = child(old[0], "operationId"), child(new[0], "operationId")
        if names[0] != names[1]:
            text = (
                f"the operationId was {names[0] or 'none'}, is {names[1] or 'none'}: generated names change"
            )
            self._put("breaking" if names[0] else "compatible", text, *place)
        self._deprecated(old[0], new[0])
        self._notes(old[0], new[0])
        if view.spelled_sorted(before.get("tags")) != view.spelled_sorted(after.get("tags")):
            self._put("patch", "tags changed", child(old[0], "tags"), child(new[0], "tags"))
        compare_security(self.report, old[0], new[0])
        for level in (1, 0):
            if "servers" in self.old.at(old[level]) or "servers" in self.new.at(new[level]):
                self._servers(old[level], new[level])
        self._parameters(old, new, way)
        self._body(old[0], new[0], way)
        self._responses(old[0], new[0], way.other)
        for name, pair in self._pairs(
            child(old[0], "callbacks"), child(new[0], "callbacks"), "callback"
        ).items():
            del name
            self._paths(*pair, way.other)

    def _deprecated(self, old: str, new: str) -> None:
        states = [d.at(p).get("deprecated") is True for d, p in ((self.old, old), (self.new, new))]
        if states[0] != states[1]:
            text = "is deprecated now" if states[1] else "is no longer deprecated"
            place = child(old, "deprecated"), child(new, "deprecated")
            self._put("compatible" if states[1] else "patch", text, *place)

    def _notes(self, old: str, new: str) -> None:
        before, after = self.old.at(old), self.new.at(new)
        extensions = {name for name in {**before, **after} if name.startswith("x-")} - {_BODY_BYTES}
        for name in [*_NOTES, *sorted(extensions)]:
            if spelled(before.get(name)) != spelled(after.get(name)):
                self._put("patch", f"{name} changed", child(old, name), child(new, name))
        if view.examples(self.old, old) != view.examples(self.new, new):
            self._put("patch", "examples changed", child(old, "examples"), child(new, "examples"))

    def _pairs(
        self,
        old: str,
        new: str,
        kind: str,
        removed: Any = "breaking",
        added: Any = "compatible",
    ) -> dict[str, tuple[str, str]]:
        """The members of two mappings that are in both; tells what is gone and what is new."""
        before, after = view.members(self.old, old, kind), view.members(self.new, new, kind)
        for name in before.keys() - after.keys():
            self.report.add(removed, f"the {kind} {name} is gone", old=before[name])
        for name in after.keys() - before.keys():
            self.report.add(added, f"the {kind} {name} is new", new=after[name])
        found = [name for name in before if name in after]
        return {n: (self.old.resolve(before[n])[1], self.new.resolve(after[n])[1]) for n in found}

    # Parameters and bodies ----------------------------------------------------------------------------

    def _parameters(self, old: tuple[str, str, str], new: tuple[str, str, str], way: Way) -> None:
        before, after = view.parameters(self.old, *old), view.parameters(self.new, *new)
        gone = {name: place for name, place in before.items() if name not in after}
        added = {name: place for name, place in after.items() if name not in before}
        for (where, name), place in gone.items():
            moved = next((key for key in added if key[1].lower() == name.lower()), None)
            if moved is None:
                self.report.add("breaking", f"the {where} parameter {name} is gone", old=place)
            else:
                text = f"the parameter {name} was in {where}, is in {moved[0]}"
                self.report.add("breaking", text, new=added.pop(moved))
        for (where, name), place in added.items():
            required = self.new.at(place).get("required") is True
            level = way.level(Effect.NARROWED) if required else "compatible"
            text = f"the {where} parameter {name} is new{' and required' if required else ''}"
            self.report.add(level, text, new=place)
        for key in before.keys() & after.keys():
            self._field(before[key], after[key], way, f"the {key[0]} parameter {key[1]}")

    def _field(self, old: str, new: str, way: Way, title: str) -> None:
        """A parameter or a header that is in both."""
        before, after = self.old.at(old), self.new.at(new)
        self._required(old, new, way, title)
        self._deprecated(old, new)
        self._notes(old, new)
        schemas = [(child(p, "schema"),) if "schema" in n else () for p, n in ((old, before), (new, after))]
        simple = all(
            self.schemas.views[side].view(place).types <= _SCALARS for side, place in enumerate(schemas)
        )
        for name, values in view.serialisation(before, after).items():
            if values[0] != values[1] and not (simple and name == "explode"):
                text = f"{title}: {name} was {values[0]}, is {values[1]}"
                loosened = name.startswith("allow") and values[1]
                level = way.level(Effect.WIDENED) if loosened else "breaking"
                self._put(level, text, child(old, name), child(new, name))
        if ("content" in before) != ("content" in after):
            self._put(
                "breaking", f"{title} is written in another way", child(old, "content"), child(new, "content")
            )
        else:
            self._content(old, new, way)
            self.schemas.compare(schemas[0], schemas[1], way)

    def _required(self, old: str, new: str, way: Way, title: str) -> None:
        states = [d.at(p).get("required") is True for d, p in ((self.old, old), (self.new, new))]
        if states[0] != states[1]:
            effect = Effect.NARROWED if states[1] else Effect.WIDENED
            text = f"{title} is {'required now' if states[1] else 'no longer required'}"
            self._put(way.level(effect), text, child(old, "required"), child(new, "required"))

    def _body(self, old: str, new: str, way: Way) -> None:
        places = child(old, "requestBody"), child(new, "requestBody")
        there = ["requestBody" in d.at(p) for d, p in ((self.old, old), (self.new, new))]
        if there == [True, False]:
            self.report.add("breaking", "the request body is gone", old=places[0])
        if there == [False, True]:
            node, place = self.new.resolve(places[1])
            required = node.get("required") is True
            level = way.level(Effect.NARROWED) if required else "compatible"
            self.report.add(
                level, f"a{' required' if required else 'n optional'} request body is new", new=place
            )
        if there == [True, True]:
            before, after = self.old.resolve(places[0])[1], self.new.resolve(places[1])[1]
            self._required(before, after, way, "the request body")
            self._notes(before, after)
            self._content(before, after, way)
            self._body_bytes(before, after, way)

    def _body_bytes(self, old: str, new: str, way: Way) -> None:
        sizes = [d.at(p).get(_BODY_BYTES) for d, p in ((self.old, old), (self.new, new))]
        if sizes[0] != sizes[1]:
            smaller = sizes[0] is None or (sizes[1] is not None and sizes[1] < sizes[0])
            text = f"the body's bytes: at most {sizes[0] or 'the default'}, now {sizes[1] or 'the default'}"
            level = way.level(Effect.NARROWED if smaller else Effect.WIDENED)
            self._put(level, text, child(old, _BODY_BYTES), child(new, _BODY_BYTES))

    def _content(self, old: str, new: str, way: Way) -> None:
        for before, after in self._pairs(child(old, "content"), child(new, "content"), "media type").values():
            self._notes(before, after)
            encodings = (
                spelled(self.old.at(before).get("encoding")),
                spelled(self.new.at(after).get("encoding")),
            )
            if encodings[0] != encodings[1]:
                text = "the encoding changed, which cannot be compared"
                self._put("breaking", text, child(before, "encoding"), child(after, "encoding"))
            pair = (
                (child(p, "schema"),) if "schema" in d.at(p) else ()
                for d, p in ((self.old, before), (self.new, after))
            )
            self.schemas.compare(next(pair), next(pair), way)

    # Responses ----------------------------------------------------------------------------------------

    def _responses(self, old: str, new: str, way: Way) -> None:
        before, after = (
            {
                str(status).upper(): child(p, "responses", status)
                for status in d.at(p).get("responses", {})
                if not status.startswith("x-")
            }
            for d, p in ((self.old, old), (self.new, new))
        )
        for status in sorted({*before, *after}):
            first, second = view.covering(before, status), view.covering(after, status)
            error = status[0] in "45D"
            if second is None:
                gone_error = error and way is Way.RESPONSE
                level: Level = "compatible" if gone_error else "breaking"
                self._put(level, f"the response {status} is gone", before[status], "/-")
            elif first is None:
                level = "compatible" if error or way is Way.REQUEST else "breaking"
                self.report.add(level, f"the response {status} is new", new=after[status])
            elif status in before or status in after:
                self._response(first, second, way)

    def _response(self, old: str, new: str, way: Way) -> None:
        old, new = self.old.resolve(old)[1], self.new.resolve(new)[1]
        self._notes(old, new)
        self._content(old, new, way)
        added: Any = "compatible"
        for name, pair in self._pairs(
            child(old, "headers"), child(new, "headers"), "header", "breaking", added
        ).items():
            self._field(*pair, way, f"the header {name}")
        for before, after in self._pairs(child(old, "links"), child(new, "links"), "link").values():
            self._notes(before, after)
            values = [
                spelled({k: v for k, v in d.at(p).items() if k not in _NOTES})
                for d, p in ((self.old, before), (self.new, after))
            ]
            if values[0] != values[1]:
                self.report.add("breaking", "the link leads elsewhere", new=after)
