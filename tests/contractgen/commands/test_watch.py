"""`contractgen generate --watch` as a process: it writes again at every save, and says what changed."""

import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from contractgen.commands.cli import main
from contractgen.commands.configuration import Contract
from contractgen.commands.watch import Watched
from contractgen.commands.writing import Written
from contractgen.document.findings import SettingError
from tests.contractgen.packages import contract
from tests.house.project import read
from tests.tiers import slow

SECONDS = 30.0


class Watching:
    """A project of a document of two files, and the process that watches it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.document: Any = contract()
        self.schemas: Any = {"Thing": self.document["components"]["schemas"].pop("Thing")}
        self.document["components"]["schemas"] = {"Thing": {"$ref": "parts/schemas.yaml#/Thing"}}
        (folder / "parts").mkdir()
        self.save()
        settings = '[tool.contractgen]\nspec = "openapi.yaml"\nout = "things"\n'
        (folder / "pyproject.toml").write_text(settings)
        self._seen = 0

    def start(self) -> None:
        with (self.folder / "output").open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "contractgen", "generate", "--watch"],
                cwd=self.folder,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def save(self) -> None:
        """Save both files as editors do: another file of the same name takes the place of the old one."""
        for name, value in (("openapi.yaml", self.document), ("parts/schemas.yaml", self.schemas)):
            text = yaml.safe_dump(value, sort_keys=False)
            path = self.folder / name
            if not path.is_file() or path.read_text() != text:
                path.with_suffix(".new").write_text(text)
                path.with_suffix(".new").replace(path)

    def printed(self, until: str) -> str:
        """Wait for a line that matches; return what was printed up to it, after what was returned before."""
        text, end = "", time.monotonic() + SECONDS
        while time.monotonic() < end:
            text = (self.folder / "output").read_text()[self._seen :]
            if found := re.search(rf"^.*(?:{until}).*\n", text, re.MULTILINE):
                self._seen += found.end()
                return text[: found.end()]
            assert self.process.poll() is None, text
            time.sleep(0.05)
        raise AssertionError(f"nothing matches {until!r} in {text!r}")

    def models(self) -> str:
        return (self.folder / "things" / "models.py").read_text()


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Watching]:
    project = Watching(tmp_path)
    try:
        yield project
    finally:
        project.process.kill()
        project.process.wait()


@slow
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_every_save_is_generated_and_compared(watching: Watching, end: signal.Signals) -> None:
    watching.start()
    assert "wrote things/models.py\n" in watching.printed("watching openapi.yaml; Ctrl-C ends")
    assert "max_length=77" not in watching.models()

    watching.schemas["Thing"]["properties"]["name"]["maxLength"] = 77
    watching.save()
    first = watching.printed("things: .* changed")
    assert first.startswith("saved parts/schemas.yaml\n")
    section = read("docs/how-to/configuration.md").partition("## Regenerate on every save")[2]
    (shown,) = re.findall(r"^```text\n(.*?)```", section, re.MULTILINE | re.DOTALL)
    assert set(shown.splitlines()) - {"..."} <= set(first.splitlines())
    assert "updated things/models.py\n" in first
    assert "max_length=77" in watching.models()

    watching.document["paths"]["/things/{thing_id}"]["put"]["security"] = [{"nobody": []}]
    watching.save()
    broken = watching.printed("'nobody' is not declared")
    assert re.search(r"^openapi.yaml:\d+:\d+: #/paths/", broken, re.MULTILINE), broken
    assert "max_length=77" in watching.models(), "the package stays"

    del watching.document["paths"]["/things/{thing_id}"]["put"]
    watching.save()
    second = watching.printed("things: .* changed")
    assert second.startswith("saved openapi.yaml\n")
    assert re.search(r"breaking: .*(is gone|removed)", second), second
    assert "put_thing" not in (watching.folder / "things" / "_routes" / "things.py").read_text()

    with (watching.folder / "openapi.yaml").open("a") as file:
        file.write("# a comment\n")
    assert "openapi.yaml: no change of the API\n" in watching.printed("things: .* changed")

    watching.process.send_signal(end)
    assert watching.process.wait(SECONDS) == 0
    assert "Traceback" not in (watching.folder / "output").read_text()


def test_what_is_saved_while_an_error_is_printed_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "openapi.yaml"
    spec.write_text("openapi: 3.1.0")
    watched = Watched(Contract(spec=spec, out=tmp_path / "things"))

    def refuse(_: Contract) -> Written:
        spec.write_text(yaml.safe_dump(contract()))
        raise SettingError("as one that is printed while somebody saves")

    with monkeypatch.context() as patch:
        patch.setattr("contractgen.commands.watch.write_package", refuse)
        watched.update()
    watched.update_if_saved()
    assert f"saved {spec}\n" in capsys.readouterr().out


@slow
def test_a_broken_document_is_watched_from_the_beginning(watching: Watching) -> None:
    """So is the file that it refers to, which is not there."""
    shutil.rmtree(watching.folder / "parts")
    watching.start()
    assert "parts/schemas.yaml#/Thing leads to no file" in watching.printed("#/components/schemas/Thing: ")
    watching.printed("watching openapi.yaml")
    (watching.folder / "parts").mkdir()
    watching.save()
    assert "wrote things/models.py" in watching.printed("things: .* changed")


def test_a_file_of_another_host_is_seen_when_it_is_fetched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """So is one to which such a file refers."""
    document = contract()
    things = {"Thing": document["components"]["schemas"]["Thing"]}
    document["components"]["schemas"]["Thing"] = {"$ref": "https://h.example/v1/all.yaml#/Thing"}
    spec = tmp_path / "openapi.yaml"
    spec.write_text(yaml.safe_dump(document))
    watched = Watched(Contract(spec=spec, out=tmp_path / "things"))
    watched.update()
    assert f"run `contractgen fetch {spec}`" in capsys.readouterr().err
    first, second = (
        tmp_path / "remote" / name for name in ("h.example/v1/all.yaml", "i.example/things.yaml")
    )
    first.parent.mkdir(parents=True)
    first.write_text("Thing: {$ref: 'https://i.example/things.yaml#/Thing'}\n")
    watched.update_if_saved()
    assert f"saved {first}\n" in capsys.readouterr().out
    for comment in ("", "# changed\n"):
        second.parent.mkdir(exist_ok=True)
        second.write_text(comment + yaml.safe_dump(things))
        watched.update_if_saved()
        printed = capsys.readouterr().out
        assert f"saved {second}\n" in printed
        assert f"{tmp_path}/things: " in printed


def test_watching_prints_no_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = str(tmp_path / "openapi.yaml")
    assert main(["generate", spec, "--out", str(tmp_path / "x"), "--watch", "--json"]) == 2
    assert "leave out one of them" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
