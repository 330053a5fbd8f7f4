"""The page about ASVS 5.0: a row for each requirement, tests that exist and prove something, right counts."""

import json
import re
from collections import Counter
from pathlib import PurePosixPath
from typing import Any

import pytest

from tests.house.project import parse, read
from tests.house.proofs import ModuleOfTests

PAGE = "docs/reference/asvs.md"
REQUIREMENTS: dict[str, dict[str, Any]] = {
    each["id"]: each for each in json.loads(read("tests/security/asvs/requirements.json"))
}
#: What a row without tests begins with, and what the head of the page calls it.
KINDS = {
    "written down: ": "met by a page",
    "not applicable: ": "not applicable",
    "left to the operator: ": "left to the operator",
    "not met: ": "not met",
}
TESTED = "met, shown by tests"
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| (.+?) \| (.+) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/\S+\.py)::(\w+)`")
ROWS = [match.groups() for match in ROW.finditer(read(PAGE))]


def kind_of(how: str) -> str:
    return next((name for start, name in KINDS.items() if how.startswith(start)), TESTED)


def test_every_requirement_has_one_row_in_its_order_under_its_chapter() -> None:
    assert [(name, int(level)) for name, level, _, _ in ROWS] == [
        (name, each["level"]) for name, each in REQUIREMENTS.items()
    ]
    assert Counter(each["level"] for each in REQUIREMENTS.values()) == {1: 70, 2: 183}
    chapters = {f"V{name.partition('.')[0]} {each['chapter']}" for name, each in REQUIREMENTS.items()}
    sections = re.split(r"^## ", read(PAGE), flags=re.MULTILINE)[1:]
    assert {section.partition("\n")[0] for section in sections} == chapters
    for section in sections:
        number = section.partition(" ")[0].removeprefix("V")
        assert {name.partition(".")[0] for name, *_ in ROW.findall(section)} == {number}


@pytest.mark.parametrize("row", ROWS, ids=[name for name, *_ in ROWS])
def test_a_row_has_tests_a_page_or_a_reason(row: tuple[str, ...]) -> None:
    how = row[3]
    if kind_of(how) == TESTED:
        named, _, note = how.partition("; ")
        tests = TEST.findall(named)
        assert ", ".join(f"`{path}::{test}`" for path, test in tests) == named, "tests come first"
        assert len(set(tests)) == len(tests) > 0
        assert TEST.findall(note) == []
    elif kind_of(how) == "met by a page":
        assert re.search(r"\]\([^)]+\.md[#)]", how), "the build of the pages checks that links lead somewhere"
    else:
        assert len(how.partition(": ")[2]) >= 20, "a reason is more than a word"
    mentioned = re.findall(r"`(tests/[^`:]+\.py)`", how)
    assert [path for path in mentioned if not read(path)] == []


@pytest.mark.parametrize("path", sorted({path for row in ROWS for path, _ in TEST.findall(row[3])}))
def test_every_test_that_is_named_exists_and_proves_something(path: str) -> None:
    module = ModuleOfTests(parse(PurePosixPath(path)))
    named = {test for row in ROWS for file, test in TEST.findall(row[3]) if file == path}
    assert named - module.functions.keys() == set()
    assert {test: faults for test in named if (faults := module.faults(test))} == {}


def test_the_counts_at_the_top_are_right() -> None:
    counted = Counter((kind_of(how), level) for _, level, _, how in ROWS)
    head = read(PAGE).partition("\n## ")[0]
    shown = {
        name: (int(one), int(two), int(both))
        for name, one, two, both in re.findall(
            r"^\| ([a-z, ]+) \| (\d+) \| (\d+) \| (\d+) \|$", head, re.MULTILINE
        )
    }
    expected = {
        kind: (counted[kind, "1"], counted[kind, "2"], counted[kind, "1"] + counted[kind, "2"])
        for kind in (TESTED, *KINDS.values())
    }
    assert shown == expected | {"all": (70, 183, 253)}
