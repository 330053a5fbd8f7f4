"""How the tests are distributed over the processes of pytest-xdist, and what these need not do twice."""

import gc
import os
from typing import Any

import pytest
from xdist.scheduler.loadfile import LoadFileScheduling  # type: ignore[import-untyped]  # it has no types

#: Modules whose tests share nothing and take long: any process may run any of them.
_DIVIDED = (
    *("contract/test_fuzz.py", "docs/test_pages.py", "sdk/test_sdks.py"),
    *("test_construct_probes.py", "test_corpus.py", "test_mock_fuzz.py"),
)
#: What takes long comes first: begun last, it would be waited for by one process alone.
_LONG = (
    *_DIVIDED,
    *("fuzz/test_fuzz_command.py", "load/test_runs.py", "cli/test_cli.py", "verify/test_verify.py"),
    *("new/test_scaffold.py", "browser/test_pages.py", "wire/test_crowds.py", "cli/test_development.py"),
    *("deployment/test_backup.py", "new/test_tables.py", "test_action.py", "house/test_distributions.py"),
)


class ByModule(LoadFileScheduling):  # type: ignore[misc]  # as above
    """One process runs all tests of a module, so that the packages that they share are generated once."""

    def _split_scope(self, nodeid: str) -> str:
        module: str = super()._split_scope(nodeid)
        return nodeid if module.endswith(_DIVIDED) else module


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not str(item.path).endswith(_LONG))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Half a million objects stay until the end: no search for garbage needs to look at them again.

    It took an eighth of the tests' time. The threshold is that of a server process.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """The end of the interpreter searches nothing either: everybody waited two seconds for it."""
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One process more than cores: a quarter of the time of two on two cores, tests waited for processes."""
    del config
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByModule:
    config.option.loadscopereorder = False  # by the number of tests, which says nothing of their time
    return ByModule(config, log)
