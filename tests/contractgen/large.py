"""A large contract of many kinds of schemas, parameters and responses, and what it costs to generate from it.

    python -m tests.contractgen.large [OPERATIONS] [MEGABYTES]

prints the seconds and megabytes of a generation, and of a second one that has nothing to do.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_FIELDS: list[dict[str, Any]] = [
    {"type": "string", "maxLength": 40},
    {"type": "string", "format": "uuid"},
    {"type": "string", "format": "date-time"},
    {"type": "integer", "minimum": 0, "maximum": 10_000},
    {"type": "number", "exclusiveMinimum": 0},
    {"type": ["boolean", "null"]},
    {"enum": ["small", "medium", "large"], "default": "medium"},
    {"type": "array", "maxItems": 9, "items": {"type": "string", "pattern": "^[a-z]+$"}},
    {"type": "object", "additionalProperties": {"type": "integer"}},
    {"anyOf": [{"type": "string"}, {"type": "integer"}]},
]


def large_contract(operations: int, megabytes: float) -> dict[str, Any]:
    """A contract with that many operations, made that large by descriptions, as real ones are."""
    schemas = {f"Thing{n}": _schema(n, operations) for n in range(operations)}
    paths: dict[str, Any] = {}
    for n in range(operations):
        path = f"/area{n // 40}/things{n // 4}" + ("/{thing_id}" if n % 2 else "")
        paths.setdefault(path, {})["get" if n % 4 < 2 else "put"] = _operation(n)
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Large", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": schemas | {"Problem": {"type": "object", "properties": {"title": {"type": "string"}}}},
            "securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"}},
        },
    }
    missing = int(megabytes * 1e6) - len(json.dumps(document))
    prose = "All that there is to say about it, at length. " * max(0, missing // (46 * operations))
    for item in paths.values():
        for operation in item.values():
            operation["description"] = prose
    return document


def _schema(number: int, count: int) -> dict[str, Any]:
    """Every tenth builds on another, every tenth is a choice; each refers to two more."""
    others = [{"$ref": f"#/components/schemas/Thing{(number * step + 1) % count}"} for step in (7, 13)]
    if number % 10 == 9:
        return {"oneOf": [_schema(number - 1, count), {"type": "string", "maxLength": number}]}
    fields = {f"field_{number}_{n}": _FIELDS[(number + n) % 10] for n in range(15)}
    own = {
        "type": "object",
        "description": f"The thing of number {number}.",
        "required": [f"field_{number}_0"],
        "properties": fields | {"next": others[0], "more": {"type": "array", "items": others[1]}},
    }
    return {"allOf": [{"$ref": "#/components/schemas/Problem"}, own]} if number % 10 == 8 else own


def _operation(number: int) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/Thing{number}"}}}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    parameters: list[dict[str, Any]] = [
        {"name": f"word_{number}", "in": "query", "schema": _FIELDS[number % 5]},
        {"name": "X-Trace", "in": "header", "schema": {"type": "string", "maxLength": 40}},
    ]
    if number % 2:
        parameters.append({"name": "thing_id", "in": "path", "required": True, "schema": _FIELDS[1]})
    made: dict[str, Any] = {
        "operationId": f"{'get' if number % 4 < 2 else 'put'}_thing_{number}",
        "tags": [f"area{number // 40}"],
        "parameters": parameters,
        "security": [{"bearerAuth": []}],
        "responses": {
            "200": {"description": "Here it is.", "content": content},
            "404": {"description": "There is none.", "content": problem},
            "default": {"description": "It went wrong.", "content": problem},
        },
    }
    return made if number % 4 < 2 else made | {"requestBody": {"required": True, "content": content}}


def main() -> None:
    """Generate twice, and print what it took."""
    operations, megabytes = (int(sys.argv[1]), float(sys.argv[2])) if sys.argv[2:] else (1000, 12.0)
    with tempfile.TemporaryDirectory() as name:
        spec, out = Path(name, "openapi.json"), Path(name, "large")
        spec.write_text(json.dumps(large_contract(operations, megabytes), indent=1))
        sys.stdout.write(f"{operations} operations, {spec.stat().st_size / 1e6:.1f} MB\n")
        for what in ("all", "nothing to do"):
            begin = time.perf_counter()
            command = [sys.executable, "-m", "contractgen", "generate", str(spec), "--out", str(out)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seconds = time.perf_counter() - begin
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            processor, most = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
            sys.stdout.write(
                f"{what}: {seconds:.1f} s ({processor:.1f} s of processor so far), {most:.0f} MB\n"
            )


if __name__ == "__main__":
    main()
