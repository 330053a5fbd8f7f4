"""Compare what is said to readers: titles, descriptions, examples, defaults, deprecation, extensions."""

from collections.abc import Sequence

from contractgen.diff.changes import Level, Report, Way
from contractgen.diff.nodes import Pair, Side
from contractgen.plan.deprecation import SINCE, SUNSET
from contractgen.schema.inclusion.conjuncts import Splitter
from contractgen.schema.inclusion.sources import Schema, at, spelled

DEPRECATION_DATES = (SINCE, SUNSET)
# Extensions that change what is accepted are compared where they are read.
READ_EXTENSIONS = {
    *("x-max-body-bytes", "x-strict-query", "x-raw-response", "x-rate-limit"),
    *DEPRECATION_DATES,
}
_PROSE = ("summary", "description", "externalDocs", "example")
_NOTES = {
    *("title", "description", "summary", "example", "examples", "externalDocs", "$comment", "xml"),
    *("contentEncoding", "contentMediaType"),
}


def compare_notes(pair: Pair, names: Sequence[str] = _PROSE) -> None:
    """Report what describes an object and changed: prose, examples, extensions."""
    fields = {*pair.old.value, *pair.new.value}
    extensions = sorted(name for name in fields if name.startswith("x-") and name not in READ_EXTENSIONS)
    for name in (*names, *extensions):
        before, after = pair.get(name)
        if spelled(before) != spelled(after):
            pair.add("patch", f"{name} changed", name)
    if "examples" in fields and _examples(pair.old) != _examples(pair.new):
        pair.add("patch", "examples changed", "examples")


def compare_deprecated(pair: Pair) -> None:
    """Report that an object has become deprecated, or is no longer."""
    before, after = (value is True for value in pair.get("deprecated"))
    if before != after:
        text = "is deprecated now" if after else "is no longer deprecated"
        pair.add("compatible" if after else "patch", text, "deprecated", on_wire=False)
    for name in DEPRECATION_DATES:
        dates = [str(value or "none") for value in pair.get(name)]
        if dates[0] != dates[1]:
            pair.add("compatible", f"{name} {dates[0]} -> {dates[1]}", name, on_wire=False)


def _examples(side: Side) -> str:
    examples = side.value.get("examples", {})
    named = isinstance(examples, dict)
    return spelled(
        {name: each.value for name, each in side.fields("examples").items()} if named else examples
    )


def compare_annotations(
    report: Report, written: Splitter, pair: tuple[list[Schema], list[Schema]], way: Way
) -> None:
    """Report annotations that changed between two conjunctions."""
    before, after = (_annotations(written, schemas) for schemas in pair)
    for keyword in sorted(before.keys() | after.keys()):
        values = [sorted({*each.get(keyword, {}).values()}) for each in (before, after)]
        if values[0] != values[1]:
            places = after.get(keyword) or before[keyword]
            level, text = _change(keyword, values, way)
            shows = keyword == "default"
            report.add_at(level, f"in {way.value}: {text}", next(iter(places)), on_wire=shows)


def _change(keyword: str, values: list[list[str]], way: Way) -> tuple[Level, str]:
    if keyword == "deprecated":
        is_now = "true" in values[1]
        return ("compatible", "is deprecated now") if is_now else ("patch", "is no longer deprecated")
    if keyword == "default":
        texts = [", ".join(each) or "none" for each in values]
        level: Level = "patch" if way is Way.RESPONSE else "breaking" if values[0] else "compatible"
        return level, f"default {texts[0]} -> {texts[1]}"
    return "patch", f"{keyword} changed"


def _annotations(written: Splitter, schemas: list[Schema]) -> dict[str, dict[str, str]]:
    """The annotations of schemas that hold together, by keyword and place."""
    found: dict[str, dict[str, str]] = {}
    for place, schema in written.layers(schemas):
        for keyword, value in schema.items():
            if keyword in _NOTES or keyword.startswith("x-") or keyword in ("default", "deprecated"):
                found.setdefault(keyword, {})[at(place, keyword)] = spelled(value)
    for place in [place for place, value in found.get("deprecated", {}).items() if value != "true"]:
        del found["deprecated"][place]
    return found
