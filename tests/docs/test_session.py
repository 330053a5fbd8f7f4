"""A page that is wrong fails: what the other tests of this folder rest on."""

from pathlib import Path

import httpx
import pytest

from tests.docs.blocks import parsed
from tests.docs.session import changed, matches, session
from tests.tiers import slow

SERVER = "python -m http.server 8000 --bind 127.0.0.1"


def do(tmp_path: Path, markdown: str) -> Path:
    folder = tmp_path / "page"
    folder.mkdir()
    with session(folder) as opened:
        for block in parsed("page.md", markdown):
            opened.do(block)
        return opened.folder


def test_a_shell_keeps_its_variables_and_its_folder(tmp_path: Path) -> None:
    folder = do(
        tmp_path,
        "```sh\nmkdir shop; cd shop; NAME=Ada\n```\n"
        '```text title="a.txt"\nHello\n```\n'
        "```sh\necho $NAME; cat a.txt\n```\n```text\nAda\nHello\n```\n",
    )
    assert (folder.name, (folder / "a.txt").read_text()) == ("shop", "Hello\n")


@pytest.mark.parametrize(
    "wrong",
    [
        "```sh\nfalse\n```\n",
        "```sh\nfalse | true\n```\n",
        "```sh\nfalse\ntrue\n```\n",
        "```sh\necho a\n```\n```text\nb\n```\n",
        "```sh\necho a; echo b\n```\n```text\na\n```\n",
        "```sh exit=1\ntrue\n```\n",
        "```python\nassert False\n```\n",
        '```text title="a"\nb\n```\n```diff title="a"\n-c\n+d\n```\n',
        "```sh serve\ntrue\n```\n",
    ],
)
def test_what_is_wrong_fails(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(AssertionError, match=r"^page\.md:\d+: "):
        do(tmp_path, wrong)


@pytest.mark.parametrize(
    "unknown",
    [
        "```yaml\na: 1\n```\n",
        "```text\na\n```\n",
        "```sh maybe\ntrue\n```\n",
        "```python\n1\n```\n```text\n1\n```\n",
    ],
)
def test_a_block_of_no_known_kind_is_an_error(unknown: str) -> None:
    with pytest.raises(ValueError, match=r"^page\.md:\d+: "):
        list(parsed("page.md", unknown))


@slow
def test_a_server_runs_until_the_page_ends(tmp_path: Path) -> None:
    """Its port is a free one, and the page's own in the output."""
    folder = do(
        tmp_path,
        f"```sh serve\n{SERVER}\n```\n"
        "```sh\ncurl -sS -o /dev/null -w '%{http_code} %{url}' http://127.0.0.1:8000/ | tee found\n```\n"
        "```text\n200 http://127.0.0.1:8000/\n```\n",
    )
    _, _, address = (folder / "found").read_text().partition(" ")
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)


@slow
def test_a_server_gives_way_to_the_next_one_at_its_port(tmp_path: Path) -> None:
    server = f"```sh serve\n{SERVER}\n```\n"
    folder = do(
        tmp_path,
        f"{server}{server}```sh exit=7\ncurl -sS http://127.0.0.1:8001/\n```\n"
        "```sh\ncurl -sS -o found http://127.0.0.1:8000/\n```\n",
    )
    assert "Directory listing" in (folder / "found").read_text()


def test_a_change_replaces_what_is_there_once() -> None:
    assert changed("a\nb\nc\n", " a\n-b\n+d\n", "here") == "a\nd\nc\n"
    with pytest.raises(AssertionError, match="not there once"):
        changed("a\na\n", "-a\n", "here")


@pytest.mark.parametrize(
    ("output", "expected", "equal"),
    [
        ("a\nb\nc\n", "a\n...\nc\n", True),
        ("a\nc\n", "a\n...\nc\n", True),
        ("a 12 b\n", "a ... b\n", True),
        ("a\nb\n", "a\n", False),
        ("a\n", "b\n", False),
        ("a.b\n", "axb\n", False),
    ],
)
def test_three_dots_stand_for_anything(output: str, expected: str, *, equal: bool) -> None:
    assert matches(output, expected) is equal
