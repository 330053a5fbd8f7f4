"""Every test can fail because of the product."""

import ast
from pathlib import PurePosixPath

import pytest

from tests.house.project import parse, python_files
from tests.house.proofs import ModuleOfTests

MODULES = [path for path in python_files("tests") if path.name.startswith("test_")]
HEAD = """
import pytest
from pressroom.x import thing
SWITCH = 1

@pytest.mark.parametrize("status", [200])
async def test_it(client, status, tmp_path):
    """
PROVING = [
    "assert (await client.get('/')).status_code == status",
    "for path in ('/', '/a'):\n        assert (await client.get(path)).status_code == 200",
    "seen = []\n    thing(seen.append)\n    assert seen == [1]",
    "thing(tmp_path / 'a')\n    assert (tmp_path / 'a').read_text() == 'b'",
    "with pytest.raises(ValueError):\n        thing()",
    "helper(await client.get('/'))\n\ndef helper(answer):\n    assert answer.status_code == 200",
]
GUTTED = [
    "pass",
    "assert True",
    "assert status == 200",
    "answer = 1\n    assert answer == 1",
    "await client.get('/')",
    "answer = await client.get('/')\n    assert answer == answer",
    "answer = await client.get('/')\n    assert answer.status_code == 200 or True",
    "return\n    assert thing() == 1",
    "pytest.skip('later')\n    assert thing() == 1",
    "if SWITCH:\n        assert thing() == 1",
    "while False:\n        assert thing() == 1",
    "for each in thing():\n        assert each == 1",
    "with pytest.raises(Exception):\n        thing()",
    "with pytest.raises(ValueError):\n        int('x')",
    "with suppress(AssertionError):\n        assert thing() == 1",
    "try:\n        assert thing() == 1\n    except AssertionError:\n        pass",
    "def nobody_calls():\n        assert thing() == 1",
    "assert tmp_path.exists()",
]


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_every_test_of_a_module_proves_something(path: PurePosixPath) -> None:
    module = ModuleOfTests(parse(path))
    tests = [name for name in module.functions if name.startswith("test_")]
    assert tests, "the module has no test"
    assert {name: found for name in tests if (found := module.faults(name))} == {}


@pytest.mark.parametrize("body", PROVING)
def test_a_proof_is_recognized(body: str) -> None:
    assert ModuleOfTests(ast.parse(HEAD + body)).faults("test_it") == []


@pytest.mark.parametrize("body", GUTTED)
def test_a_gutted_test_is_found(body: str) -> None:
    assert ModuleOfTests(ast.parse(HEAD + body)).faults("test_it") != []
