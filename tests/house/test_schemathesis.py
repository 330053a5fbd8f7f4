"""openapi/schemathesis.toml, with which others fuzz the service, is what `contractgen fuzz` writes."""

from pathlib import Path

from contractgen.commands.cli import main
from tests.house.project import ROOT

ACCOUNT = '{"email": "-", "password": "-"}'


def test_the_configuration_of_schemathesis_is_current(tmp_path: Path) -> None:
    written = tmp_path / "schemathesis.toml"
    spec = str(ROOT / "openapi" / "openapi.yaml")
    assert main(["fuzz", spec, "--login", "login", "--account", ACCOUNT, "--write", str(written)]) == 0
    assert (ROOT / "openapi" / "schemathesis.toml").read_text() == written.read_text(), (
        f"run: contractgen fuzz --login login --account '{ACCOUNT}' --write openapi/schemathesis.toml"
    )
