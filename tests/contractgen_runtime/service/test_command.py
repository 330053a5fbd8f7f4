"""The command line of a service: what is wrong is one line, and a signal ends it."""

import argparse
import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from contractgen.commands.fuzz_options import add_arguments
from contractgen.commands.fuzz_options import given as identities
from contractgen_runtime.mounting import HandlerError
from contractgen_runtime.service.application import Service, wrap
from contractgen_runtime.service.command import ServiceCommand
from contractgen_runtime.service.settings import ServiceSettings

PRODUCTION = {"ALLOWED_HOSTS": "localhost,127.0.0.1", "PUBLIC_URL": "http://localhost"}
OPEN = ("list_pets", "get_pet")


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting comes from elsewhere."""
    for name in ("ENVIRONMENT", "PORT", *PRODUCTION):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What a server would serve: the application's name and the workers."""
    calls: list[tuple[str, int]] = []

    def serve(_: str, application: str, __: socket.socket, *, workers: int, **___: object) -> bool:
        calls.append((application, workers))
        return True

    monkeypatch.setattr("contractgen_runtime.service.command.run_server", serve)
    return calls


@pytest.fixture
def development(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "development")


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)


def create_app(settings: ServiceSettings) -> FastAPI:
    app = Service()
    wrap(app, allowed_hosts=settings.allowed_hosts, origins=())
    return app


def command(
    create: Callable[[ServiceSettings], FastAPI] = create_app, **credentials: str
) -> ServiceCommand[ServiceSettings]:
    return ServiceCommand(
        "shop",
        ServiceSettings,
        create_app=create,
        application="shop.main:create",
        credentials=lambda _: credentials,
    )


def with_open_operations(_: ServiceSettings) -> FastAPI:
    raise HandlerError("long\n\ntext", OPEN)


def with_other_faults(_: ServiceSettings) -> FastAPI:
    raise HandlerError("the handlers do not match the contract:\n\nshop: the handler get_pet differs")


# serve ---------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("development")
def test_development_prints_where_it_is_and_what_it_accepts(
    served: list[tuple[str, int]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(key="developer-secret").run(["serve", "--port", "0", "--workers", "2"]) == 0
    first, service, docs, credential = capsys.readouterr().out.splitlines()
    assert first == "shop (development)"
    url = service.split()[1]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
    assert docs.split() == ["docs", f"{url}/docs"]
    assert credential == "  key: developer-secret"
    assert served == [("shop.main:create", 2)]


@pytest.mark.usefixtures("production")
def test_production_does_not_reload(
    served: list[tuple[str, int]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command().run(["serve", "--port", "0", "--reload"]) == 1
    assert capsys.readouterr().err == "shop: --reload is for one process, in development\n"
    assert served == []


@pytest.mark.usefixtures("production")
def test_production_prints_no_credentials(
    served: list[tuple[str, int]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(key="secret").run(["serve", "--port", "0"]) == 0
    assert capsys.readouterr() == ("", "")
    assert served == [("shop.main:create", 1)]


def test_production_without_its_settings_does_not_start(
    served: list[tuple[str, int]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command().run(["serve", "--port", "0"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("shop: ")
    assert all(name in printed.err for name in PRODUCTION)
    assert "Traceback" not in printed.err
    assert served == []


@pytest.mark.usefixtures("production")
def test_production_with_open_operations_names_them(
    served: list[tuple[str, int]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(with_open_operations).run(["serve", "--port", "0"]) == 1
    line = "shop: no handler for list_pets, get_pet; only development has mocks for them\n"
    assert capsys.readouterr() == ("", line)
    assert served == []


@pytest.mark.usefixtures("production")
def test_handlers_with_another_fault_are_explained(
    served: list[tuple[str, int]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(with_other_faults).run(["serve", "--port", "0"]) == 1
    assert capsys.readouterr().err.endswith("shop: the handler get_pet differs\n")
    assert served == []


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.usefixtures("production")
def test_a_port_that_is_taken_is_one_line(
    taken: int, served: list[tuple[str, int]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command().run(["serve", "--port", str(taken)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"shop: cannot listen on 127.0.0.1:{taken}: Address already in use")
    assert served == []


@pytest.mark.usefixtures("production", "served")
def test_a_host_that_is_not_known_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert command().run(["serve", "--host", "no-such-host.invalid", "--port", "0"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("shop: cannot listen on no-such-host.invalid:0: ")


@pytest.mark.usefixtures("production", "served")
def test_an_error_of_the_application_is_none_of_the_port(capsys: pytest.CaptureFixture[str]) -> None:
    def create(_: ServiceSettings) -> FastAPI:
        raise FileNotFoundError(2, "No such file or directory", "examples.json")

    assert command(create).run(["serve", "--port", "0"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "examples.json" in line
    assert "listen" not in line


@pytest.mark.usefixtures("production")
def test_the_port_is_that_of_the_environment(
    taken: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", str(taken))
    assert command().run(["serve"]) == 1
    assert f"127.0.0.1:{taken}" in capsys.readouterr().err


# credentials ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("development")
def test_credentials_are_printed_for_people_and_for_fuzz(capsys: pytest.CaptureFixture[str]) -> None:
    names = ["key", "API Key", "a=b&c", "it's *", "$HOME;'\"\\", "schlüssel"]
    given = {name: f"developer:{name} secret" for name in names}
    assert command(create_app, **given).run(["credentials"]) == 0
    assert capsys.readouterr().out == "".join(f"{name}: {value}\n" for name, value in given.items())
    assert command(create_app, **given).run(["credentials", "--for-fuzz"]) == 0
    # As the Makefile has it: the shell splits what the command prints, and expands patterns in it.
    printed = capsys.readouterr().out
    read = subprocess.check_output(["sh", "-c", "printf '%s\n' $(cat)"], input=printed, text=True)
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    found = identities(parser.parse_args(["openapi.yaml", *read.splitlines()])).credentials
    assert found == [f"{name}={value}" for name, value in given.items()]


@pytest.mark.usefixtures("development")
def test_without_credentials_nothing_is_printed_for_fuzz(capsys: pytest.CaptureFixture[str]) -> None:
    assert command(create_app).run(["credentials", "--for-fuzz"]) == 0
    assert capsys.readouterr().out == "\n"


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("arguments", [["credentials"], ["credentials", "--for-fuzz"]])
def test_production_has_no_credentials(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command(key="secret").run(arguments) == 1
    assert capsys.readouterr() == ("", "shop: credentials are made in development only\n")


@pytest.mark.usefixtures("development")
def test_a_state_folder_that_cannot_be_written_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_: type[ServiceSettings]) -> ServiceSettings:
        raise PermissionError(13, "Permission denied", str(tmp_path))

    monkeypatch.setattr("contractgen_runtime.service.command.load", refuse)
    assert command().run(["credentials"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "Permission denied" in line


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["serve", "--port", "x"]])
def test_a_wrong_command_line_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        command().run(arguments)
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("usage: shop")
