"""The pages of docs/: built without a warning, complete, and without a request to another host."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from contractgen.commands.cli import parser_for
from contractgen.lint.linter import RULES
from tests.house.project import ROOT, read, tracked
from tests.tiers import slow

#: What a browser loads by itself; a link that a reader follows may lead anywhere.
LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}

pytestmark = slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "site"
    # Without --quiet, which hides warnings from --strict.
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    # Proxies that refuse everything: the build needs no network.
    nothing = dict.fromkeys(("http_proxy", "https_proxy", "HTTPS_PROXY"), "http://127.0.0.1:9")
    environment = os.environ | nothing | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    printed = done.stdout + done.stderr
    assert (done.returncode, re.findall(r"^(?!INFO ).+$", printed, re.MULTILINE)) == (0, []), printed
    return folder


class Loaded(HTMLParser):
    """Collects what a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in LOADED and values.get("rel") not in {"prev", "next", "canonical"}:
            self.addresses.append(values.get(LOADED[tag]) or "")


def loaded(page: Path) -> Iterator[str]:
    parser = Loaded()
    parser.feed(page.read_text(encoding="utf-8"))
    yield from filter(None, parser.addresses)


def test_a_page_loads_only_what_is_in_the_folder(site: Path) -> None:
    found = {(page.name, address) for page in site.rglob("*.html") for address in loaded(page)}
    assert any(name == "index.html" and address.endswith(".svg") for name, address in found)
    assert {each for each in found if re.match(r"(?:[a-z]+:)?//", each[1])} == set()
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    assert re.findall(r"url\(['\"]?(?:https?:)?//[^)]*\)|@import[^;]*//", styles) == []


def test_every_page_of_the_folder_is_in_the_navigation(site: Path) -> None:
    navigation = set(re.findall(r"[\w/-]+\.md$", read("mkdocs.yml"), re.MULTILINE))
    written = {str(path.relative_to("docs")) for path in tracked() if path.match("docs/**/*.md")}
    written |= {str(path.relative_to("docs")) for path in tracked() if path.match("docs/*.md")}
    assert written <= navigation
    assert {str(page.relative_to(site).with_suffix(".md")) for page in site.rglob("*.html")} - {
        "404.md"
    } == navigation


def test_every_command_and_every_rule_is_in_the_reference(site: Path) -> None:
    commands = (site / "reference/commands.html").read_text(encoding="utf-8")
    for name in re.findall(r"^    ([a-z]+)(?: |$)", parser_for("").format_help(), re.MULTILINE):
        assert f"usage: contractgen {name}" in commands, name
    assert "usage: pressroom migrate" in commands
    rules = (site / "reference/lint-rules.html").read_text(encoding="utf-8")
    assert [name for name in RULES if f"<code>{name}</code>" not in rules] == []


def test_the_reference_has_every_extra_and_every_setting(site: Path) -> None:
    runtime = (site / "reference/runtime.html").read_text(encoding="utf-8")
    for name in ("plain", "service.edge", "postgres.db", "testing.scenarios", "mocking.mocks"):
        assert re.search(rf"<h3[^>]*>{re.escape(name)}<", runtime), name
    settings = (site / "reference/settings.html").read_text(encoding="utf-8")
    for name in re.findall(r"^([A-Z_]+)=", read(".env.example"), re.MULTILINE):
        assert f"<code>{name}</code>" in settings, name


def test_the_words_for_tests_are_not_shown(site: Path) -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in site.rglob("*.html"))
    assert "not-run=" not in pages
    assert "```" not in pages
