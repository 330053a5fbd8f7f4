"""The examples of docs/operations: what they set and run exists, and what ends has the time for it."""

import argparse
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from pressroom.cli import parser
from pressroom.settings import Settings
from tests.house.project import ROOT, read, tracked

EXAMPLES = ROOT / "docs/operations/examples"
VARIABLES = {Settings.variable(name) for name in Settings.model_fields}
#: What production does not start without.
REQUIRED = {Settings.variable(name) for name in (*Settings.required, *Settings.secret_names)}
#: How long requests and mail that run may take to end when a process is told to stop.
GRACE = {"serve": 8, "worker": 9}


def test_every_variable_of_the_documentation_exists() -> None:
    """Those of the load test, LOAD_..., are no settings of the service."""
    written = [path for path in tracked() if path.parts[0] in {"docs", "src"} or len(path.parts) == 1]
    named = {
        (name, str(path))
        for path in written
        if path.suffix in {".md", ".yaml", ".yml", ".service", ".conf", ".ini", ""}
        or path.name == "Caddyfile"
        for name in re.findall(r"\bPRESSROOM_(?!LOAD_)[A-Z][A-Z_]*[A-Z]\b", read(path))
    }
    assert {each for each in named if each[0] not in VARIABLES} == set()
    assert ("PRESSROOM_METRICS_PORT", "docs/operations/examples/kubernetes.yaml") in named


# Compose ---------------------------------------------------------------------------------------------------


def compose() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load((EXAMPLES / "compose.yaml").read_text())["services"]
    return services


def test_compose_runs_commands_that_exist_with_what_they_need() -> None:
    services = {name: each for name, each in compose().items() if each["image"] == "pressroom"}
    assert services.keys() == {"migrate", "service", "worker"}
    for service in services.values():
        command = understood(service["command"])
        assert service["environment"].keys() >= REQUIRED
        assert service["environment"].keys() <= VARIABLES
        seconds = int(service.get("stop_grace_period", "0s").removesuffix("s"))
        assert seconds > GRACE.get(command, -1)


def test_compose_starts_in_order_and_only_what_is_there() -> None:
    services = compose()
    for service in services.values():
        assert service.get("depends_on", {}).keys() <= services.keys()
    for name in ("service", "worker"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    # The worker listens for notifications, which a pooler of transactions does not pass on.
    assert "@database:5432/" in services["worker"]["environment"]["DATABASE_URL"]
    assert "@pgbouncer:6432/" in services["service"]["environment"]["DATABASE_URL"]


def understood(command: list[str]) -> str:
    """Return the subcommand of a command line of pressroom that its parser accepts."""
    program, *arguments = command
    assert Path(program).name == "pressroom"
    parsed = parser().parse_args(arguments)
    assert isinstance(parsed, argparse.Namespace)
    return arguments[0]


def test_pgbouncer_pools_transactions_and_knows_prepared_statements() -> None:
    pool = pgbouncer()["pgbouncer"]
    assert pool["pool_mode"] == "transaction"
    assert int(pool["max_prepared_statements"]) > 100
    assert int(pool["max_client_conn"]) >= 2 * Settings.model_fields["pool_size"].default


def pgbouncer() -> ConfigParser:
    found = ConfigParser(delimiters="=", comment_prefixes=";")
    found.read(EXAMPLES / "pgbouncer.ini")
    return found


# Kubernetes ------------------------------------------------------------------------------------------------

MANIFESTS: list[dict[str, Any]] = list(yaml.safe_load_all((EXAMPLES / "kubernetes.yaml").read_text()))
PODS = [each["spec"]["template"] for each in MANIFESTS if "template" in each.get("spec", {})]


def test_kubernetes_runs_commands_that_exist_with_settings_that_exist() -> None:
    (settings,) = (each["data"] for each in MANIFESTS if each["kind"] == "ConfigMap")
    # The rest are in the secret, whose names are in the comment at the top.
    secret = {name for name in REQUIRED if name in (EXAMPLES / "kubernetes.yaml").read_text()}
    assert settings.keys() | secret >= REQUIRED
    commands = []
    for container, pod in containers():
        commands.append(understood(container["command"]))
        given = settings.keys() | {each["name"] for each in container.get("env", [])}
        assert given <= VARIABLES
        seconds = pod.get("terminationGracePeriodSeconds", 30)
        sleep = (
            container.get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", ["sleep", "0"])
        )
        assert seconds > int(sleep[1]) + GRACE.get(commands[-1], 0)
    assert commands == ["migrate", "serve", "worker"]


def containers() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield each container with its pod."""
    for pod in PODS:
        (container,) = pod["spec"]["containers"]
        yield container, pod["spec"]


def test_kubernetes_asks_what_the_contract_has_by_an_allowed_name() -> None:
    (settings,) = (each["data"] for each in MANIFESTS if each["kind"] == "ConfigMap")
    (container,) = (each for each, _ in containers() if "readinessProbe" in each)
    paths = yaml.safe_load(read("openapi/openapi.yaml"))["paths"]
    ports = {port["name"] for port in container["ports"]}
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        asked = container[probe]["httpGet"]
        assert asked["path"] in paths
        assert asked["port"] in ports
        assert asked["httpHeaders"] == [{"name": "Host", "value": settings["PRESSROOM_ALLOWED_HOSTS"]}]
    assert container["livenessProbe"]["httpGet"]["path"] != container["readinessProbe"]["httpGet"]["path"]


def test_kubernetes_selects_pods_that_are_there() -> None:
    labels = [pod["metadata"]["labels"] for pod in PODS if "metadata" in pod]
    selectors = [each["spec"]["selector"] for each in MANIFESTS if "selector" in each.get("spec", {})]
    assert len(selectors) == 4
    for selector in selectors:
        assert selector.get("matchLabels", selector) in labels


def test_containers_of_both_examples_write_only_to_tmp() -> None:
    """Sockets of the metrics and spooled files need a folder for temporary files."""
    assert "USER 10001" in read("Dockerfile")
    for container, pod in containers():
        assert pod["securityContext"]["runAsUser"] == 10001
        assert container["securityContext"]["readOnlyRootFilesystem"]
        if container["command"][1] != "migrate":
            assert container["volumeMounts"] == [{"name": "tmp", "mountPath": "/tmp"}]
    assert compose()["service"]["tmpfs"] == ["/tmp"]


# systemd ---------------------------------------------------------------------------------------------------


def unit(name: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, value in re.findall(r"^(\w+)=(.*)$", (EXAMPLES / name).read_text(), re.MULTILINE):
        found.setdefault(key, []).append(value)
    return found


@pytest.mark.parametrize("name", ["pressroom.service", "pressroom-worker.service"])
def test_units_run_commands_that_exist_and_give_them_time_to_end(name: str) -> None:
    found = unit(name)
    for command in found.get("ExecStartPre", []):
        understood(shlex.split(command))
    command = understood(shlex.split(found["ExecStart"][0]))
    assert int(found["TimeoutStopSec"][0]) > GRACE[command]
    assert {each.partition("=")[0] for each in found["Environment"]} <= VARIABLES


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
@pytest.mark.parametrize("name", ["pressroom.service", "pressroom-worker.service"])
def test_systemd_accepts_the_units(name: str, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("pressroom")
    text = (EXAMPLES / name).read_text().replace("/opt/pressroom/bin/pressroom", str(program))
    (tmp_path / name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / name)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert [line for line in done.stderr.splitlines() if name in line] == []
    assert done.returncode == 0, done.stderr
