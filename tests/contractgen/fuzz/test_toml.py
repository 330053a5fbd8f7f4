"""What is printed as TOML is read back by tomllib as it was."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contractgen.fuzz.toml import Table, toml_of
from tests.tiers import slow

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = (
    TEXTS
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(SCALARS, lambda each: st.lists(each) | st.dictionaries(TEXTS, each), max_leaves=8)


@slow
@given(st.dictionaries(TEXTS, VALUES), TEXTS)
def test_every_value_is_read_back(values: dict[str, object], name: str) -> None:
    table = Table(("a", name), values)  # type: ignore[arg-type]  # hypothesis knows no recursive type
    assert tomllib.loads(toml_of([table])) == {"a": {name: values}}


def test_tables_of_an_array_and_the_tables_below_them() -> None:
    tables = [
        Table((), {"seed": 1}),
        Table(("operations",), {"name": "a"}, repeated=True),
        Table(("operations", "checks", "x"), {"on": True}),
        Table(("operations",), {"name": "b"}, repeated=True),
    ]
    assert tomllib.loads(toml_of(tables)) == {
        "seed": 1,
        "operations": [{"name": "a", "checks": {"x": {"on": True}}}, {"name": "b"}],
    }


@pytest.mark.parametrize("why", ["A reason.", "a long reason " * 30, "a line\nand [another]\n = 1"])
def test_a_reason_is_a_comment(why: str) -> None:
    text = toml_of([Table(("a",), {"b": 1}, why)])
    assert tomllib.loads(text) == {"a": {"b": 1}}
    assert " ".join(why.split()) == " ".join(text.partition("[a]")[0].replace("# ", "").split())
