"""Compare two contracts by what a client would notice.

Whatever a client sent before must still be accepted, and whatever it receives must have been possible before.
So a set of values may only grow in requests and only shrink in responses. Headers and cookies that a contract
does not name are no part of it: a new optional one is compatible, and one that is gone is breaking.
"""

from contractgen.diff.annotations import compare_notes
from contractgen.diff.changes import LEVELS, Change, Report
from contractgen.diff.nodes import Pair, Side, names_of, spelled_sorted
from contractgen.diff.operations import Operations
from contractgen.diff.reach import unreached
from contractgen.diff.sound import sound
from contractgen.document.load import Document, bounded
from contractgen.schema.inclusion.sources import spelled
from contractgen_runtime.pointers import child


def diff(old: Document, new: Document, *, wire: bool = False) -> list[Change]:
    """Return every change, breaking ones first, then in document order; with `wire` only what messages show.

    Raise ContractError for a fault that only one of the documents has.
    """
    before, after = sound(old, new)
    report = Report(before, after)
    with bounded(new):
        pair = Pair(report, Side(before, ""), Side(after, ""))
        _compare_info(pair)
        Operations(pair).compare()
        _compare_unreached(report)
    found = (change for change in report.changes if change.on_wire or not wire)
    return sorted(found, key=lambda c: (LEVELS.index(c.level), c.file, c.line, c.column, c.message))


def _compare_info(pair: Pair) -> None:
    compare_notes(pair, ("info", "externalDocs"))
    tags = [spelled_sorted(side.value.get("tags")) for side in (pair.old, pair.new)]
    if tags[0] != tags[1]:
        pair.add("patch", "tags changed", "tags")


def _compare_unreached(report: Report) -> None:
    """Report components that no operation reaches: they change nothing for clients but what they read."""
    before, after = unreached(report.old), unreached(report.new)
    for (section, name), node in before.items():
        place = child("/components", section, name)
        if name not in names_of(report.new, section):
            report.add("patch", f"{name}, which no operation reaches, is gone", old=place)
        elif (section, name) in after and spelled(node) != spelled(after[section, name]):
            report.add("patch", f"{name}, which no operation reaches, changed", new=place)
    for section, name in after:
        if name not in names_of(report.old, section):
            place = child("/components", section, name)
            report.add("patch", f"{name}, which no operation reaches, is new", new=place)
