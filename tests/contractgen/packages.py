"""Small contracts, and the packages that are generated from them."""

import atexit
import copy
import fcntl
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from contractgen.document.load import Document, load
from contractgen.render.folder import write
from contractgen.render.package import render

THING = "/things/{thing_id}"
GOLDEN = Path(__file__).with_name("golden")

# One operation that reads and one that writes: the tests change one thing in it at a time.
_CONTRACT = """
openapi: 3.1.0
info: {title: Things, version: '1'}
tags: [{name: things, description: All things.}]
paths:
  /things/{thing_id}:
    get:
      operationId: get_thing
      tags: [things]
      summary: One thing
      parameters:
        - {name: thing_id, in: path, required: true, schema: {type: string, format: uuid}}
        - {name: word, in: query, schema: {type: string, maxLength: 5}}
      responses:
        '200': {$ref: '#/components/responses/Thing'}
    put:
      operationId: put_thing
      tags: [things]
      summary: Change a thing
      security: [{bearerAuth: []}]
      parameters:
        - {name: thing_id, in: path, required: true, schema: {type: string, format: uuid}}
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Thing'}
      responses:
        '204': {description: Done.}
components:
  securitySchemes:
    bearerAuth: {type: http, scheme: bearer}
  responses:
    Thing:
      description: A thing.
      headers:
        X-Age: {schema: {type: integer}}
      content:
        application/json:
          schema: {$ref: '#/components/schemas/Thing'}
  schemas:
    Thing:
      type: object
      additionalProperties: false
      required: [name]
      properties:
        name: {type: string, maxLength: 5}
        note: {type: [string, 'null'], maxLength: 5}
"""


_PARSED: dict[str, Any] = yaml.safe_load(_CONTRACT)
# The dumper in C where there is one: most tests write a document.
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def contract() -> Any:
    """A fresh copy of the small contract, to be changed."""
    return copy.deepcopy(_PARSED)


def write_document(folder: Path, document: Any) -> Path:
    """A document as a file in a folder."""
    path = folder / "openapi.yaml"
    path.write_text(yaml.dump(document, Dumper=_DUMPER, sort_keys=False, allow_unicode=True))
    return path


def read_document(folder: Path, document: Any) -> Document:
    return load(write_document(folder, document))


def write_package(document: Document, out: Path) -> Path:
    """What `contractgen generate` writes for a document."""
    write(render(document), out)
    return out


def import_package(name: str, folder: Path) -> Any:
    """Import a generated package under a name of its own, once."""
    known: ModuleType | None = sys.modules.get(name)
    if known is not None:
        return known
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[name] = package
    try:
        spec.loader.exec_module(package)
    except BaseException:
        del sys.modules[name]
        raise
    return package


def package_of(document: Any) -> Any:
    """Return the package of a contract, generated once a process: many tests send to the same one."""
    return _package(json.dumps(document))


@cache
def _package(text: str) -> Any:
    folder = Path(tempfile.mkdtemp(prefix="package-"))
    atexit.register(shutil.rmtree, folder)
    name = folder.name.replace("-", "_")
    return import_package(name, write_package(read_document(folder, json.loads(text)), folder / name))


@cache
def golden_folder(case: str) -> Path:
    """Return the folder of a golden contract's package, rendered once a process."""
    folder = Path(tempfile.mkdtemp(prefix="golden-")) / case
    atexit.register(shutil.rmtree, folder.parent)
    return write_package(load(GOLDEN / case / "openapi.yaml"), folder)


def golden_package(case: str) -> Any:
    return import_package(f"golden_{case}", golden_folder(case))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock that the processes of the run share."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def type_check(folder: Path, cache: Path) -> list[str]:
    """What mypy --strict says, notes included, of the packages and modules of a folder."""
    targets = sorted(p.name for p in folder.iterdir() if p.suffix == ".py" or (p / "__init__.py").is_file())
    options = ["--strict", "--python-version=3.11", "--no-error-summary", "--config-file="]
    run = subprocess.run(
        [sys.executable, "-m", "mypy", *options, f"--cache-dir={cache}", *targets],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode in (0, 1), run.stdout + run.stderr
    return run.stdout.splitlines()
