"""The wheels beside a service: copied, built from a checkout, or packed again from what is installed."""

import subprocess
import sys
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

import pytest

import contractgen
from contractgen.document.findings import ToolError
from contractgen.new import wheels
from contractgen.new.wheels import provide_wheels
from tests.tiers import slow

NAMES = ("contractgen", "contractgen_runtime")


def wheel_of(folder: Path, name: str) -> Path:
    (found,) = folder.glob(f"{name}-*.whl")
    return found


def installed(wheel: Path, target: Path) -> dict[str, bytes]:
    """Install a wheel into a folder by pip; return the files that it has there."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile"]
    subprocess.run([*command, "--target", str(target), str(wheel)], check=True)
    return {
        str(path.relative_to(target)): path.read_bytes()
        for path in target.rglob("*")
        if path.is_file() and path.name not in {"RECORD", "direct_url.json", "REQUESTED"}
    }


# Copied --------------------------------------------------------------------------------------------------


def test_the_newest_wheels_of_a_folder_are_copied(tmp_path: Path) -> None:
    links = tmp_path / "links"
    links.mkdir()
    for name in (*NAMES, "other"):
        for version in ("0.1.0", "0.2.0"):
            (links / f"{name}-{version}-py3-none-any.whl").write_text(f"{name} {version}")
    provide_wheels(tmp_path / "new" / "wheels", links)
    found = {path.name: path.read_text() for path in (tmp_path / "new" / "wheels").iterdir()}
    assert found == {f"{name}-0.2.0-py3-none-any.whl": f"{name} 0.2.0" for name in NAMES}


def test_version_10_is_newer_than_version_9(tmp_path: Path) -> None:
    for name in NAMES:
        for version in ("0.9.0", "0.10.0"):
            (tmp_path / f"{name}-{version}-py3-none-any.whl").write_text(version)
    provide_wheels(tmp_path / "wheels", tmp_path)
    assert wheel_of(tmp_path / "wheels", "contractgen").read_text() == "0.10.0"


@pytest.mark.parametrize("present", [(), ("contractgen",), ("contractgen_runtime",)])
def test_a_folder_without_a_wheel_is_named(tmp_path: Path, present: tuple[str, ...]) -> None:
    for name in present:
        (tmp_path / f"{name}-1.0-py3-none-any.whl").write_text("")
    with pytest.raises(ToolError, match="has no wheel of contractgen") as caught:
        provide_wheels(tmp_path / "wheels", tmp_path)
    assert str(tmp_path) in str(caught.value)


# Built and packed ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheels of this checkout."""
    folder = tmp_path_factory.mktemp("built")
    provide_wheels(folder, None)
    return folder


@slow
def test_a_checkout_is_built(built: Path) -> None:
    assert sorted(path.name.partition("-")[0] for path in built.iterdir()) == sorted(NAMES)
    packed = {
        name for name in zipfile.ZipFile(wheel_of(built, "contractgen")).namelist() if "dist-info" not in name
    }
    home = Path(contractgen.__file__).parent
    templates = {f"contractgen/{path.relative_to(home)}" for path in home.rglob("*.jinja")}
    assert len(templates) > 15
    assert templates <= packed, "a service is made from templates"


@pytest.fixture
def site(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment in which both are installed from wheels, as pip does it."""
    target = tmp_path / "site"
    for name in NAMES:
        installed(wheel_of(built, name), target)
    found = {each.metadata["Name"]: each for each in Distribution.discover(path=[str(target)])}
    packages: dict[str, Any] = {
        name: type("Package", (), {"__file__": str(target / name.replace("-", "_") / "__init__.py")})
        for name in ("contractgen", "contractgen-runtime")
    }
    monkeypatch.setattr(wheels, "_PACKAGES", packages)
    monkeypatch.setattr(wheels, "distribution", found.__getitem__)
    return target


@slow
@pytest.mark.parametrize("name", NAMES)
def test_what_is_installed_is_packed_again(built: Path, site: Path, tmp_path: Path, name: str) -> None:
    """Installed, both wheels give the same files."""
    (site / name / "__pycache__").mkdir()
    (site / name / "__pycache__" / "x.cpython-311.pyc").write_bytes(b"x")
    provide_wheels(tmp_path / "packed", None)
    again = wheel_of(tmp_path / "packed", name)
    assert again.name == wheel_of(built, name).name
    assert zipfile.ZipFile(again).testzip() is None
    first = installed(wheel_of(built, name), tmp_path / "first")
    assert installed(again, tmp_path / "second") == first
    assert len(first) > 40


@slow
def test_two_packings_give_the_same_bytes(site: Path, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        provide_wheels(tmp_path / folder, None)
    for name in NAMES:
        one, two = (wheel_of(tmp_path / folder, name).read_bytes() for folder in ("one", "two"))
        assert one == two
    assert (site / "contractgen").is_dir()


def test_what_is_not_installed_as_a_distribution_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere: Any = type("Package", (), {"__file__": str(tmp_path / "contractgen" / "__init__.py")})
    monkeypatch.setattr(wheels, "_PACKAGES", {"no-such-distribution": nowhere})
    with pytest.raises(ToolError, match="no-such-distribution is not installed as a distribution"):
        provide_wheels(tmp_path / "wheels", None)


def test_an_editable_installation_elsewhere_is_not_packed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its distribution has a path file instead of the package: a wheel of that would be empty."""
    package: Any = type("Package", (), {"__file__": str(tmp_path / "contractgen" / "__init__.py")})
    monkeypatch.setattr(wheels, "_PACKAGES", {"contractgen": package})
    files = [str(each) for each in distribution("contractgen").files or ()]
    assert not any(each.startswith("contractgen/") for each in files), "the tests' environment is editable"
    with pytest.raises(ToolError, match="contractgen is installed as an editable project; give --find-links"):
        provide_wheels(tmp_path / "wheels", None)
    assert list((tmp_path / "wheels").iterdir()) == []


def test_a_checkout_that_cannot_be_built_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "contractgen").mkdir()
    (tmp_path / "contractgen" / "pyproject.toml").write_text("[build-system]\nrequires = []\n")
    package: Any = type("Package", (), {"__file__": str(tmp_path / "contractgen" / "__init__.py")})
    failed = subprocess.CompletedProcess([], 1, "", "long\nERROR: no backend\n")
    monkeypatch.setattr(wheels, "_PACKAGES", {"contractgen": package})
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(ToolError) as caught:
        provide_wheels(tmp_path / "wheels", None)
    reason = "no wheel can be built: ERROR: no backend; give --find-links a folder with wheels"
    assert str(caught.value) == f"{tmp_path / 'contractgen'}: {reason}"
