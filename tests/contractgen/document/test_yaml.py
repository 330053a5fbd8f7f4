"""YAML is read as version 1.2 has it, with merge keys; what libyaml takes for something else is none."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from contractgen.document.edits import edited
from contractgen.document.findings import ContractError, Edit
from contractgen.document.reading import read

MERGED: dict[str, tuple[str, Any]] = {
    "one mapping": ("a: &a {x: 1, y: 2}\nb: {<<: *a, z: 3}", {"x": 1, "y": 2, "z": 3}),
    "own keys win, before it or behind": ("a: &a {x: 1, y: 1}\nb: {x: 2, <<: *a, y: 2}", {"x": 2, "y": 2}),
    "of a list the earlier wins": (
        "a: [&a {x: 1}, &b {x: 2, y: 2}]\nb: {<<: [*a, *b], z: 3}",
        {"x": 1, "y": 2, "z": 3},
    ),
    "a list of one": ("a: &a {x: 1}\nb: {<<: [*a]}", {"x": 1}),
    "an empty list": ("b: {<<: [], x: 1}", {"x": 1}),
    "an alias of a list": ("a: &l [{x: 1}, {y: 2}]\nb: {<<: *l}", {"x": 1, "y": 2}),
    "written out": ("b:\n  <<: {x: 1}\n  y: 2", {"x": 1, "y": 2}),
    "nested": (
        "a: &a {x: 1}\nc: &c {<<: *a, y: 2}\nb: {<<: *c, z: {<<: *a}}",
        {"x": 1, "y": 2, "z": {"x": 1}},
    ),
    "merged into an anchor": ("c: &c\n  <<: {x: 1}\n  y: 2\nb: *c", {"x": 1, "y": 2}),
    "a mapping whole, not its parts": ("a: &a {x: {p: 1}}\nb: {<<: *a, x: {q: 1}}", {"x": {"q": 1}}),
    "by its tag": ("a: &a {x: 1}\nb: {!!merge m: *a}", {"x": 1}),
    "quoted is a key like any other": ("b: {'<<': {x: 1}}", {"<<": {"x": 1}}),
    "tagged as a string is one too": ("b: {!!str <<: {x: 1}}", {"<<": {"x": 1}}),
    "as a value": ("b: [<<]", ["<<"]),
}


def value_of(tmp_path: Path, text: str) -> Any:
    path = tmp_path / "a.yaml"
    path.write_bytes(text.encode())
    return read(path).value


@pytest.mark.parametrize("name", MERGED)
def test_merge_keys(tmp_path: Path, name: str) -> None:
    text, expected = MERGED[name]
    assert value_of(tmp_path, text)["b"] == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [("600e27371700", "600e27371700"), ("6e2", 600.0), ('"6e2"', "6e2"), ("0e27371700", 0.0)],
)
def test_a_hash_that_looks_like_a_number(tmp_path: Path, text: str, value: object) -> None:
    """PyYAML, which reads YAML 1.1, takes all of them for text."""
    found = value_of(tmp_path, f"a: {text}")
    assert (found, type(found["a"])) == ({"a": value}, type(value))


def test_a_merge_key_of_json_is_a_key(tmp_path: Path) -> None:
    assert value_of(tmp_path, '{"a": {"<<": {"x": 1}}}') == {"a": {"<<": {"x": 1}}}


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a: {<<: 5}", (1, 5), "#/a/<<: a merge key takes a mapping or a list of mappings"),
        ("a:\n  <<:\n  x: 1", (2, 3), "#/a/<<: a merge key takes"),
        ("a: &a {x: 1}\nb: {<<: [*a, 5]}", (2, 5), "#/b/<<: a merge key takes"),
        ("a: &a {x: 1}\nb: {<<: [[*a]]}", (2, 5), "#/b/<<: a merge key takes"),
        ("a: &a {x: 1}\nb:\n  <<: *a\n  <<: *a", (4, 3), "#/b/<<: duplicate merge key"),
        ("a: &a {<<: *a}", (1, 12), "#/a/<<: the alias a has no anchor before it, or one that contains it"),
    ],
)
def test_a_merge_key_that_adds_nothing(
    tmp_path: Path, text: str, place: tuple[int, int], message: str
) -> None:
    with pytest.raises(ContractError) as caught:
        value_of(tmp_path, text)
    (finding,) = caught.value.findings
    assert (finding.line, finding.column) == place
    assert message in str(finding)


def test_what_is_merged_stands_at_the_merge_key(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: &a {x: {z: 1}}\nb:\n  y: 1\n  <<: *a\n  w: 2\n")
    file = read(path)
    assert file.positions["/b/y"] == (3, 3)
    assert file.positions["/b/x"] == (4, 3)
    assert file.finding("/b/x/z", "").line == 4
    assert file.positions["/b/w"] == (5, 3)


def test_merge_keys_of_a_large_document_are_read(tmp_path: Path) -> None:
    """A contract of 300 kB with 100 operations repeats 100,000 values by aliases."""
    shared = "a: &a {" + ", ".join(f"k{n}: {n}" for n in range(1000)) + "}"
    text = "\n".join([shared, *(f"b{n}:\n  <<: *a\n  own: {n}" for n in range(200))])
    found = value_of(tmp_path, text)
    assert (len(found["b199"]), found["b199"]["k999"]) == (1001, 999)


def test_merge_keys_that_multiply_end_soon(tmp_path: Path) -> None:
    """Each mapping merges the ten before it into ten keys: 10 ** 8 values."""
    steps = ["a0: &a0 {" + ", ".join(f"k{n}: 1" for n in range(10)) + "}"]
    for step in range(1, 9):
        keys = ", ".join(f"k{n}: {{<<: *a{step - 1}}}" for n in range(10))
        steps.append(f"a{step}: &a{step} {{{keys}}}")
    begin = time.process_time()
    with pytest.raises(ContractError, match="aliases repeat more than"):
        value_of(tmp_path, "\n".join(steps))
    assert time.process_time() - begin < 2


def test_an_edit_beside_a_merge_key_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: &a {x: 1}\nb:\n  <<: *a\n  y: 1\n")
    text, count = edited(read(path), [Edit("replace", "/b/y", 2), Edit("replace", "/b/x", 2)])
    assert (text.decode(), count) == ("a: &a {x: 1}\nb:\n  <<: *a\n  y: 2\n", 1)


# A tab is no indentation, and separates as a space does: what each text says.
TABS: dict[str, tuple[str, Any]] = {
    "before a comment": ("a: 1\n\t# c\nb: 2", {"a": 1, "b": 2}),
    "before a first comment": ("\t# c\na: 1", {"a": 1}),
    "before a comment, behind spaces": ("a:\n  x: 1\n  \t # c\n  y: 2", {"a": {"x": 1, "y": 2}}),
    "before a comment below a key": ("a:\n\t\t# c\n  b: 1", {"a": {"b": 1}}),
    "before a comment in a list": ("a:\n- 1\n\t# c\n- 2", {"a": [1, 2]}),
    "in an empty line": ("a: 1\n\t\nb: 2\n \t \nc: 3", {"a": 1, "b": 2, "c": 3}),
    "at the end": ("a: 1\n\t", {"a": 1}),
    "before a comment at the end": ("a: 1\n\t# c", {"a": 1}),
    "behind a dash": ("a:\n-\t1\n- \tx y", {"a": [1, "x y"]}),
    "behind a dash at the end of its line": ("a:\n  -\t\n    b: 1", {"a": [{"b": 1}]}),
    "behind a block scalar": ("a: |\n  b\n\t# c\nd: 1", {"a": "b\n", "d": 1}),
    "in the text of a block scalar": ("a: |\n  b\n  \t# c\nd: 1\n\t# e", {"a": "b\n\t# c\n", "d": 1}),
    "first in a block scalar": ("a: |\n  \tb\n  c\nd: 1", {"a": "\tb\nc\n", "d": 1}),
    "in a block scalar with an indicator": ("\t#\na: |2-\n    b\n   \t\n  c", {"a": "  b\n \t\nc"}),
    "in a folded block scalar": ("\t#\na: >-\n  b\n  \tc\n  d", {"a": "b\n\tc\nd"}),
    "in a quoted scalar of one line": ("\t#\na: \"b\tc\"\nd: 'e\tf'", {"a": "b\tc", "d": "e\tf"}),
    "with line ends of Windows": ("a: 1\r\n\t# c\r\nb: |\r\n  \tx\r\n", {"a": 1, "b": "\tx\n"}),
}


@pytest.mark.parametrize("name", TABS)
def test_tabs(tmp_path: Path, name: str) -> None:
    text, expected = TABS[name]
    assert value_of(tmp_path, text) == expected


@pytest.mark.parametrize(
    "text",
    ["a:\n\tb: 1", "a:\n  x: 1\n\ty: 2", "\t#\na:\n-\tx: 1\n\ty: 2", '\t#\na: "b |\n  \tc"\n\td: 1'],
)
def test_a_tab_that_would_be_indentation(tmp_path: Path, text: str) -> None:
    with pytest.raises(ContractError):
        value_of(tmp_path, text)


def test_an_edit_beside_tabs(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\n\t# c\nb: 2\n")
    assert edited(read(path), [Edit("replace", "/b", 3)])[0] == b"a: 1\n\t# c\nb: 3\n"


def test_what_ended_a_line_in_yaml_1_1_is_a_character(tmp_path: Path) -> None:
    for each in "\x85\u2028\u2029":
        text = f"a: b{each}c\nd: 'e{each}f'\ng: |\n  h{each}i\nj: [x{each}: y]\n"
        path = tmp_path / "a.yaml"
        path.write_text(text, newline="")
        file = read(path)
        said = {"a": f"b{each}c", "d": f"e{each}f", "g": f"h{each}i\n"}
        assert file.value == {**said, "j": [{f"x{each}": "y"}]}
        assert file.positions["/g"] == (3, 1)


TAGS: dict[str, Any] = {
    "!!str 5": "5",
    "! 5": "5",
    "!!str": "",
    "!!int 5": 5,
    "!!float 5.5": 5.5,
    "!!bool true": True,
    "!!null ~": None,
    "!!map {x: 1}": {"x": 1},
    "!!seq [1]": [1],
}


@pytest.mark.parametrize("text", TAGS)
def test_tags_of_the_core_schema(tmp_path: Path, text: str) -> None:
    assert json.dumps(value_of(tmp_path, f"a: {text}\n")["a"]) == json.dumps(TAGS[text])


@pytest.mark.parametrize("text", ["!!int x", "!!timestamp 2026-11-23", "!Ref a", "!!set {a, b}", "!x [1]"])
def test_tags_that_make_no_value_of_json(tmp_path: Path, text: str) -> None:
    with pytest.raises(ContractError, match=r":1:4: #.*the tag !"):
        value_of(tmp_path, f"a: {text}\n")


def test_numbers_that_json_does_not_have(tmp_path: Path) -> None:
    for text in (".inf", "-.Inf", ".nan"):
        with pytest.raises(ContractError, match=r":1:4: #/a: "):
            value_of(tmp_path, f"a: {text}\n")


def test_an_alias_is_a_key_where_it_stands_for_a_string(tmp_path: Path) -> None:
    assert value_of(tmp_path, "&k a: 1\nb: {*k : 2}\nc: *k") == {"a": 1, "b": {"a": 2}, "c": "a"}
