"""Compare responses: statuses, content, headers and links."""

from contractgen.diff.annotations import compare_notes
from contractgen.diff.bodies import Bodies
from contractgen.diff.changes import Level, Way
from contractgen.diff.nodes import Pair, Side
from contractgen.diff.parameters import Parameters
from contractgen.schema.inclusion.sources import spelled

_NOTES = ("summary", "description", "externalDocs", "example")


class Responses:
    """Compares responses of two documents."""

    def __init__(self, bodies: Bodies, parameters: Parameters) -> None:
        self.bodies = bodies
        self.parameters = parameters

    def compare(self, operation: Pair, way: Way) -> None:
        """Report how the responses of an operation changed."""
        before, after = (_responses(side) for side in (operation.old, operation.new))
        for status in sorted({*before, *after}):
            first, second = _covering(before, status), _covering(after, status)
            is_error = status[0] in "45D"
            if second is None and first is not None:
                is_narrowed = status[1:] == "XX" and any(each[0] == status[0] for each in after)
                level: Level = (
                    "compatible" if way is Way.RESPONSE and (is_error or is_narrowed) else "breaking"
                )
                operation.gone(f"the response {status} is gone", first, level)
            elif first is None and second is not None:
                level = "compatible" if is_error or way is Way.REQUEST else "breaking"
                operation.added(f"the response {status} is new", second, level)
            elif first is not None and second is not None:
                self._compare_response(operation.of(first, second), way)

    def _compare_response(self, pair: Pair, way: Way) -> None:
        compare_notes(pair)
        self.bodies.compare_content(pair, way)
        before, after = _headers(pair.old), _headers(pair.new)
        for name in before.keys() - after.keys():
            pair.gone(f"the header {name} is gone", before[name])
        for name in after.keys() - before.keys():
            pair.added(f"the header {name} is new", after[name])
        for name in before.keys() & after.keys():
            self.parameters.compare_one(pair.of(before[name], after[name]), way, f"the header {name}")
        _compare_links(pair)


def _compare_links(pair: Pair) -> None:
    """Report other links; they describe, and are in no response."""
    before, after = pair.old.fields("links"), pair.new.fields("links")
    for name in before.keys() - after.keys():
        pair.gone(f"the link {name} is gone", before[name], on_wire=False)
    for name in after.keys() - before.keys():
        pair.added(f"the link {name} is new", after[name], on_wire=False)
    for name in before.keys() & after.keys():
        twins = pair.of(before[name], after[name])
        compare_notes(twins)
        leads = [
            {k: v for k, v in each.items() if k not in _NOTES and k[:2] != "x-"} for each in twins.values
        ]
        if spelled(leads[0]) != spelled(leads[1]):
            pair.added(f"the link {name} leads elsewhere", after[name], "breaking", on_wire=False)


def _responses(operation: Side) -> dict[str, Side]:
    return {status.upper(): side for status, side in operation.fields("responses").items()}


def _covering(responses: dict[str, Side], status: str) -> Side | None:
    """The response to a status: its own, that of its range, or the default."""
    for name in (status, f"{status[0]}XX", "DEFAULT"):
        if name in responses:
            return responses[name]
    return None


def _headers(response: Side) -> dict[str, Side]:
    """The headers of a response by lower-case name; its media type is no header here (OpenAPI)."""
    named = {str(name).lower(): name for name in response.value.get("headers") or {}}
    return {name: response.field("headers", named[name]) for name in named if name != "content-type"}
