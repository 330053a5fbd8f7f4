"""Record what a package was generated from, so that a run that would change nothing ends at once.

The record is a digest of everything that decides: the generator itself, whether the run-time is copied, the
contract, every file of the package, and its examples; the contract's other files follow it by name. It is
stored in the package's `__pycache__`, which belongs to one machine: a fresh checkout has none, so a committed
package is always compared with a fresh generation.
"""

import hashlib
import os
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from contractgen.document.findings import ContractError
from contractgen.document.reading import source_of
from contractgen.render.folder import package_files
from contractgen.render.runtime import RUNTIME, core_modules

if TYPE_CHECKING:
    from contractgen.document.load import Document

_HERE = Path(__file__).parents[1]
_RECORD = Path("__pycache__", "contractgen.sha256")
# Libraries that decide what is generated, beside contractgen's own sources.
_MAKERS = ("datamodel-code-generator", "jinja2", "ruff")


def is_current(spec: Path, out: Path, examples: Path | None, *, vendor: bool) -> bool:
    """Return whether a package and its examples are unchanged since this generator wrote them."""
    try:
        seal, *others = (out / _RECORD).read_text().splitlines()
        sources = {name: source_of(spec.parent / name) for name in (spec.name, *others)}
    except (OSError, ValueError, ContractError):
        return False
    return seal == _seal(sources, out, examples, vendor)


def remember(document: "Document", out: Path, examples: Path | None, *, vendor: bool) -> None:
    """Record that a package is what its contract gives, if the record can be written."""
    folder = document.path.parent
    sources = {os.path.relpath(file.path, folder): file.source for file in document.files}
    record, seal = out / _RECORD, _seal(sources, out, examples, vendor)
    try:
        record.parent.mkdir(exist_ok=True)
        record.write_text("\n".join([seal, *list(sources)[1:]]))
    except OSError:
        return


def _seal(sources: dict[str, bytes], out: Path, examples: Path | None, vendor: bool) -> str:
    seal = hashlib.sha256()
    beside = examples.read_bytes() if examples and examples.is_file() else b""
    for part in (b"vendor" if vendor else b"", beside, *_parts(sources, out)):
        seal.update(len(part).to_bytes(8))
        seal.update(part)
    return seal.hexdigest()


def _parts(sources: dict[str, bytes], out: Path) -> Iterator[bytes]:
    yield from (f"{maker} {version(maker)}".encode() for maker in _MAKERS)
    for name, source in sources.items():
        yield name.encode()
        yield source
    decisive = ((_HERE, package_files(_HERE)), (RUNTIME, core_modules()), (out, package_files(out)))
    for folder, paths in decisive:
        for path in paths:
            yield str(path.relative_to(folder)).encode()
            yield path.read_bytes()
