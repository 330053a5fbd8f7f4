"""A section of a changelog, as a reader of Markdown shows it."""

import copy
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from contractgen.commands.cli import main
from tests.contractgen.packages import THING, contract, write_document

OTHER = "/other_things/{thing_id}"


def changed() -> Any:
    document = contract()
    document["info"] |= {"version": "2.0.0", "description": "All of them."}
    document["paths"]["/a*b*_c_"] = {"get": {"responses": {"204": {"description": "Done."}}}}
    get, put = document["paths"][THING]["get"], document["paths"][THING]["put"]
    get["operationId"] = "fetch_thing"
    get["parameters"].append({"name": "<b>", "in": "query", "schema": {"type": "string"}})
    put["summary"] = "Replace it"
    put["deprecated"] = True
    document["components"]["schemas"]["Thing"]["properties"]["name"]["pattern"] = "^a*$"
    return document


EXPECTED = r"""## 2.0.0

### Breaking

- **GET /things/{thing_id}**
    - operationId get_thing -> fetch_thing: generated names change (`/operationId`)
- **Schema Thing**, used by GET /things/{thing_id}, PUT /things/{thing_id}
    - in requests: pattern none -> "^a\*$": other strings are rejected (`/properties/name/pattern`)

### Added

- **GET /a\*b\*\_c\_**
    - the operation GET /a\*b\*\_c\_ is new
- **GET /things/{thing_id}**
    - the query parameter \<b> is new (`/parameters/2`)

### Changed

- **PUT /things/{thing_id}**
    - is deprecated now (`/deprecated`)
    - summary changed (`/summary`)
- **Schema Thing**, used by GET /things/{thing_id}, PUT /things/{thing_id}
    - in responses: pattern none -> "^a\*$": other strings are no longer sent (`/properties/name/pattern`)
- **The contract**
    - info changed (`/info`)
"""


def section(folder: Path, capsys: pytest.CaptureFixture[str], old: Any, new: Any, *more: str) -> str:
    paths = []
    for name, document in (("old", old), ("new", new)):
        (folder / name).mkdir(exist_ok=True)
        paths.append(str(write_document(folder / name, document)))
    main(["diff", *paths, "--format", "markdown", *more])
    return capsys.readouterr().out


def test_changes_are_grouped_by_operation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert section(tmp_path, capsys, contract(), changed()) == EXPECTED


def test_a_reader_sees_the_names_of_the_contract(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = MarkdownIt().render(section(tmp_path, capsys, contract(), changed()))
    text = unescape(re.sub(r"</?(?:h[23]|ul|li|strong|code|p)>", "", shown))
    assert "the operation GET /a*b*_c_ is new" in text
    assert "the query parameter <b> is new" in text
    assert 'pattern none -> "^a*$"' in text
    assert shown.count("<strong>") == EXPECTED.count("- **")


def test_the_order_of_the_documents_means_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def reversed_order(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: reversed_order(value[name]) for name in reversed(value)}
        return value

    old, new = contract(), changed()
    old["paths"][OTHER] = copy.deepcopy(old["paths"][THING])
    for item in old["paths"][OTHER].values():
        item["operationId"] += "_2"
    first = section(tmp_path, capsys, old, new)
    assert section(tmp_path, capsys, reversed_order(old), reversed_order(new)) == first
    assert "the operation PUT /other_things/{thing_id} is gone" in first


def test_another_version_alone_is_no_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = contract()
    new["info"]["version"] = "1.0.1"
    assert section(tmp_path, capsys, contract(), new) == "## 1.0.1\n\nNothing changed.\n"


def test_the_section_is_alone_on_standard_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = changed()
    new["info"]["version"] = "1.5.0"
    paths = []
    for name, document in (("old.yaml", contract()), ("new.yaml", new)):
        paths.append(str(write_document(tmp_path, document).rename(tmp_path / name)))
    assert main(["diff", *paths, "--format", "markdown"]) == 0
    assert main(["diff", *paths, "--format", "markdown", "--versions"]) == 1
    told = capsys.readouterr()
    assert told.out == EXPECTED.replace("2.0.0", "1.5.0", 1) * 2
    assert told.err.count("it needs 2.0.0 or later") == 1
