"""The command `new`: what it writes and prints, and that a mistake leaves nothing behind."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from contractgen.commands.cli import main
from tests.contractgen.new.scaffolds import CONTRACTS, created, run
from tests.contractgen.packages import contract, write_document
from tests.tiers import slow

pytestmark = slow  # Most create whole services, with their wheels.

NAMES = ("contractgen", "contractgen_runtime")


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    return write_document(tmp_path, contract())


@pytest.fixture
def links(tmp_path: Path) -> Path:
    """A folder of wheels, which only have to be copied."""
    folder = tmp_path / "links"
    folder.mkdir()
    for name in NAMES:
        (folder / f"{name}-9.9.9-py3-none-any.whl").write_text(name)
    return folder


def new(*arguments: object) -> int:
    return main(["new", *map(str, arguments)])


def test_the_next_steps_are_printed(
    spec: Path, links: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "shop"
    assert new(spec, folder, "--find-links", links) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert printed.out.startswith(f"{folder}: a service of 2 operations")
    steps = re.findall(r"^  (.+?)(?:  +#.*)?$", printed.out, re.MULTILINE)
    assert steps == [f"cd {folder}", "make run", "make test"]
    targets = re.findall(r"^([a-z]+):", (folder / "Makefile").read_text(), re.MULTILINE)
    assert {"run", "test"} <= set(targets)
    assert sorted(path.name for path in (folder / "wheels").iterdir()) == sorted(
        f"{name}-9.9.9-py3-none-any.whl" for name in NAMES
    )


def test_the_same_as_json(
    spec: Path, links: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "my-folder"
    assert new(spec, folder, "--name", "petStore", "--find-links", links, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    found: dict[str, object] = {"skipped": [], "assumed": {}, "findings": []}
    assert told == {"folder": str(folder), "service": "pet_store", "operations": 2, **found}
    assert (folder / "pet_store" / "main.py").is_file()
    assert (folder / "pet_store_api" / "__init__.py").is_file()


def test_a_new_service_is_up_to_date(
    spec: Path,
    links: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert new(spec, tmp_path / "shop", "--find-links", links) == 0
    monkeypatch.chdir(tmp_path / "shop")
    capsys.readouterr()
    assert main(["check"]) == 0
    assert main(["generate"]) == 0
    assert capsys.readouterr().out.endswith(" 0 changed\n"), "nothing to change, and no handler is missing"
    assert new("--add") == 0
    assert capsys.readouterr() == ("", "")


def test_two_runs_write_the_same_bytes(spec: Path, links: Path, tmp_path: Path) -> None:
    found = []
    for parent in ("one", "two"):
        folder = tmp_path / parent / "shop"
        assert new(spec, folder, "--find-links", links) == 0
        files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        found.append({str(path.relative_to(folder)): path.read_bytes() for path in files})
    assert found[0] == found[1]
    assert len(found[0]) > 25


# Mistakes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{spec}"], "give SPEC and DIR"),
        ([], "give SPEC and DIR"),
        (["--add", "{spec}"], "--add takes no SPEC"),
        (["{spec}", "{folder}/fastapi"], "'fastapi' cannot be the name"),
        (["{spec}", "{folder}/tests"], "'tests' cannot be the name"),
        (["{spec}", "{folder}/shop", "--name", "class"], "'class' cannot be the name"),
        (["{spec}", "{folder}"], "is not empty"),
        (["{spec}", "{spec}", "--name", "shop"], "is not empty"),
        (["{folder}/none.yaml", "{folder}/shop"], "none.yaml"),
        (["{spec}", "{folder}/shop", "--find-links", "{folder}/none"], "none: has no wheel of contractgen"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    """Then the same command can be given again."""
    assert new(*(each.format(spec=spec, folder=tmp_path) for each in arguments)) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert message in printed.err
    assert [path.name for path in tmp_path.iterdir()] == [spec.name]


def test_what_is_not_supported_is_reported_and_left_out(
    tmp_path: Path, links: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = contract()
    schema = document["paths"]["/things/{thing_id}"]["get"]["parameters"][1]["schema"]
    schema["pattern"] = "(?<=a"
    spec = write_document(tmp_path, document)
    assert new(spec, tmp_path / "shop", "--find-links", links) == 0
    printed = capsys.readouterr()
    [line] = printed.err.splitlines()
    assert line.startswith("skipped operation get_thing: ")
    assert "regular expression" in line
    assert f"{tmp_path / 'shop'}: a service of 1 operations, 1 left out" in printed.out


def test_a_scheme_that_is_not_declared_is_reported(
    tmp_path: Path, links: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = write_document(tmp_path, contract() | {"security": [{"shop_key": []}]})
    assert new(spec, tmp_path / "shop", "--find-links", links) == 0
    [line] = capsys.readouterr().err.splitlines()
    assert line == (
        f"{tmp_path / 'shop' / 'openapi' / spec.name}: the security scheme 'shop_key' is demanded and not "
        "declared; it is taken for a key in the header shop_key: correct "
        "#/components/securitySchemes/shop_key"
    )


# The service ---------------------------------------------------------------------------------------------


@slow
def test_a_new_service_serves_mocks_and_not_in_production(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    created(CONTRACTS["bearer"], folder)
    production = {
        "SHOP_ALLOWED_HOSTS": "localhost",
        "SHOP_PUBLIC_URL": "http://localhost",
        "SHOP_TOKEN_SECRET": "kT8vQ2mZr6Lw9XcB4nHs7Yd1Jf5Gp0Ra3Ue",
    }
    refused = run(folder, "shop", "serve", "--port", "0", **production)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert (
        refused.stderr == "shop: no handler for get_thing, put_thing; only development has mocks for them\n"
    )
    unset = run(folder, "shop", "serve", "--port", "0")
    assert (unset.returncode, "Traceback" in unset.stderr) == (1, False)
    assert all(name in unset.stderr for name in production)

    path = os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), str(folder)])
    state = {"SHOP_ENVIRONMENT": "development", "XDG_STATE_HOME": str(folder / "state")}
    with subprocess.Popen(
        [sys.executable, "-m", "shop", "serve", "--port", "0"],
        cwd=folder,
        env={**os.environ, **state, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        _, service, _, credential = [process.stdout.readline().split() for _ in range(4)]
        url = f"{service[1]}/things/01939f6e-7b1c-7c2a-9f3e-2f4b6c8d0e1a"
        with urllib.request.urlopen(url, timeout=30) as response:
            assert (response.status, response.headers["x-contractgen-mocked"]) == (200, "true")
        headers = {"authorization": f"Bearer {credential[1]}", "content-type": "application/json"}
        put = urllib.request.Request(url, b'{"name": "Ada"}', headers, method="PUT")
        with urllib.request.urlopen(put, timeout=30) as response:
            assert (response.status, response.headers["x-contractgen-mocked"]) == (204, "true")
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=30)
    assert "Traceback" not in log


@slow
def test_an_operation_that_is_written_is_not_mocked(tmp_path: Path) -> None:
    """The others are, and the service's own tests pass at every step."""
    folder = tmp_path / "shop"
    created(CONTRACTS["no security"], folder)
    module = folder / "shop" / "handlers" / "things.py"
    text = module.read_text().replace("@stubs.unimplemented\n", "")
    body = 'return responses.Thing(models.Thing(name="Ada"))'
    module.write_text(
        text.replace("raise NotImplementedError", body)
        .replace("from contractgen_runtime import stubs\n", "")
        .replace("import responses", "import models, responses")
    )
    tests = run(folder, "pytest", "-q", "-p", "no:cacheprovider")
    assert tests.returncode == 0, tests.stdout
    program = (
        "from shop.main import create_app; from shop.settings import Settings;"
        "app = create_app(Settings(environment='development'));"
        "print(sorted(app.state.mocked))"
    )
    printed = subprocess.check_output(
        [sys.executable, "-c", program],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([*sys.path, str(folder)]),
            "XDG_STATE_HOME": str(folder),
        },
        text=True,
    )
    assert printed == "[]\n"
