"""The extensions of operations reach a service as typed data."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contractgen.render.package import render
from tests.contractgen.packages import contract, import_package, read_document, write_package
from tests.tiers import slow

THING = "/things/{thing_id}"
# The values of an extension on two operations, and the type that admits both.
VALUES: dict[str, tuple[Any, Any, str]] = {
    "x-flag": (True, False, "dict[str, bool]"),
    "x-weight": (1, 1.5, "dict[str, int | float]"),
    "x-owner": ("team a", None, "dict[str, str | None]"),
    "x-tags": (["a"], [], "dict[str, list[str]]"),
    "x-empty": ([], {}, "dict[str, dict[str, JsonValue] | list[JsonValue]]"),
    "x-mixed": ({"a": 1}, ["b", 2], "dict[str, XMixed | list[str | int]]"),
    "x-quota": ({"of": {"per": 1}, "for": "all"}, {"of": {"per": 2}}, "dict[str, XQuota]"),
    "x-odd-names": ({"a-b": 1, "class": "x"}, {"a-b": None}, "dict[str, XOddNames]"),
    "x-rows": ([{"n": 1}, {"n": 2, "m": "x"}], [{"m": "y"}], "dict[str, list[XRowsItem]]"),
    "x-ratio/é": ("a 'b' \"c\"\\", "line\nline", "dict[str, str]"),
}


def extended() -> Any:
    document = contract()
    for name, (one, other, _) in VALUES.items():
        document["paths"][THING]["get"][name] = one
        document["paths"][THING]["put"][name] = other
    document["paths"][THING]["get"]["x-raw-response"] = True
    document["paths"][THING]["get"]["x-samples"] = {"code": "x" * 2000}
    document["paths"][THING]["put"]["tags"] = ["x-quota"]
    return document


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("extensions")
    return write_package(read_document(folder, extended()), folder / "extended")


@pytest.mark.parametrize("name", VALUES)
def test_values_are_those_of_the_contract(folder: Path, name: str) -> None:
    one, other, _ = VALUES[name]
    operations = import_package("extended", folder).operations
    constant = {"x-ratio/é": "X_RATIO_É"}.get(name, name.upper().replace("-", "_"))
    assert getattr(operations, constant) == {"get_thing": one, "put_thing": other}


@slow
def test_types_admit_all_values(folder: Path, mypy: Callable[[Path], list[str]]) -> None:
    source = (folder / "operations.py").read_text().replace("XQuota_2", "XQuota")
    assert [kind for *_, kind in VALUES.values() if kind not in source] == []
    assert mypy(folder.parent) == []


@slow
def test_a_type_rejects_other_values(folder: Path, mypy: Callable[[Path], list[str]]) -> None:
    use = folder.parent / "use.py"
    use.write_text('from extended import operations\noperations.X_QUOTA["get_thing"]["of"]["per"] = "x"\n')
    found = mypy(folder.parent)
    use.unlink()
    assert [line for line in found if line.startswith("use.py:2:")]


def test_a_field_that_an_operation_lacks_is_not_required(folder: Path) -> None:
    source = (folder / "operations.py").read_text()
    assert '"for": "NotRequired[str]"' in source
    assert '"of": "XQuota_2Of"' in source


def test_what_decides_the_package_or_is_documentation_is_no_constant(tmp_path: Path) -> None:
    source = render(read_document(tmp_path, extended()))["operations.py"].decode()
    assert "X_FLAG" in source
    assert "X_RAW_RESPONSE" not in source
    assert "X_SAMPLES" not in source
