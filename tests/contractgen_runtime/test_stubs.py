"""Handlers that are still to be written: their mark, what lists them, and that they do not mount."""

import re
import subprocess
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from types import ModuleType

import pytest
from fastapi import FastAPI

from contractgen_runtime.mounting import HandlerError
from contractgen_runtime.stubs import is_unimplemented, unimplemented
from tests.contractgen.packages import contract, package_of
from tests.contractgen.service import Host, Service
from tests.tiers import slow

MODULE = """
from contractgen_runtime import stubs


@stubs.unimplemented
async def first(number: int) -> int:
    raise NotImplementedError


async def second(number: int) -> int:
    return number


@stubs.unimplemented
async def third() -> str:
    raise NotImplementedError


async def caller() -> int:
    return await first(1) + await second(2)
"""


async def written() -> None: ...


@unimplemented
async def unwritten() -> int:
    return 1


async def test_only_what_is_marked_is_unimplemented(recwarn: pytest.WarningsRecorder) -> None:
    assert is_unimplemented(unwritten)
    assert not any(map(is_unimplemented, (written, None, 1, FastAPI, object())))
    assert await unwritten() == 1, "the mark changes nothing else"
    assert len(recwarn) == 0, "only type checkers warn"


def test_a_decorator_above_the_mark_keeps_it() -> None:
    @wraps(unwritten)
    async def around() -> int:
        return await unwritten()

    assert is_unimplemented(around)


def test_a_method_has_the_mark_of_its_function() -> None:
    class Handlers:
        @unimplemented
        async def first(self) -> None: ...

        async def second(self) -> None: ...

    assert [is_unimplemented(each) for each in (Handlers().first, Handlers().second)] == [True, False]


@slow
def test_mypy_lists_the_marked_handlers_when_it_is_asked(
    tmp_path: Path, mypy: Callable[[Path], list[str]]
) -> None:
    (tmp_path / "handlers.py").write_text(MODULE)
    assert mypy(tmp_path) == []
    command = [sys.executable, "-m", "mypy", "--strict", "--enable-error-code=deprecated", "handlers.py"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    found = re.findall(
        r"^handlers\.py:(\d+): error: .*deprecated: this operation has no handler yet",
        run.stdout,
        re.MULTILINE,
    )
    assert [MODULE.splitlines()[int(line) - 1] for line in found] == ["@stubs.unimplemented"] * 2


# Mounting ------------------------------------------------------------------------------------------------


def things(source: str) -> ModuleType:
    module = ModuleType("things")
    exec("from contractgen_runtime.stubs import unimplemented\n" + source, vars(module))
    return module


GET = "async def get_thing(context, /, *, thing_id, word): ...\n"
PUT = "async def put_thing(context, caller, /, *, thing_id, body): ...\n"
MARK = "@unimplemented\n"


@pytest.mark.parametrize(
    ("source", "unfinished", "texts"),
    [
        ("", ("get_thing", "put_thing"), ["get_thing is missing", "put_thing is missing"]),
        (GET, ("put_thing",), ["put_thing is missing"]),
        (MARK + GET + PUT, ("get_thing",), ["get_thing is marked as unimplemented"]),
        (MARK + GET, ("get_thing", "put_thing"), ["get_thing is marked", "put_thing is missing"]),
        # Another fault than to be unwritten: nothing is open.
        (GET.replace("word", "more") + PUT, (), ["get_thing differs"]),
        (GET.replace("word", "more"), ("put_thing",), ["get_thing differs", "put_thing is missing"]),
        (GET + PUT + "async def other(): ...\n", (), ["no operation other under the tag"]),
        (MARK + GET + PUT + "async def other(): ...\n", ("get_thing",), ["get_thing is marked", "other"]),
    ],
)
def test_the_error_names_open_operations_apart(
    source: str, unfinished: tuple[str, ...], texts: list[str]
) -> None:
    package = package_of(contract())
    handlers = things(source)
    with pytest.raises(HandlerError) as caught:
        package.Api(host=Host(package.operations.Refusal), things=handlers).mount(FastAPI())
    assert caught.value.open_operations == unfinished
    head, *faults = re.split(r"^things: ", str(caught.value), flags=re.MULTILINE)
    assert (head, len(faults)) == ("the handlers do not match the contract:\n\n", len(texts))
    for text, fault in zip(texts, faults, strict=True):
        assert text in fault


def test_a_service_whose_handlers_are_written_mounts() -> None:
    package = package_of(contract())
    app = FastAPI()
    package.Api(host=Service(package).host, things=things(GET + PUT)).mount(app)
    assert len([route for route in app.routes if hasattr(route, "operation")]) == 2
