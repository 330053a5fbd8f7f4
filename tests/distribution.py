"""How the tests are distributed over the processes of pytest-xdist."""

import os
from typing import Any

import pytest
from xdist.scheduler.loadfile import LoadFileScheduling  # type: ignore[import-untyped]  # it has no types

#: Modules whose tests share nothing and take long: any process may run any of them.
_DIVIDED = (
    *("test_construct_probes.py", "test_corpus.py", "test_mock_fuzz.py"),
    *("docs/test_pages.py", "sdk/test_sdks.py"),
)


class ByModule(LoadFileScheduling):  # type: ignore[misc]  # as above
    """One process runs all tests of a module, so that the packages that they share are generated once."""

    def _split_scope(self, nodeid: str) -> str:
        module: str = super()._split_scope(nodeid)
        return nodeid if module.endswith(_DIVIDED) else module


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One process more than cores: a quarter of the time of two on two cores, tests waited for processes."""
    del config
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByModule:
    return ByModule(config, log)
