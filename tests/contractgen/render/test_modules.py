"""Which module of a package a route or a response stands in, and what stands once in it."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contractgen.document.load import load
from contractgen.render.package import render
from tests.contract.document import OPERATIONS
from tests.contractgen.packages import contract, import_package, read_document, write_package

OPENAPI = Path("openapi/openapi.yaml")
PROBLEM = {"description": "It failed.", "content": {"application/problem+json": {"schema": {}}}}


def modules(files: dict[str, bytes], folder: str) -> dict[str, str]:
    """The sources in a folder of a package, by module."""
    inside = {Path(name): text for name, text in files.items() if name.startswith(f"{folder}/")}
    return {path.stem: text.decode() for path, text in inside.items()}


def two_tags() -> Any:
    """Two operations under tags of their own, which share a parameter, a response and a body."""
    document = contract()
    item = document["paths"]["/things/{thing_id}"]
    parameter = item["get"]["parameters"].pop(0)
    item["put"]["parameters"] = item["parameters"] = [{"$ref": "#/components/parameters/ThingId"}]
    item["put"]["tags"] = ["changes"]
    document["components"]["parameters"] = {"ThingId": parameter}
    document["components"]["responses"]["Failed"] = PROBLEM
    for operation in (item["get"], item["put"]):
        operation["responses"]["500"] = {"$ref": "#/components/responses/Failed"}
    item["put"]["responses"]["200"] = item["get"]["responses"]["200"]
    return document


def test_routes_and_responses_have_a_module_a_tag(tmp_path: Path) -> None:
    files = render(read_document(tmp_path, two_tags()))
    assert modules(files, "_routes").keys() == {"__init__", "things", "changes"}
    assert modules(files, "responses").keys() == {"__init__", "_shared", "changes"}


def test_our_own_contract_has_two_modules_a_tag_and_twelve_other_files() -> None:
    files = render(load(OPENAPI))
    assert len(files) == 2 * len(load(OPENAPI).value["tags"]) + 12


def test_components_stand_once(tmp_path: Path) -> None:
    files = render(read_document(tmp_path, two_tags()))
    routes, responses = modules(files, "_routes"), modules(files, "responses")
    assert [name for name, text in routes.items() if "Uuid()" in text] == ["__init__"]
    assert [name for name, text in responses.items() if "class Failed(" in text] == ["_shared"]
    assert [name for name, text in responses.items() if "class PutThing204(" in text] == ["changes"]


def test_an_encoder_of_several_modules_stands_in_the_shared_one(tmp_path: Path) -> None:
    document = two_tags()
    item = document["paths"]["/things/{thing_id}"]
    content = document["components"]["responses"]["Thing"]["content"]
    thing = {"description": "It.", "content": content}
    item["get"]["responses"]["200"] = item["put"]["responses"]["200"] = thing
    sources = modules(render(read_document(tmp_path, document)), "responses")
    assert [name for name, text in sources.items() if "encode_thing = " in text] == ["_shared"]


def test_constants_stand_beside_the_function_of_their_operation() -> None:
    sources = modules(render(load(OPENAPI)), "_routes")
    runs = [run for name, source in sources.items() if name != "__init__" for run in constant_runs(source)]
    assert len(runs) == len(OPERATIONS)
    assert [function for function, owners in runs if owners != {function}] == []


def constant_runs(source: str) -> Iterator[tuple[str, set[str]]]:
    """Each operation of a module of routes, with the operations whose constants stand just before it."""
    owners: set[str] = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name.endswith("_route"):
            yield node.name.removesuffix("_route").upper(), owners
            owners = set()
        elif isinstance(node, ast.Assign | ast.AnnAssign) and "TypeVar" not in ast.unparse(node):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            owners.add("_" + ast.unparse(target).lstrip("_").partition("__")[0])


def test_a_class_of_response_says_its_status_on_one_line() -> None:
    sources = modules(render(load(OPENAPI)), "responses")
    classes = [node for text in sources.values() for node in ast.parse(text).body if is_class(node)]
    assert len(classes) > 50
    assert {len(lines_with_status(node)) for node in classes} == {1}


def is_class(node: ast.stmt) -> bool:
    return isinstance(node, ast.ClassDef)


def lines_with_status(node: ast.stmt) -> list[str]:
    lines = ast.unparse(node).splitlines()[2:]  # behind the decorator and the name
    (stated,) = [line for line in lines if line.startswith("    status: ")]
    return [line for line in lines if stated.rpartition(" ")[2] in line]


def test_a_class_and_the_module_of_a_tag_never_share_a_name(tmp_path: Path) -> None:
    """Names without upper and lower case: a class would hide the module, or the module the class."""
    document = two_tags()
    document["paths"]["/things/{thing_id}"]["put"]["tags"] = ["失敗"]
    document["components"]["responses"] |= {"失敗": document["components"]["responses"].pop("Failed")}
    for operation in ("get", "put"):
        responses = document["paths"]["/things/{thing_id}"][operation]["responses"]
        responses["500"] = {"$ref": "#/components/responses/失敗"}
    package = import_package(
        "caseless", write_package(read_document(tmp_path, document), tmp_path / "caseless")
    )
    assert package.responses.失敗_2.status == 500
    assert package.responses.PutThing204.status == 204


def test_the_module_of_a_tag_can_be_a_file_everywhere(tmp_path: Path) -> None:
    document = two_tags()
    item = document["paths"]["/things/{thing_id}"]
    item["get"]["tags"], item["put"]["tags"] = ["AUX"], ["x" * 300]
    files = render(read_document(tmp_path, document))
    assert modules(files, "_routes").keys() == {"__init__", "aux_", "x" * 200}
