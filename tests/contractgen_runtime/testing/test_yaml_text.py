"""YAML has the values of its core schema, version 1.2, as the tool reads it."""

from pathlib import Path
from typing import Any

import pytest

from contractgen.document.load import load
from contractgen_runtime.testing.yaml_text import read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("02076295779", 2076295779),
        ("010", 10),
        ("-010", -10),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("1:30.5", "1:30.5"),
        ("0b11", "0b11"),
        ("1e3", 1000.0),
        ("600e27371700", "600e27371700"),
        ("010.5", 10.5),
        (".5", 0.5),
        ("+1.", 1.0),
        ("=", "="),
        ("on", "on"),
        ("True", True),
        ("2026-11-23", "2026-11-23"),
        ("~", None),
        ("'010'", "010"),
    ],
)
def test_a_scalar(text: str, value: Any, tmp_path: Path) -> None:
    """The tool, whose reader is another one, takes it for the same."""
    document = f"openapi: 3.1.0\ninfo: {{title: A, version: '1'}}\npaths: {{}}\nx-value: {text}\n"
    found = read_yaml(document)["x-value"]
    assert (type(found), found) == (type(value), value)
    path = tmp_path / "openapi.yaml"
    path.write_text(document)
    assert load(path).value["x-value"] == value


def test_keys_are_texts_as_in_json() -> None:
    text = "a: &a {1: x, true: y, 200: z}\nb: {<<: *a, ~: n, 1: own, 2020-01-01: d, [c]: e}"
    common = {"true": "y", "200": "z"}
    assert read_yaml(text) == {
        "a": {"1": "x", **common},
        "b": {"1": "own", **common, "~": "n", "2020-01-01": "d", "['c']": "e"},
    }
