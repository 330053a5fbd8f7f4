"""What is installed where: the locks, and what production leaves out."""

import json
import re
import tomllib
from importlib.metadata import requires
from typing import Any

import pytest
from packaging.requirements import Requirement

from tests.house.project import read

LOCKS = ["requirements.lock", "requirements-dev.lock"]
PEERS = "load/peers/requirements.lock"
PROJECT: dict[str, Any] = tomllib.loads(read("pyproject.toml"))
TOOL: dict[str, Any] = tomllib.loads(read("src/contractgen/pyproject.toml"))
RUNTIME: dict[str, Any] = tomllib.loads(read("src/contractgen_runtime/pyproject.toml"))
#: Built from this checkout, so in no lock.
OWN = {"contractgen", "contractgen-runtime"}


def pins(lock: str) -> dict[str, str]:
    """Version by name, as the lock has them."""
    return dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", read(lock), re.MULTILINE))


def name_of(requirement: str) -> str:
    named = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert named, requirement
    return re.sub(r"[-_.]+", "-", named[0]).lower()


def dependencies(project: dict[str, Any]) -> set[str]:
    return {name_of(entry) for entry in project["project"]["dependencies"]}


def tool() -> set[str]:
    """Return what contractgen needs with all its extras."""
    extras = TOOL["project"]["optional-dependencies"].values()
    return dependencies(TOOL) | {name_of(entry) for extra in extras for entry in extra}


def production_requirements() -> list[str]:
    """Return what the service and its run-time need, with the extras of the run-time that it names."""
    needed: list[str] = PROJECT["project"]["dependencies"] + RUNTIME["project"]["dependencies"]
    (runtime,) = (each for each in needed if name_of(each) == "contractgen-runtime")
    extras = RUNTIME["project"]["optional-dependencies"]
    return needed + [entry for extra in Requirement(runtime).extras for entry in extras[extra]]


def production() -> set[str]:
    return set(map(name_of, production_requirements()))


def group(name: str) -> set[str]:
    return {name_of(entry) for entry in PROJECT["dependency-groups"][name] if isinstance(entry, str)}


@pytest.mark.parametrize("lock", [*LOCKS, PEERS])
def test_a_lock_pins_everything_by_hash_and_names_no_address(lock: str) -> None:
    requirements = re.split(r"^(?=[^\s#])", read(lock), flags=re.MULTILINE)[1:]
    assert len(requirements) == len(pins(lock)) > 20
    for requirement in requirements:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", requirement), requirement
        assert "://" not in requirement
        assert " @ " not in requirement


def test_both_locks_agree_and_the_larger_one_has_everything() -> None:
    small, everything = (pins(lock) for lock in LOCKS)
    assert small.items() <= everything.items()
    groups = set().union(*(group(name) for name in PROJECT["dependency-groups"]))
    assert groups | tool() <= everything.keys() | OWN
    assert production() <= small.keys() | OWN


def test_the_lock_of_production_has_the_extras_of_libraries() -> None:
    """As `pyjwt[crypto]` needs cryptography, which nothing else would bring."""
    needed = {
        name_of(dependency)
        for requirement in map(Requirement, production_requirements())
        for dependency in requires(requirement.name) or ()
        for extra in requirement.extras
        if (marker := Requirement(dependency).marker) and marker.evaluate({"extra": extra})
        if requirement.name != "contractgen-runtime"
    }
    assert {"cryptography", "httptools"} <= needed <= pins("requirements.lock").keys()


def test_the_peers_of_a_bench_have_the_versions_of_the_service() -> None:
    shared = pins(PEERS).keys() & pins("requirements.lock").keys()
    assert {"asyncpg", "fastapi", "uvicorn"} <= shared
    assert {name for name in shared if pins(PEERS)[name] != pins("requirements.lock")[name]} == set()


def test_production_has_nothing_that_only_development_needs() -> None:
    # Both come with uvicorn[standard]: it reads log configurations with PyYAML, and reloads by watchfiles.
    development = set.union(*map(group, ("embedded", "test", "load", "sdk"))) | tool()
    assert (development - production()) & pins("requirements.lock").keys() == {"pyyaml", "watchfiles"}
    assert not pins("requirements.lock").keys() & {"email-validator", "python-multipart"}


def test_the_dev_group_is_all_groups() -> None:
    groups = PROJECT["dependency-groups"]
    assert {entry["include-group"] for entry in groups["dev"]} == groups.keys() - {"dev"}


def test_the_image_builds_its_wheel_with_locked_tools() -> None:
    wanted = re.search(r"wanted = /\^\(([^)]+)\)==/", read("Dockerfile"))
    assert wanted
    needed = {name_of(requirement) for requirement in requires("hatchling") or () if ";" not in requirement}
    assert set(wanted[1].split("|")) == needed | {"hatchling"}


@pytest.mark.parametrize(
    ("folder", "group"), [("tests/sdk", "devDependencies"), ("load/peers/apps/fastify", "dependencies")]
)
def test_packages_of_node_are_pinned_without_addresses(folder: str, group: str) -> None:
    lock = json.loads(read(f"{folder}/package-lock.json"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if "integrity" not in package] == []
    versions = json.loads(read(f"{folder}/package.json"))[group].values()
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)
