"""`make sbom`: a bill of materials (CycloneDX 1.6) of what production installs by its lock, with licenses."""

import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from pressroom import __version__
from tests.house.project import read
from tests.security.lock import PRODUCTION, pins

_REQUIREMENT = re.compile(r"^([a-z0-9][a-z0-9._-]*)==.*?(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
_DEPENDENT = re.compile(r"^    #(?: via|  ) +([a-z0-9][a-z0-9._-]*)", re.MULTILINE)
_LONGEST_NAME = 60


def main(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(bill_of_materials(), indent=2, sort_keys=True) + "\n")
    print(path)


def bill_of_materials() -> dict[str, Any]:
    """Return the bill; it is the same for the same lock."""
    versions, text = pins(PRODUCTION), read(PRODUCTION)
    service = f"pkg:pypi/pressroom@{__version__}"
    needed: dict[str, list[str]] = {service: [], **{_purl(*each): [] for each in versions.items()}}
    for requirement in _REQUIREMENT.finditer(text):
        for name in _DEPENDENT.findall(requirement[0]):
            dependent = _purl(name, versions[name]) if name in versions else service
            needed[dependent].append(_purl(requirement[1], versions[requirement[1]]))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, service + text)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": service,
                "name": "pressroom",
                "version": __version__,
                "purl": service,
            }
        },
        "components": [_component(*each) for each in versions.items()],
        "dependencies": [{"ref": ref, "dependsOn": sorted(set(each))} for ref, each in needed.items()],
    }


def _purl(name: str, version: str) -> str:
    return f"pkg:pypi/{name}@{version}"


def _component(name: str, version: str) -> dict[str, Any]:
    purl = _purl(name, version)
    found = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    try:
        return found | {"licenses": list(_licenses(metadata(name)))}
    except PackageNotFoundError:  # of another platform or Python
        return found


def _licenses(of: PackageMetadata) -> Iterator[dict[str, Any]]:
    """Yield the licenses that a package names; its expression goes before older ways to say it."""
    if "License-Expression" in of:
        yield {"expression": of["License-Expression"]}
        return
    named = [each for each in of.get_all("Classifier", []) if each.startswith("License :: OSI Approved :: ")]
    short = [of["License"]] if "License" in of and len(of["License"]) < _LONGEST_NAME else []
    for each in [text.rpartition(" :: ")[2] for text in named] or short:
        yield {"license": {"name": each}}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
