"""The code blocks of a page: what each is, and what a test does with it.

A fence says it in its first line, after the language:

    title="app.py"         the content of a file; `diff` changes a file that is there
    serve                  a command that runs on, such as a server: it is stopped at the end of the page
    exit=1                 a command that ends with this exit code
    not-run="REASON"       one of REASONS
    sdk                    needs what `make sdk` installs: that runs it, in place of the other tests

Other blocks of `sh` and `python` are run. A block of `text` or `json` without a title is the expected output
of the block of `sh` before it; `...` in it stands for any text, on a line of its own for any lines.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from tests.house.project import read, tracked

Kind = Literal["file", "change", "run", "serve", "script", "output", "not run"]

#: Why a block may be left out; test_blocks.py counts the blocks of each.
REASONS = {
    "make sdk runs it",
    "installs from an index",
    "needs Docker",
    "needs a server of yours",
    "runs until it is stopped",
}
_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<info>[^\n`]+)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block, with the line of its fence."""

    page: str
    line: int
    kind: Kind
    language: str
    text: str
    section: str = ""
    title: str = ""
    exit_code: int = 0
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[str]:
    """Return the pages that people read: those at the root, below docs/, and of the distributions."""
    named = [path for path in tracked() if path.suffix == ".md"]
    folders = {"docs", "src"}
    return [str(path) for path in named if len(path.parts) == 1 or path.parts[0] in folders]


def blocks_of(page: str, *, sdk: bool = False) -> list[Block]:
    """Return the blocks of a page in their order."""
    return list(parsed(page, read(page), sdk=sdk))


def parsed(page: str, markdown: str, *, sdk: bool = False) -> Iterator[Block]:
    """Yield the blocks of a text; ValueError for one of which a test would not know what to do."""
    before: Block | None = None
    for found in _FENCE.finditer(markdown):
        line = markdown.count("\n", 0, found.start()) + 1
        text = re.sub(rf"^{found['indent']}", "", found["text"], flags=re.MULTILINE)
        section = _HEADING.findall(markdown, 0, found.start())[-1:]
        block = _block(page, line, found["info"], text, before, sdk=sdk)
        before = replace(block, section="".join(section))
        yield before


def _block(page: str, line: int, info: str, text: str, before: Block | None, *, sdk: bool) -> Block:
    language, *words = shlex.split(info)
    options = dict(word.partition("=")[::2] for word in words)
    title, reason = options.pop("title", ""), options.pop("not-run", "")
    if options.pop("sdk", None) is not None and not sdk:
        reason = "make sdk runs it"
    exit_code, is_served = int(options.pop("exit", "0")), options.pop("serve", None) is not None
    if options:
        raise ValueError(f"{page}:{line}: unknown option {', '.join(options)}")
    kind: Kind
    if reason:
        kind = "not run"
    elif title:
        kind = "change" if language == "diff" else "file"
    elif language == "sh":
        kind = "serve" if is_served else "run"
    elif language == "python":
        kind = "script"
    elif language in {"text", "json"} and before is not None and before.language == "sh":
        kind = "not run" if before.kind == "not run" else "output"
        reason = before.reason
    else:
        raise ValueError(f"{page}:{line}: {language} is neither run, nor a file, nor an output")
    return Block(page, line, kind, language, text, title=title, exit_code=exit_code, reason=reason)
