"""A reference to another host is read from `remote/`, beside the document, and resolved as URLs are."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import yaml
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from contractgen.commands.cli import main
from contractgen.document.findings import ContractError
from contractgen.document.load import Document, load
from contractgen.document.references import ReferenceFault, parse_reference
from contractgen.plan.planner import make_plan

ROOT = """\
openapi: 3.1.0
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:
      operationId: list_pets
      parameters: [{$ref: 'https://common.example/v1/parameters.yaml#/limit'}]
      responses:
        '200':
          description: Pets.
          content: {application/json: {schema: {$ref: 'https://pets.example/v2/pets.yaml#/components/Pet'}}}
components:
  schemas:
    Pet: {$ref: 'https://pets.example/v2/pets.yaml#/components/Pet'}
    Beast:
      oneOf: [{$ref: 'https://pets.example/v2/cat.json'}, {$ref: 'https://pets.example/v2/dogs.yaml#/Dog'}]
      discriminator:
        propertyName: kind
        mapping: {c: https://pets.example/v2/cat.json, d: 'https://pets.example/v2/dogs.yaml#/Dog'}
"""
FILES = {
    "pets.example/v2/pets.yaml": """\
components:
  Pet:
    type: object
    properties:
      tag: {$ref: tags/tag.yaml}
      owner: {$ref: '/people.yaml#/Person'}
      same: {$ref: '../../../../v2/cat.json'}
      kind: {$ref: '//COMMON.example:443/v1/kinds.yaml#/Kind'}
""",
    "pets.example/v2/tags/tag.yaml": """\
{type: object, properties: {of: {$ref: '../pets.yaml#/components/Pet'}}}
""",
    "pets.example/people.yaml": """\
Person: {type: object, properties: {pet: {$ref: 'v2/pets.yaml#/components/Pet'}}}
""",
    "pets.example/v2/cat.json": """\
{"type": "object", "required": ["kind"], "properties": {"kind": {"const": "c"}}}
""",
    "pets.example/v2/dogs.yaml": """\
Dog: {type: object, required: [kind], properties: {kind: {const: d}}}
""",
    "common.example/v1/parameters.yaml": """\
limit: {name: limit, in: query, schema: {$ref: 'https://common.example/v1/kinds.yaml#/Limit'}}
""",
    "common.example/v1/kinds.yaml": "{Kind: {enum: [cat, dog]}, Limit: {type: integer, maximum: 9}}\n",
}


def written(folder: Path, **changes: str | None) -> Path:
    """The contract in a folder with the files of other hosts, some of them changed or left out; its path."""
    for name, text in {**FILES, **changes}.items():
        if text is not None:
            path = folder / "remote" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    (folder / "openapi.yaml").write_text(ROOT)
    return folder / "openapi.yaml"


@pytest.fixture
def joined(tmp_path: Path) -> Document:
    return load(written(tmp_path))


def test_targets_become_components_with_short_names(joined: Document) -> None:
    assert list(joined.value["components"]["schemas"]) == [
        *("Pet", "Beast", "tag", "Person", "cat", "Kind", "Dog", "Limit")
    ]
    assert list(joined.value["components"]["parameters"]) == ["limit"]
    assert "://" not in joined.source.decode()


def unfolded(value: Any, base: str, resolver: Any, depth: int = 16) -> Any:
    """Replace the references of a value by their targets, as deep as asked."""
    if depth == 0:
        return None
    if isinstance(value, list):
        return [unfolded(each, base, resolver, depth - 1) for each in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        address = urljoin(base, value["$ref"])
        found = resolver.lookup(address)
        return unfolded(found.contents, address, resolver, depth)
    return {name: unfolded(each, base, resolver, depth - 1) for name, each in value.items()}


def test_references_resolve_as_by_a_foreign_resolver(joined: Document, tmp_path: Path) -> None:
    """referencing follows the addresses themselves; it knows nothing of `remote/`."""

    def retrieved(address: str) -> Any:
        text = FILES[address.lower().removeprefix("https://").replace(":443/", "/")]
        return DRAFT202012.create_resource(yaml.safe_load(text))

    raw = DRAFT202012.create_resource(yaml.safe_load(ROOT))
    registry: Any = Registry  # its types do not have `retrieve`
    there = registry(retrieve=retrieved).with_resource("https://root.example/openapi.yaml", raw)
    here = registry().with_resource("https://joined.example/", DRAFT202012.create_resource(joined.value))
    expected, found = (
        unfolded({name: value[name] for name in ("paths", "components")}, base, registry.resolver())
        for value, base, registry in (
            (raw.contents, "https://root.example/openapi.yaml", there),
            (joined.value, "https://joined.example/", here),
        )
    )
    for components in (expected["components"], found["components"]):
        del components["schemas"]["Beast"]["discriminator"]  # resolvers do not know it
    schemas = found["components"].pop("schemas")
    found["components"] = {"schemas": {name: schemas[name] for name in expected["components"]["schemas"]}}
    assert found == expected
    assert "'enum': ['cat', 'dog']" in str(expected["paths"])


def test_a_mapping_names_the_components(joined: Document) -> None:
    assert joined.value["components"]["schemas"]["Beast"]["discriminator"]["mapping"] == {
        "c": "#/components/schemas/cat",
        "d": "#/components/schemas/Dog",
    }


def test_a_finding_is_in_the_file_of_the_other_host(tmp_path: Path) -> None:
    path = written(tmp_path, **{"pets.example/v2/dogs.yaml": "Dog:\n  type: object\n  minProperties: x\n"})
    with pytest.raises(ContractError, match=r"remote/pets\.example/v2/dogs\.yaml:3:3: #/Dog/minProperties: "):
        make_plan(load(path))


def test_each_reference_to_a_file_that_is_not_there_says_how_to_fetch_it(tmp_path: Path) -> None:
    spec = written(tmp_path, **dict.fromkeys(FILES))
    with pytest.raises(ContractError) as caught:
        load(spec)
    assert [f"{each.line}:{each.column} {each.message}: {each.hint}" for each in caught.value.findings] == [
        f"{position} the reference https://{address} leads to {tmp_path}/remote/{address.partition('#')[0]}, "
        f"which is not there: run `contractgen fetch {spec}`"
        for position, address in [
            ("7:20", "common.example/v1/parameters.yaml#/limit"),
            ("11:40", "pets.example/v2/pets.yaml#/components/Pet"),
            ("14:5", "pets.example/v2/pets.yaml#/components/Pet"),
            ("16:15", "pets.example/v2/cat.json"),
            ("16:59", "pets.example/v2/dogs.yaml#/Dog"),
            ("19:19", "pets.example/v2/cat.json"),
            ("19:56", "pets.example/v2/dogs.yaml#/Dog"),
        ]
    ]


@pytest.mark.parametrize(
    ("reference", "path", "address"),
    [
        ("https://h.example/a/b.yaml#/c", "h.example/a/b.yaml", "https://h.example/a/b.yaml"),
        ("HTTPS://H.Example/A.yaml", "h.example/A.yaml", "https://h.example/A.yaml"),
        ("http://h.example:80/a.yaml", "h.example/a.yaml", "http://h.example/a.yaml"),
        ("https://h.example:8443/a.yaml", "h.example_8443/a.yaml", "https://h.example:8443/a.yaml"),
        ("https://h.example/../../x", "h.example/x", "https://h.example/x"),
        ("https://h.example/a/%2e%2e/%2E%2e/..%2f../x", "h.example/x", "https://h.example/x"),
        ("https://h.example/./a/./b.yaml", "h.example/a/b.yaml", "https://h.example/a/b.yaml"),
        ("https://h.example//etc/passwd", "h.example/etc/passwd", "https://h.example/etc/passwd"),
        ("https://h.example/a%20b%C3%A9.yaml", "h.example/a bé.yaml", "https://h.example/a%20b%C3%A9.yaml"),
    ],
)
def test_the_path_of_a_file_stays_below_its_host(reference: str, path: str, address: str) -> None:
    parsed = parse_reference(reference)
    assert (parsed.path, parsed.address) == (f"remote/{path}", address)


@pytest.mark.parametrize(
    "reference",
    [
        *("https://h.example", "https://h.example/", "https://h.example/a/", "https://h.example/a/.."),
        *(
            "https://h.example/a.yaml?raw=true",
            "https://user@h.example/a.yaml",
            "https://u:p@h.example/a.yaml",
        ),
        *("https://../a.yaml", "https://./a.yaml", "https:///a.yaml", "https://[::1]/a.yaml", "https:a.yaml"),
        *("https://h.example/a%5C..%5Cb", "https://h.example/a%00b", "https://h.example/%ff"),
        *("https://h.example:port/a.yaml", "https://h.example:99999/a.yaml", "https://h.example/a.yaml#name"),
        *("ftp://h.example/a.yaml", "file:///etc/passwd", "//h.example/a.yaml"),
    ],
)
def test_what_is_not_the_address_of_a_file_is_rejected(reference: str) -> None:
    with pytest.raises(ReferenceFault, match=r"cannot follow|is not a relative path"):
        parse_reference(reference)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a connection was opened")

    with monkeypatch.context() as patch:
        patch.setattr(socket, "create_connection", refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        yield


@pytest.mark.usefixtures("no_network")
def test_commands_read_what_is_there_and_notice_its_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec, out = written(tmp_path), tmp_path / "pets"
    package = [str(spec), "--out", str(out)]
    assert main(["generate", *package]) == main(["check", *package]) == main(["lint", str(spec)]) == 0
    kinds = tmp_path / "remote" / "common.example" / "v1" / "kinds.yaml"
    assert f"{kinds}:1:28: warning: #/Limit: " in capsys.readouterr().out

    old = tmp_path / "old"
    old.mkdir()
    written(old)
    kinds.write_text(kinds.read_text().replace("maximum: 9", "maximum: 8"))
    assert main(["check", *package]) == 1
    assert main(["diff", str(old / "openapi.yaml"), str(spec)]) == 1
    assert f"{kinds}:1:" in capsys.readouterr().out


def test_a_file_of_another_host_is_not_edited(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The next fetch would bring the old one back."""
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "nullable": True}}
    name = "common.example/v1/parameters.yaml"
    changed = {name: yaml.safe_dump({"limit": limit})}
    spec = written(tmp_path, **changed)
    main(["lint", "--fix", str(spec)])
    printed = capsys.readouterr()
    assert "#/limit/schema/nullable: " in printed.out
    assert "edits made" not in printed.err
    assert (tmp_path / "remote" / name).read_text() == changed[name]


def test_an_anchor_of_an_old_draft_is_left_out(tmp_path: Path) -> None:
    """`$id: "#name"` names a schema in draft 7, and leaves the base of its references as it is."""
    text = 'Dog: {$id: "#dog", type: object, properties: {friend: {$ref: "cat.json"}}}\n'
    made = load(written(tmp_path, **{"pets.example/v2/dogs.yaml": text})).value["components"]["schemas"][
        "Dog"
    ]
    assert made == {"type": "object", "properties": {"friend": {"$ref": "#/components/schemas/cat"}}}


def test_components_of_one_name_have_that_of_their_file(tmp_path: Path) -> None:
    spec = written(tmp_path)
    names = ("a.example/one.yaml", "a.example/two.yaml", "b.example/two.yaml", "b.example/two.json")
    references = [f"{{$ref: 'https://{name}#/components/schemas/Box'}}" for name in names]
    spec.write_text(f"{ROOT}    All: {{prefixItems: [{', '.join(references)}]}}\n")
    for name in names:
        (tmp_path / "remote" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "remote" / name).write_text("components: {schemas: {Box: {title: a box}}}\n")
    assert load(spec).value["components"]["schemas"]["All"]["prefixItems"] == [
        {"$ref": f"#/components/schemas/{name}"} for name in ("Box", "two_Box", "b.example_two_Box", "Box_2")
    ]
