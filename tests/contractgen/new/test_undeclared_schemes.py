"""Security schemes that a contract demands and does not declare."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from contractgen.document.findings import ContractError, OutError
from contractgen.new.project import create, names_of
from tests.contractgen.new.scaffolds import run
from tests.contractgen.packages import contract

_HELD: dict[str, Any] = {
    "nowhere": {},
    "beside schemas": {"components": {"schemas": {"Name": {"type": "string"}}}},
    "beside others": {"components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}},
}


def _document(held: str) -> Any:
    responses = {"204": {"description": "Done."}, "401": {"description": "Who?"}}
    item = {
        "get": {"operationId": "look", "responses": responses},
        "put": {
            "operationId": "store",
            "responses": responses,
            "security": [{"shop_key": [], "basicAuth": []}],
        },
    }
    document = {"openapi": "3.1.0", "info": {"title": "Shop", "version": "1"}, "paths": {"/shop": item}}
    return document | {"security": [{"shop_key": []}, {}]} | _HELD[held]


@pytest.mark.parametrize("suffix", ["json", "yaml"])
@pytest.mark.parametrize("held", _HELD)
def test_the_copy_in_the_service_declares_them(held: str, suffix: str, tmp_path: Path) -> None:
    document = _document(held)
    text = (
        json.dumps(document) if suffix == "json" else "# ours\n" + yaml.safe_dump(document, sort_keys=False)
    )
    spec, folder = tmp_path / f"shop.{suffix}", tmp_path / "shop"
    spec.write_text(text)
    made = create(spec, folder, names_of(folder, None))
    assert spec.read_text() == text
    assert list(made.assumed) == ["shop_key", "basicAuth"]
    copied = (folder / made.spec).read_text()
    assert copied.startswith("{" if suffix == "json" else "# ours\n")
    declared = yaml.safe_load(copied)["components"].pop("securitySchemes")
    key = {"type": "apiKey", "in": "header", "name": "shop_key"}
    assert declared["shop_key"].items() >= key.items()
    assert declared["basicAuth"].items() >= {"type": "http", "scheme": "basic"}.items()
    assert (
        declared.keys() - made.assumed.keys()
        == _HELD[held].get("components", {}).get("securitySchemes", {}).keys()
    )


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        ("BearerAuth", "bearer"),
        ("jwt", "bearer"),
        ("OAuth2", "bearer"),
        ("HTTPBasic", "basic"),
        ("X-Api-Key", None),
        ("session", None),
        ("my key", "bearer"),
    ],
)
def test_a_name_says_what_a_scheme_is_taken_for(name: str, scheme: str | None, tmp_path: Path) -> None:
    spec, folder = tmp_path / "shop.json", tmp_path / "shop"
    spec.write_text(json.dumps(contract() | {"security": [{name: []}]}))
    taken = create(spec, folder, names_of(folder, None)).assumed[name]
    assert taken.get("scheme") == scheme
    assert taken.get("name") == (None if scheme else name)


@pytest.mark.parametrize(
    "broken",
    [
        {"components": None},
        {"components": []},
        {"components": {"securitySchemes": None}},
        {"components": {"securitySchemes": ["shop_key"]}},
        {"paths": None},
        {"paths": [1]},
        {"paths": {"/shop": {"get": 5}}},
        {"security": {"shop_key": []}, "paths": {"/shop": {"get": {"security": [1], "responses": None}}}},
    ],
)
def test_a_broken_structure_is_reported_as_that(broken: Any, tmp_path: Path) -> None:
    spec, folder = tmp_path / "shop.json", tmp_path / "shop"
    spec.write_text(json.dumps(_document("nowhere") | broken))
    with pytest.raises(ContractError):
        create(spec, folder, names_of(folder, None))
    assert not folder.exists()


def test_nothing_is_written_where_the_text_cannot_be_edited(tmp_path: Path) -> None:
    spec, folder = tmp_path / "shop.yaml", tmp_path / "shop"
    text = yaml.safe_dump(_document("beside schemas"), sort_keys=False)
    spec.write_text(text.replace("components:", "components: &shared"))
    with pytest.raises(OutError, match="securitySchemes cannot be added"):
        create(spec, folder, names_of(folder, None))
    assert not folder.exists()


@pytest.mark.slow
def test_the_service_demands_them(tmp_path: Path) -> None:
    spec, folder = tmp_path / "shop.json", tmp_path / "shop"
    spec.write_text(json.dumps(_document("nowhere")))
    create(spec, folder, names_of(folder, None))
    tested = run(folder, "pytest", "-q", "-p", "no:cacheprovider")
    assert tested.returncode == 0, tested.stdout
