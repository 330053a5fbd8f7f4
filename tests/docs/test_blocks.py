"""What pages show without running it: few blocks, each with its reason, and commands that exist."""

import argparse
import re
import shlex
from collections import Counter

import pytest

from contractgen.commands import cli as contractgen
from pressroom import cli as pressroom
from tests.docs.blocks import REASONS, blocks_of, pages
from tests.house.project import ROOT, read

BLOCKS = [block for page in pages() for block in blocks_of(page)]
#: How many blocks may be left out for each reason; more need a reason to be raised here.
MOST = 6
PROGRAMS = ("contractgen ", "pressroom ")
SHOWN = [
    line.strip()
    for block in BLOCKS
    if block.language == "sh"
    for line in re.sub(r"\\\n\s*", "", block.text).splitlines()
    if line.strip().startswith(PROGRAMS)
]
NAMES = re.compile(r"`((?:contractgen|pressroom) [a-z-]+)")
NAMED = sorted({name for page in pages() for name in NAMES.findall(read(page))})


def test_few_blocks_are_not_run_and_each_says_why() -> None:
    reasons = Counter(block.reason for block in BLOCKS if block.kind == "not run" and block.language == "sh")
    assert reasons.keys() == REASONS
    del reasons["make sdk runs it"]
    assert {reason: count for reason, count in reasons.items() if count > MOST} == {}


def test_every_block_of_a_known_language_that_is_not_run_says_why() -> None:
    assert [str(block) for block in BLOCKS if block.kind == "not run" and block.reason not in REASONS] == []


def parser(program: str, command: str) -> argparse.ArgumentParser:
    return contractgen.parser_for(command) if program == "contractgen" else pressroom.parser()


@pytest.mark.parametrize("line", SHOWN)
def test_a_command_that_is_shown_is_understood(line: str) -> None:
    words = shlex.split(re.split(r" [|&>]", line)[0], comments=True)
    program, *arguments = [word for word in words if word != "||"]
    if arguments[0].startswith("-"):
        return
    parsed = vars(parser(program, arguments[0]).parse_args(arguments)).values()
    values = [str(each) for value in parsed for each in (value if isinstance(value, list) else [value])]
    assert {each for each in arguments[1:] if not each.startswith("-")} <= set(values)


@pytest.mark.parametrize("name", NAMED)
def test_a_command_that_is_named_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    program, command = name.split()
    with pytest.raises(SystemExit) as ended:
        parser(program, command).parse_args([command, "--help"])
    assert (ended.value.code, capsys.readouterr().out != "") == (0, True)


def test_there_are_commands() -> None:
    assert SHOWN != []
    assert NAMED != []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_links_of_the_root_lead_to_files(page: str) -> None:
    """The build of docs/ checks the others."""
    links = re.findall(r"\]\(([^):#]+)[)#]", read(page))
    assert links != []
    assert [link for link in links if not (ROOT / link).is_file()] == []
