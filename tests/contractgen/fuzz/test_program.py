"""schemathesis makes the example of a schema once, and covers deep schemas by a sample."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
import schemathesis
from hypothesis.internal.conjecture.optimiser import Optimiser
from schemathesis.core import NOT_SET
from schemathesis.core.errors import InvalidSchema
from schemathesis.generation import case
from schemathesis.generation.meta import CoverageScenario, PhaseInfo
from schemathesis.specs.openapi import examples
from schemathesis.specs.openapi.adapter import responses
from schemathesis.transport import prepare

from contractgen.fuzz import program


@pytest.fixture
def made() -> list[Any]:
    """The schemas that an example was made of."""
    return []


def test_an_example_of_a_schema_is_made_once(made: list[Any]) -> None:
    def make(schema: Any, _: str) -> Any:
        made.append(schema)
        return {"ids": [len(made)]}

    make_once = program.once(make)
    schema = {"$ref": "#/x-bundled/schema1"}
    bundled: dict[str, Any] = {"schema1": {}}
    other = {**bundled}
    first = make_once({**schema, "x-bundled": bundled}, "draft")
    first["ids"].append(0)
    assert make_once({**schema, "x-bundled": bundled}, "draft") == {"ids": [1]}
    assert make_once({**schema, "x-bundled": other}, "draft") == {"ids": [2]}
    assert make_once(True, "draft") == make_once(True, "draft") == {"ids": [3]}
    assert len(made) == 3


def test_no_example_is_none_of_its_own() -> None:
    """schemathesis compares it by identity."""
    assert program.once(lambda _: NOT_SET)({}) is NOT_SET


def test_a_path_is_filled_by_the_names_of_its_placeholders() -> None:
    path = "/{user.name}/{0}-{it's}/{0}"
    assert program.fields(path) == ("user.name", "0", "it's")
    assert program.fill(path, {"user.name": "a", "0": 1, "it's": "{c}"}) == "/a/1-{c}/1"
    with pytest.raises(InvalidSchema, match="'0' is not defined"):
        program.fill(path, {"user.name": "a"})


def test_a_function_of_schemathesis_is_replaced_wherever_it_is_imported() -> None:
    used = [module for module in (prepare, case) if module.prepare_path is prepare.prepare_path]
    old = prepare.prepare_path
    program.replace(old, program.fill)
    assert [module.prepare_path for module in used] == [program.fill, program.fill]
    program.replace(program.fill, old)


def test_schemathesis_converts_responses_by_a_function_of_this_name() -> None:
    schema = {"prefixItems": [{"type": "integer"}]}
    convert = getattr(responses, program.CONVERT)
    assert convert({**schema}, "nullable", convert_prefix_items=False) == schema
    assert convert({**schema}, "nullable") != schema


def test_schemathesis_makes_examples_by_a_function_of_this_name() -> None:
    assert callable(getattr(examples, program.MAKE))


def test_very_many_requests_of_one_operation_are_a_sample() -> None:
    sample = program.Sample()
    few = [sample.admits("GET /a", "valid_object", f"Object with valid 'a' value: {n}") for n in range(1000)]
    same = [sample.admits("GET /a", "incorrect_type", f"a{n} -> b: Incorrect type") for n in range(20)]
    other = [sample.admits("GET /a", "incorrect_type", f"a{n} -> c: Incorrect type") for n in range(20)]
    assert (sum(few), sum(same), sum(other)) == (1000, 10, 10)
    assert sample.admits("GET /b", "incorrect_type", "a -> b: Incorrect type")


def test_a_sample_reports_what_it_leaves_out() -> None:
    sample = program.Sample()
    for operation, count in (("GET /a", 1015), ("GET /b", 3000), ("GET /c", 1000)):
        assert not str(sample) or operation != "GET /a"
        for _ in range(count):
            sample.admits(operation, "incorrect_type", "a: Incorrect type")
    assert str(sample) == (
        "sample: 2,015 requests that cover schemas were not sent, 2,000 of them of GET /b: "
        "an operation gets the first 1,000, then 10 of each kind"
    )


@pytest.mark.parametrize(("is_coverage", "sent"), [(True, 1000), (False, 1020)])
def test_only_what_covers_schemas_is_a_sample(is_coverage: bool, sent: int) -> None:
    hook = program.hook_of(program.Sample())
    phase = PhaseInfo.coverage(CoverageScenario.INCORRECT_TYPE, "a: Incorrect type")
    meta = SimpleNamespace(phase=phase) if is_coverage else None
    case = SimpleNamespace(meta=meta, operation=SimpleNamespace(label="GET /a"))
    assert sum(hook(None, case) for _ in range(1020)) == sent


@pytest.mark.parametrize(("error", "raised"), [(IndexError, False), (ValueError, True)])
def test_a_search_ends_where_the_best_example_is_shorter(error: type[Exception], raised: bool) -> None:
    def climb(best: list[int]) -> None:
        best.append(1)
        raise error

    best: list[int] = []
    with pytest.raises(error) if raised else nullcontext():
        program.ending(climb)(best)
    assert best == [1]
    assert callable(getattr(Optimiser, program.CLIMB))


def test_schemathesis_has_a_hook_of_this_name() -> None:
    """It rejects one that it does not know, or that takes something else."""
    hook = program.hook_of(program.Sample())
    schemathesis.hook(hook)
    try:
        assert hook in schemathesis.hooks.get_all_by_name("filter_case")
    finally:
        schemathesis.hooks.unregister(hook)
