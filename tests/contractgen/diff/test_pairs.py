"""5,000 pairs of random documents, and what `diff` says of them, held against validators of others.

The documents are read as they are written by `jsonschema` (3.1) and by openapi-schema-validator (3.0).
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from contractgen.diff.changes import Change
from contractgen.diff.compare import diff
from contractgen.document.load import load
from tests.contractgen.diff.random_pairs import Sample, pair, witnesses
from tests.tiers import amount

PAIRS = amount(80, full=1_000)  # 5,000 take a quarter of an hour: set it here for a run of that size
GROUP = amount(40, full=100)
# Values to refute what `diff` says, and to justify what it calls breaking.
FEW, MANY = amount(30, full=150), amount(0, full=2_000)
# The share of what is called breaking that may have no witness among MANY values, which reach the deepest
# places seldom. Of the 81 of 2,444 that had none, all but 7 were breaking when they were read.
MOST_UNWITNESSED = 0.06


def changes_of(folder: Path, sample: Sample) -> list[Change]:
    paths = folder / "old.json", folder / "new.json"
    for path, document in zip(paths, (sample.old, sample.new), strict=True):
        path.write_text(json.dumps(document))
    return [change for change in diff(*map(load, paths)) if change.level != "patch"]


def levels(changes: list[Change]) -> dict[str, str]:
    """The worst level in requests and in responses."""
    found = {}
    for way in ("requests", "responses"):
        said = [change.level for change in changes if change.message.startswith(f"in {way}: ")]
        found[way] = "breaking" if "breaking" in said else "compatible" if said else "none"
    return found


def faults(sample: Sample, changes: list[Change], counts: Counter[str]) -> Iterator[str]:
    """What values show to be wrong in a report; `counts` gathers what is breaking and what is unwitnessed."""
    if sample.is_equal:
        yield from (f"told of what is equal: {change}" for change in changes)
        found = witnesses(sample, FEW)
        yield from (f"the edits change the meaning: {value}" for value in (*found.lost, *found.gained))
        return
    said = levels(changes)
    found = witnesses(sample, FEW)
    for way, values, others in (
        ("requests", found.lost, found.gained),
        ("responses", found.gained, found.lost),
    ):
        if values and said[way] != "breaking":
            yield f"{said[way]} in {way}, but {values[0]!r} shows that it is breaking"
        if others and said[way] == "none":
            yield f"none in {way}, but {others[0]!r} shows a change"
        if said[way] == "breaking":
            counts["breaking"] += 1
            if not values and MANY:
                many = witnesses(sample, MANY)
                if not (many.lost if way == "requests" else many.gained):
                    counts["unwitnessed"] += 1


@pytest.mark.parametrize("start", range(0, PAIRS, GROUP))
def test_no_value_refutes_a_report(tmp_path: Path, start: int) -> None:
    counts: Counter[str] = Counter()
    wrong = {}
    for seed in range(start, start + GROUP):
        sample = pair(seed)
        if found := list(faults(sample, changes_of(tmp_path, sample), counts)):
            wrong[seed] = (sample.edits, found)
    assert not wrong
    assert counts["breaking"] > GROUP / 10
    assert counts["unwitnessed"] <= MOST_UNWITNESSED * counts["breaking"] + 2
