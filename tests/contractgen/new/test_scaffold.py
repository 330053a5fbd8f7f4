"""A new service: its files for every kind of contract, and that it is right before anybody edits it."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from contractgen.commands.cli import main
from contractgen.document.findings import ContractError, OutError
from contractgen.new.project import create, names_of
from tests.contractgen.new.scaffolds import (
    ACCEPTED,
    CONTRACTS,
    SCHEMES,
    created,
    run,
)
from tests.contractgen.packages import contract, write_document
from tests.tiers import sampled, slow

pytestmark = slow  # Each contract of a kind is a whole service.

FILES = {
    *(".dockerignore", ".env.example", ".github/workflows/ci.yml", ".gitignore", "Dockerfile", "Makefile"),
    *("README.md", "pyproject.toml", "load/locustfile.py", "tests/conftest.py", "tests/test_contract.py"),
    *("openapi/openapi.yaml", "shop/__init__.py", "shop/__main__.py", "shop/context.py", "shop/host.py"),
    *("shop/main.py", "shop/settings.py", "shop/examples.json", "shop/handlers/__init__.py"),
}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The folder of the service of each contract, created once."""

    @cache
    def service(name: str) -> Path:
        folder = tmp_path_factory.mktemp("services") / "shop"
        created(CONTRACTS[name], folder)
        return folder

    return service


def written(folder: Path) -> dict[str, str]:
    """The files of a service by path, without the generated package."""
    paths = [path for path in folder.rglob("*") if path.is_file() and "shop_api" not in path.parts]
    return {str(path.relative_to(folder)): path.read_text() for path in paths}


def methods_of(source: str, name: str) -> list[str]:
    (host,) = [each for each in ast.parse(source).body if getattr(each, "name", "") == name]
    assert isinstance(host, ast.ClassDef)
    return [each.name for each in host.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_the_files_of_a_service(services: Any) -> None:
    files = written(services("bearer"))
    assert files.keys() == FILES | {"shop/handlers/things.py"}
    assert (
        files["openapi/openapi.yaml"]
        == (services("bearer").parent / "shop-contract" / "openapi.yaml").read_text()
    )
    assert (services("bearer") / "shop_api" / "__init__.py").is_file()


@pytest.mark.parametrize("name", ["bearer", "every scheme", "no security", "own errors", "odd texts"])
def test_nothing_of_a_template_is_left(services: Any, name: str) -> None:
    texts = written(services(name))
    syntax = r"jinja" if name == "odd texts" else r"\{[%#]|[%#]\}|(?<!\$)\{\{|jinja"
    assert [path for path, text in texts.items() if re.search(syntax, text, re.IGNORECASE)] == []
    assert [path for path, text in texts.items() if not text.endswith("\n")] == []
    edited = {path: text for path, text in texts.items() if not path.endswith((".yaml", ".json"))}
    assert [path for path, text in edited.items() if re.search(r"[ \t]+$", text, re.MULTILINE)] == []


@pytest.mark.parametrize("name", ["every scheme", "own errors", "every response"])
def test_no_file_is_longer_than_it_needs(services: Any, name: str) -> None:
    lengths = {
        path: text.count("\n") for path, text in written(services(name)).items() if path.endswith(".py")
    }
    assert max(lengths.values()) <= 150, lengths
    texts = [text for path, text in written(services(name)).items() if path.endswith(".py")]
    assert all(len(line) <= 110 for text in texts for line in text.splitlines())


def test_every_function_to_be_written_is_marked_and_typed(services: Any) -> None:
    module = ast.parse(written(services("bearer"))["shop/handlers/things.py"])
    functions = [each for each in module.body if isinstance(each, ast.AsyncFunctionDef)]
    assert [each.name for each in functions] == ["get_thing", "put_thing"]
    for each in functions:
        assert list(map(ast.unparse, each.decorator_list)) == ["stubs.unimplemented"]
        assert each.returns is not None
        assert all(argument.annotation for argument in [*each.args.posonlyargs, *each.args.kwonlyargs])
    assert ast.unparse(functions[1].args) == (
        "context: Context, caller: Caller, /, *, thing_id: UUID, body: models.Thing"
    )


# Gates ---------------------------------------------------------------------------------------------------


def test_the_workflow_runs_targets_that_there_are(services: Any) -> None:
    files = written(services("bearer"))
    steps = yaml.safe_load(files[".github/workflows/ci.yml"])["jobs"]["test"]["steps"]
    targets = re.findall(r"make (\w+)", "\n".join(each.get("run", "") for each in steps))
    assert targets == ["test", "diff", "run", "fuzz"]
    assert set(targets) <= set(re.findall(r"^\.PHONY: (\w+)$", files["Makefile"], re.MULTILINE))
    assert steps[0]["with"] == {"fetch-depth": 0}


def test_a_contract_that_breaks_clients_of_the_last_tag_is_rejected(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    created(CONTRACTS["bearer"], folder)
    # A repository of its own: git would ask one around the folder.
    git = ["git", "-c", "user.name=shop", "-c", "user.email=shop@example.com"]
    subprocess.run([*git, "init", "-q"], cwd=folder, check=True)
    assert make_diff(folder) == (0, "no release yet\n")
    for words in (["add", "openapi"], ["commit", "-qm", "Release"], ["tag", "v1"]):
        subprocess.run([*git, *words], cwd=folder, check=True)
    code, output = make_diff(folder)
    assert (code, "0 breaking" in output) == (0, True), output
    spec = folder / "openapi" / "openapi.yaml"
    document = yaml.safe_load(spec.read_text())
    del document["paths"][next(iter(document["paths"]))]
    spec.write_text(yaml.safe_dump(document))
    code, output = make_diff(folder)
    assert (code, "0 breaking" in output) == (2, False), output  # make's own exit code
    assert "breaking" in output


def make_diff(folder: Path) -> tuple[int, str]:
    programs = Path(sys.executable).parent
    done = subprocess.run(
        ["make", "--no-print-directory", "diff", "-o", ".venv/.installed", f"BIN={programs}"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


# Security ------------------------------------------------------------------------------------------------


def test_the_host_has_a_method_for_each_scheme(services: Any) -> None:
    host = written(services("every scheme"))["shop/host.py"]
    methods = methods_of(host, "Host")
    assert methods[:3] == ["__init__", "unit_of_work", "error"]
    assert sorted(methods[3:]) == sorted([*SCHEMES, "digest_challenge"])
    dictionary = host.rpartition("return {")[2]
    assert set(re.findall(r'"(\w+)":', dictionary)) == ACCEPTED


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("bearer", {"token_secret"}),
        ("basic", {"accounts"}),
        ("header", {"accounts"}),
        ("custom", {"accounts"}),
        ("oauth2", {"jwks_url", "token_issuer", "token_audience"}),
        ("openid", {"jwks_url", "token_issuer", "token_audience"}),
        ("digest", set()),
        ("mutual", set()),
        ("no security", set()),
    ],
)
def test_a_service_has_the_settings_that_its_schemes_need(
    services: Any, name: str, settings: set[str]
) -> None:
    files = written(services(name))
    fields = set(re.findall(r"^    (\w+): (?!ClassVar)", files["shop/settings.py"], re.MULTILINE)) - {
        "required"
    }
    assert fields == settings
    variables = set(re.findall(r"^SHOP_(\w+)=", files[".env.example"], re.MULTILINE))
    assert {each.lower() for each in variables} - fields == {
        *("environment", "allowed_hosts", "public_url", "cors_origins"),
        *("log_format", "log_level", "metrics_host", "metrics_port", "public_contract", "public_pages"),
    }
    assert fields <= {each.lower() for each in variables}


def test_schemes_of_one_header_have_one_credential(services: Any) -> None:
    host = (services("two schemes of one header") / "shop" / "host.py").read_text()
    assert host.count('": token,\n') == 2
    assert "_secret_of" not in host


def test_an_error_of_one_text_stands_in_the_host(services: Any) -> None:
    host = (services("an error of one text") / "shop" / "host.py").read_text()
    assert "    responses.PutThing401: 'Unauthorized',\n".replace("'", '"') in host


def test_what_cannot_be_decided_for_a_team_says_so(services: Any) -> None:
    host = written(services("every scheme"))["shop/host.py"]
    reasons = re.findall(r'NotImplementedError\(\s*"([^"]+)"', host)
    assert [each.partition(":")[0] for each in reasons] == ["digest", "mutual"]


def test_the_roles_of_the_contract_stand_in_the_host(services: Any) -> None:
    assert 'ROLES: frozenset[str] = frozenset(["all"])' in written(services("bearer"))["shop/host.py"]
    assert "ROLES: frozenset[str] = frozenset([])" in written(services("basic"))["shop/host.py"]


def test_a_contract_without_security_has_no_caller(services: Any) -> None:
    files = written(services("no security"))
    for path, text in files.items():
        assert "Caller" not in text, path
    assert "security" not in files["shop/host.py"]


# The contract --------------------------------------------------------------------------------------------


def test_a_contract_of_several_files_is_copied_with_its_folders(tmp_path: Path) -> None:
    document = contract()
    spec = tmp_path / "contracts" / "main" / "api.yaml"
    spec.parent.mkdir(parents=True)
    schemas = document["components"].pop("schemas")
    shared = tmp_path / "contracts" / "shared" / "schemas.yaml"
    shared.parent.mkdir()
    write_document(shared.parent, {"Thing": schemas["Thing"]}).rename(shared)
    text = write_document(spec.parent, document).read_text()
    (spec.parent / "openapi.yaml").unlink()
    spec.write_text(text.replace("#/components/schemas/", "../shared/schemas.yaml#/"))
    folder = tmp_path / "shop"
    create(spec, folder, names_of(folder, None))
    assert (folder / "openapi" / "main" / "api.yaml").read_bytes() == spec.read_bytes()
    assert (folder / "openapi" / "shared" / "schemas.yaml").read_bytes() == shared.read_bytes()
    settings = tomllib.loads((folder / "pyproject.toml").read_text())["tool"]["contractgen"]
    assert settings["spec"] == "openapi/main/api.yaml"
    assert "models.Thing" in (folder / "shop" / "handlers" / "things.py").read_text()


def test_the_files_of_other_hosts_are_copied_beside_the_contract(tmp_path: Path) -> None:
    document = contract()
    thing = {"Thing": document["components"]["schemas"].pop("Thing")}
    shared = tmp_path / "contract" / "remote" / "shared.example" / "v1" / "things.yaml"
    shared.parent.mkdir(parents=True)
    write_document(shared.parent, thing).rename(shared)
    spec = write_document(tmp_path / "contract", document)
    address = "https://shared.example/v1/things.yaml#/Thing"
    spec.write_text(spec.read_text().replace("#/components/schemas/Thing", address))
    folder = tmp_path / "shop"
    create(spec, folder, names_of(folder, None))
    shutil.rmtree(tmp_path / "contract")
    copied = folder / "openapi" / "remote" / "shared.example" / "v1" / "things.yaml"
    assert yaml.safe_load(copied.read_text()) == thing
    package = [str(folder / "openapi" / "openapi.yaml"), "--out", str(folder / "shop_api")]
    assert main(["check", *package]) == 0


def unsupported() -> Any:
    """A contract with an operation that cannot be generated: a regular expression that is none."""
    document = contract()
    get = document["paths"]["/things/{thing_id}"]["get"]
    get["parameters"][1]["schema"] = {"type": "string", "pattern": "(?<=a"}
    return document


def test_nothing_is_written_for_a_contract_of_which_no_operation_is_supported(tmp_path: Path) -> None:
    document = unsupported()
    del document["paths"]["/things/{thing_id}"]["put"]
    with pytest.raises(ContractError) as caught:
        created(document, tmp_path / "shop")
    assert "/paths/~1things~1{thing_id}/get/parameters/1/schema/pattern" in str(caught.value)
    assert not (tmp_path / "shop").exists()


def test_an_operation_that_is_not_supported_is_left_out(tmp_path: Path) -> None:
    made = created(unsupported(), tmp_path / "shop")
    assert made.operations == 1
    assert [each.name for each in made.skipped] == ["get_thing"]
    handlers = (tmp_path / "shop" / "shop" / "handlers" / "things.py").read_text()
    assert re.findall(r"async def (\w+)", handlers) == ["put_thing"]
    settings = tomllib.loads((tmp_path / "shop" / "pyproject.toml").read_text())["tool"]["contractgen"]
    assert settings["skip-unsupported"] is True


def test_of_two_operations_at_one_address_the_first_is_served(tmp_path: Path) -> None:
    document = contract()
    other = json.loads(json.dumps(document["paths"]["/things/{thing_id}"]).replace("thing_id", "name"))
    other["get"]["operationId"], other["put"]["operationId"] = "get_named", "put_named"
    document["paths"]["/things/{name}"] = other
    made = created(document, tmp_path / "shop")
    assert [each.name for each in made.skipped] == ["get_named", "put_named"]
    assert made.operations == 2


# Names and folders ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("present", ["notes.txt", ".git", "shop"])
def test_a_folder_that_is_not_empty_stays_as_it_is(tmp_path: Path, present: str) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / present).write_text("mine")
    with pytest.raises(OutError, match="is not empty"):
        created(contract(), folder)
    assert {path.name: path.read_text() for path in folder.iterdir()} == {present: "mine"}


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    assert created(contract(), tmp_path / "shop").operations == 2
    assert (tmp_path / "shop" / "Makefile").is_file()


@pytest.mark.parametrize(
    ("folder", "name", "expected"),
    [
        ("shop", None, "shop"),
        ("My-Shop", None, "my_shop"),
        ("petStore", None, "pet_store"),
        ("fastapi", "shop", "shop"),
        ("2nd", "second", "second"),
    ],
)
def test_the_package_is_named_as_the_folder_or_as_asked(
    tmp_path: Path, folder: str, name: str | None, expected: str
) -> None:
    names = names_of(tmp_path / folder, name)
    assert (names.service, names.generated) == (expected, f"{expected}_api")


@pytest.mark.parametrize(
    "name",
    [
        *("fastapi", "tests", "pydantic", "jwt", "wheels", "openapi", "load", "contractgen_runtime"),
        *("json", "email", "asyncio", "class", "", "-"),
    ],
)
def test_a_name_that_is_taken_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutError, match="cannot be the name of the service's package"):
        names_of(tmp_path / (name or "-"), None)


# Every service is right ----------------------------------------------------------------------------------


def handler_modules(folder: Path) -> list[str]:
    return [path.read_text() for path in (folder / "shop" / "handlers").glob("*.py")]


def test_a_service_is_fuzzed_below_the_path_of_its_server(tmp_path: Path) -> None:
    document = contract()
    document["servers"] = [{"url": "https://api.example.com/v2/$all"}]
    folder = tmp_path / "shop"
    create(write_document(tmp_path, document), folder, names_of(folder, None))
    (line,) = [each for each in (folder / "Makefile").read_text().splitlines() if "--url" in each]
    assert "--url http://127.0.0.1:$(PORT)/v2/$$all " in line


@slow
@pytest.mark.parametrize("name", sampled(list(CONTRACTS), 1))
def test_a_new_service_passes_its_own_checks(services: Any, mypy_cache: Path, name: str) -> None:
    folder = services(name)
    types = run(folder, "mypy", "--cache-dir", str(mypy_cache))
    assert types.returncode == 0, types.stdout + types.stderr
    for command in (["check"], ["format", "--check"]):
        style = run(
            folder, "ruff", *command, "--no-cache", "--isolated", "--line-length=110", "shop", "tests", "load"
        )
        assert style.returncode == 0, style.stdout
    tests = run(folder, "pytest", "-q", "-p", "no:cacheprovider")
    assert tests.returncode == 0, tests.stdout + tests.stderr
    passed = int(tests.stdout.rpartition(" passed")[0].split()[-1])
    operations = sum(
        len(item.keys() & {"get", "put", "post", "delete"}) for item in CONTRACTS[name]["paths"].values()
    )
    assert passed > (operations if name not in SCHEMES.keys() - ACCEPTED else 1)
    assert run(folder, "contractgen", "check").returncode == 0


@slow
def test_the_handlers_that_are_open_are_listed(services: Any, mypy_cache: Path) -> None:
    listed = run(
        services("bearer"), "mypy", "--cache-dir", str(mypy_cache), "--enable-error-code", "deprecated"
    )
    found = re.findall(
        r"^(shop/handlers/things\.py):\d+: error: .* no handler yet", listed.stdout, re.MULTILINE
    )
    assert len(found) == 2
