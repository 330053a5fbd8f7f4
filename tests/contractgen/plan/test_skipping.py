"""An operation that cannot be generated is left out with `unsupported`, and costs no other one."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from contractgen.document.findings import ContractError, SettingError
from contractgen.document.load import load
from contractgen.plan.planner import make_plan
from contractgen.plan.skipping import Supported, plan_supported
from contractgen.plan.skips import Skip
from tests.contractgen.packages import read_document

UNSUPPORTED = Skip(unsupported=True)
_DONE: Any = {"204": {"description": "Done."}}
_BAD: Any = {"type": "object", "properties": {"a": {"$anchor": "a"}}}


def reference(section: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{section}/{name}"}


def body(schema: Any) -> Any:
    return {"content": {"application/json": {"schema": schema}}}


def operation(name: str, **more: Any) -> Any:
    return {"operationId": name, "responses": _DONE, **more}


def document(**more: Any) -> Any:
    """A good operation, and components of which each is bad."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Mixed", "version": "1"},
        "paths": {"/good": {"get": operation("good")}},
        "components": {
            "schemas": {
                "Bad": _BAD,
                "OfBad": {"type": "array", "items": reference("schemas", "Bad")},
                "Good": {"type": "string"},
            },
            "parameters": {"Bad": {"name": "q", "in": "query", "schema": reference("schemas", "OfBad")}},
            "responses": {"Bad": {"description": "A.", **body(reference("schemas", "Bad"))}},
            "securitySchemes": {"bad": {"type": "unheard-of"}, "good": {"type": "http", "scheme": "bearer"}},
        },
        **more,
    }


def plan(folder: Path, value: Any, skip: Skip = UNSUPPORTED) -> Supported:
    return plan_supported(read_document(folder, value), skip)


def names(planned: Supported) -> tuple[list[str], list[str]]:
    """The operations that are planned, and those that are skipped."""
    skipped = [each.name for each in planned.skipped if each.kind == "operation"]
    return [each.operation_id for each in planned.contract.operations], skipped


@pytest.mark.parametrize(
    "bad",
    [
        operation("bad", requestBody=body(_BAD)),
        operation("bad", requestBody=body(reference("schemas", "Bad"))),
        operation("bad", requestBody=body(reference("schemas", "OfBad"))),
        operation("bad", requestBody=body(reference("schemas", "Nowhere"))),
        operation("bad", requestBody={"content": {"multipart/mixed": {"schema": {"type": "object"}}}}),
        operation("bad", parameters=[reference("parameters", "Bad")]),
        operation("bad", parameters=[{"name": "q", "in": "query", "schema": {"type": "sting"}}]),
        operation("bad", parameters=[{"name": "id", "in": "path", "required": True, "schema": {}}]),
        operation("bad", parameters=5),
        operation("bad", responses={"200": reference("responses", "Bad")}),
        operation("bad", responses={"200": {"description": "A.", **body(_BAD)}}),
        operation("bad", responses={"2000": {"description": "A."}}),
        operation("bad", security=[{"bad": []}]),
        operation("bad", security=[{"undeclared": []}]),
        operation("bad", callbacks={"c": {"/x": {"post": operation("c", requestBody=body(_BAD))}}}),
    ],
)
def test_a_bad_operation_costs_no_other_one(tmp_path: Path, bad: Any) -> None:
    value = document()
    value["paths"]["/bad"] = {"get": bad, "put": operation("beside")}
    planned = plan(tmp_path, value)
    assert names(planned) == (["good", "beside"], ["bad"])
    (skipped,) = (each for each in planned.skipped if each.kind == "operation")
    assert (skipped.pointer, skipped.line > 1) == ("/paths/~1bad/get", True)
    assert skipped.findings
    assert str(skipped).startswith(f"skipped operation bad: {tmp_path}/openapi.yaml:")
    with pytest.raises(ContractError):
        plan(tmp_path, value, Skip())


def test_each_skipped_operation_has_its_own_reason(tmp_path: Path) -> None:
    value = document()
    value["components"]["securitySchemes"].pop("bad")
    value["paths"] |= {
        "/a": {"get": operation("a", security=[{"undeclared": []}])},
        "/b": {"get": operation("b", requestBody=body(reference("schemas", "OfBad")))},
    }
    skipped = {each.name: [why.message for why in each.findings] for each in plan(tmp_path, value).skipped}
    assert skipped == {
        "a": ["the security scheme 'undeclared' is not declared"],
        "b": ["the keyword '$anchor' is not supported"],
    }


def test_a_fault_of_a_path_costs_its_operations(tmp_path: Path) -> None:
    value = document()
    value["paths"]["/bad/{id}"] = {"get": operation("first"), "put": operation("second")}
    assert names(plan(tmp_path, value)) == (["good"], ["first", "second"])
    value["paths"]["/bad/{id}"] = {
        "parameters": [reference("parameters", "Bad")],
        "get": operation("first"),
    }
    assert names(plan(tmp_path, value)) == (["good"], ["first"])


def test_document_wide_security_costs_the_operations_without_their_own(tmp_path: Path) -> None:
    value = document(security=[{"undeclared": []}])
    value["paths"]["/own"] = {"get": operation("own", security=[{"good": []}])}
    assert names(plan(tmp_path, value)) == (["own"], ["good"])


def test_a_schema_that_nothing_needs_is_left_out_by_itself(tmp_path: Path) -> None:
    planned = plan(tmp_path, document())
    assert [(each.kind, each.name) for each in planned.skipped] == [
        ("component", "Bad"),
        ("component", "bad"),
    ]
    assert list(planned.contract.document.value["components"]["schemas"]) == ["Good"]


def test_a_mapping_of_a_discriminator_needs_its_schemas(tmp_path: Path) -> None:
    value = document()
    union = {
        "oneOf": [reference("schemas", "Cat")],
        "discriminator": {"propertyName": "kind", "mapping": {"bad": "Bad"}},
    }
    cat = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}
    value["components"]["schemas"] |= {"Cat": cat, "Pet": union}
    value["paths"]["/bad"] = {"get": operation("bad", requestBody=body(reference("schemas", "Pet")))}
    assert names(plan(tmp_path, value)) == (["good"], ["bad"])


def test_a_webhook_is_left_out_too(tmp_path: Path) -> None:
    value = document(webhooks={"bad": {"post": operation("hook", requestBody=body(_BAD))}})
    value["components"] = {}
    (skipped,) = plan(tmp_path, value).skipped
    assert (skipped.kind, skipped.name) == ("webhook", "hook")


def test_a_shared_path_item_is_left_out_where_it_is_used(tmp_path: Path) -> None:
    value = document()
    item = {"get": operation("bad", requestBody=body(_BAD)), "put": operation("fine")}
    value["components"]["pathItems"] = {"Item": item}
    value["paths"]["/a"] = reference("pathItems", "Item")
    assert names(plan(tmp_path, value)) == (["good", "fine"], ["bad"])


def test_a_fault_in_another_file_costs_what_refers_to_it(tmp_path: Path) -> None:
    value = document(components={})
    value["paths"]["/bad"] = {"$ref": "bad.yaml"}
    value["paths"]["/other"] = {"get": operation("other", requestBody=body({"$ref": "schemas.yaml#/Bad"}))}
    (tmp_path / "bad.yaml").write_text(
        yaml.safe_dump({"get": operation("bad", requestBody=body(_BAD)), "put": operation("beside")})
    )
    (tmp_path / "schemas.yaml").write_text(yaml.safe_dump({"Bad": _BAD}))
    planned = plan(tmp_path, value)
    assert names(planned) == (["good", "beside"], ["bad", "other"])
    assert [Path(each.findings[0].file).name for each in planned.skipped] == ["bad.yaml", "schemas.yaml"]


@pytest.mark.parametrize(
    "change",
    [
        {"info": 5},
        {"tags": [{"name": 5}]},
        {"paths": []},
        {"components": {"schemas": 5}},
        {"openapi": "2.0"},
    ],
)
def test_a_fault_of_no_part_rejects_the_document(tmp_path: Path, change: Any) -> None:
    with pytest.raises(ContractError):
        plan(tmp_path, {**document(), **change})


def test_nothing_is_left_where_every_operation_is_bad(tmp_path: Path) -> None:
    value = document(paths={"/bad": {"get": operation("bad", security=[{"bad": []}])}})
    with pytest.raises(ContractError, match="unheard-of"):
        plan(tmp_path, value)


def test_a_sound_document_is_planned_as_without(tmp_path: Path) -> None:
    read = load(Path(__file__).parents[1] / "golden" / "library" / "openapi.yaml")
    planned = plan_supported(read, UNSUPPORTED)
    assert planned.document is read
    assert planned.skipped == ()
    assert planned.contract.tags == make_plan(read).tags


# What the configuration lists -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bad", "GET /bad"])
def test_a_listed_operation_is_left_out_with_what_only_it_needs(tmp_path: Path, name: str) -> None:
    value = document()
    del value["components"]["responses"], value["components"]["securitySchemes"]
    parameters = [reference("parameters", "Bad"), reference("parameters", "Nowhere")]
    value["paths"]["/bad"] = {"get": operation("bad", parameters=parameters, security=[{"undeclared": []}])}
    planned = plan(tmp_path, value, Skip((name,)))
    assert names(planned) == (["good"], ["bad"])
    assert list(planned.contract.document.value["components"]["schemas"]) == ["Good"]
    (skipped,) = planned.skipped
    assert str(skipped) == "skipped operation bad: listed under `skip` in the configuration"


def test_what_another_operation_needs_stays(tmp_path: Path) -> None:
    value = document(components={"schemas": {"Good": {"type": "string"}}})
    for name in ("left", "kept"):
        value["paths"][f"/{name}"] = {"put": operation(name, requestBody=body(reference("schemas", "Good")))}
    planned = plan(tmp_path, value, Skip(("left",)))
    assert names(planned) == (["good", "kept"], ["left"])
    assert list(planned.contract.document.value["components"]["schemas"]) == ["Good"]


def test_a_listed_operation_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="no operation is called 'god'; did you mean 'good'"):
        plan(tmp_path, document(), Skip(("god",)))


@pytest.mark.parametrize(("more", "others"), [({}, 1), ({"security": [{"bad": []}]}, 0)])
def test_what_could_be_generated_without_the_unsupported_is_counted(
    tmp_path: Path, more: Any, others: int
) -> None:
    spec = document(**more)
    spec["paths"]["/bad"] = {"post": operation("bad", requestBody=body(_BAD))}
    with pytest.raises(ContractError) as caught:
        plan(tmp_path, spec, Skip())
    assert caught.value.others == others
    with pytest.raises(ContractError) as caught:
        plan(tmp_path, document(paths={"/bad": spec["paths"]["/bad"]}), Skip())
    assert caught.value.others == 0
