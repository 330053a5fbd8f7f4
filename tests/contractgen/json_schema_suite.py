"""The JSON-Schema project's own tests of draft 2020-12, sent over HTTP to `contractgen mock`.

    python -m tests.contractgen.json_schema_suite PATH/TO/JSON-Schema-Test-Suite

prints every test that a generated route decides otherwise. The tests are taken as they are published, without
`format.json`, since formats are asserted here, and without groups that need `$id`, anchors, `$dynamicRef`, a
vocabulary or a remote document.
"""

import argparse
import http.client
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from contractgen.schema.schemas import DIALECT
from contractgen.schema.walk import below, schema_at

_DRAFT = Path("tests", "draft2020-12")
_LEFT_OUT = {"format.json"}
_NEEDED_ELSEWHERE = {"$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$vocabulary"}


@dataclass(frozen=True)
class Group:
    """Tests of one schema: each a description, a value, and whether the schema admits it."""

    name: str
    schema: Any
    tests: tuple[tuple[str, Any, bool], ...]


def read_groups(suite: Path) -> list[Group]:
    """Every group that a contract can hold, from a checkout of the suite."""
    found = []
    for file in sorted((suite / _DRAFT).glob("*.json")):
        for group in json.loads(file.read_text()) if file.name not in _LEFT_OUT else ():
            if _stands_alone(group["schema"]):
                tests = tuple((each["description"], each["data"], each["valid"]) for each in group["tests"])
                found.append(Group(f"{file.stem}: {group['description']}", group["schema"], tests))
    return found


def _stands_alone(schema: Any) -> bool:
    return all(
        not _NEEDED_ELSEWHERE & each.keys()
        and each.get("$schema", DIALECT) == DIALECT
        and str(each.get("$ref", "#")).startswith("#")
        for each in _schemas(schema)
    )


def _schemas(schema: Any) -> Iterator[dict[str, Any]]:
    """A schema and all below it, but those that are true or false."""
    if isinstance(schema, dict):
        yield schema
        for path in below(schema):
            yield from _schemas(schema_at(schema, path))


def contract_of(groups: list[Group]) -> dict[str, Any]:
    """A contract with an operation for each group, whose body has the group's schema."""
    paths, schemas = {}, {}
    for number, group in enumerate(groups):
        name = f"Group{number}"
        schemas[name] = json.loads(json.dumps(group.schema))
        for schema in _schemas(schemas[name]):
            if "$ref" in schema:
                schema["$ref"] = f"#/components/schemas/{name}{schema['$ref'][1:]}"
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
        paths[f"/{number}"] = {
            "post": {
                "operationId": f"check_{number}",
                "requestBody": {"required": True, "content": content},
                "responses": {"204": {"description": "The schema admits the body."}},
            }
        }
    info = {"title": "JSON-Schema-Test-Suite", "version": "1"}
    return {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": schemas}}


@contextmanager
def mock(contract: dict[str, Any]) -> Iterator[str]:
    """The address at which `contractgen mock` serves a contract, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder, "contract.json")
        spec.write_text(json.dumps(contract))
        command = [sys.executable, "-m", "contractgen", "mock", str(spec), "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                yield process.stdout.readline().split()[0]
            finally:
                process.terminate()


def wrong_decisions(groups: list[Group]) -> list[str]:
    """The tests that come out otherwise than the suite says, by name."""
    wrong = []
    with mock(contract_of(groups)) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        for number, group in enumerate(groups):
            for description, data, valid in group.tests:
                connection.request(
                    "POST", f"/{number}", json.dumps(data), {"Content-Type": "application/json"}
                )
                answer = connection.getresponse()
                text = answer.read().decode()
                if answer.status // 100 != (2 if valid else 4):
                    wrong.append(f"{group.name}: {description}: {answer.status} {text}")
        connection.close()
    return wrong


def main() -> int:
    """Run the whole suite; 1 when fewer than 99 of 100 tests come out as it says."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("suite", type=Path, help="a checkout of json-schema-org/JSON-Schema-Test-Suite")
    groups = read_groups(parser.parse_args().suite)
    count = sum(len(group.tests) for group in groups)
    wrong = wrong_decisions(groups)
    for each in wrong:
        print(each)
    print(f"{count - len(wrong)} of {count} tests in {len(groups)} groups come out as the suite says")
    return 0 if len(wrong) * 100 <= count else 1


if __name__ == "__main__":
    sys.exit(main())
