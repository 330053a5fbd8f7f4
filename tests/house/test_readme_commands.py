"""Every command that the README shows is one, with the arguments that it shows."""

import argparse
import re
import shlex

import pytest

from contractgen.commands import cli as contractgen
from pressroom import cli as pressroom
from tests.house.project import read

README = read("README.md")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
PROGRAMS = ("contractgen ", "pressroom ")
SHOWN = [line for block in BLOCKS for line in block.splitlines() if line.startswith(PROGRAMS)]
NAMED = sorted(set(re.findall(r"`((?:contractgen|pressroom) [a-z-]+)", README)))


def parser(program: str, command: str) -> argparse.ArgumentParser:
    return contractgen.parser_for(command) if program == "contractgen" else pressroom.parser()


@pytest.mark.parametrize("line", SHOWN)
def test_a_command_that_is_shown_is_understood(line: str) -> None:
    program, *arguments = shlex.split(line)
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
