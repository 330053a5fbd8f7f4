"""At the end of a whole run: every response that an operation of the contract declares was witnessed.

What was witnessed is kept in pytest's cache, to be added to what something else has seen, such as a fuzz.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

import pytest

from .checker import Checker
from .contract import Key

_WITNESSED = "contract/witnessed"
#: Options that leave tests out. Not `--ignore`: a run without what has no witness, such as a fuzz, is whole.
_NARROWING = ("keyword", "markexpr", "lf", "stepwise", "deselect")


def witnessed_before(config: pytest.Config) -> list[str]:
    """Return what the last whole run has witnessed, as `operation response`; nothing without a cache."""
    cache = getattr(config, "cache", None)
    return list(cache.get(_WITNESSED, [])) if cache is not None else []


class Completeness:
    """A pytest plugin. Processes of pytest-xdist hand what they saw to the one that started them.

    `exempt` are patterns of operation and response that need no witness, such as `* 500`.
    """

    def __init__(self, config: pytest.Config, checker: Checker, *, exempt: Sequence[str] = ()) -> None:
        self._config = config
        self._checker = checker
        self._exempt = exempt
        self._missing: set[tuple[str, Key]] = set()

    def _is_whole_run(self) -> bool:
        option = self._config.option
        return (
            self._config.args_source is pytest.Config.ArgsSource.TESTPATHS
            and not option.collectonly
            and not any(getattr(option, name, None) for name in _NARROWING)
        )

    def _needs_witness(self, operation: str, key: Key) -> bool:
        return not any(fnmatchcase(f"{operation} {key}", pattern) for pattern in self._exempt)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        output = getattr(node, "workeroutput", {})  # a process that crashed leaves none
        self._checker.witnessed.update((operation, key) for operation, key in output.get("witnessed", ()))

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output["witnessed"] = [list(pair) for pair in self._checker.witnessed]
        elif exitstatus == pytest.ExitCode.OK and self._is_whole_run():
            missing = self._checker.declared - self._checker.witnessed
            if (cache := getattr(self._config, "cache", None)) is not None:
                cache.set(
                    _WITNESSED, sorted(f"{operation} {key}" for operation, key in self._checker.witnessed)
                )
            self._missing = {pair for pair in missing if self._needs_witness(*pair)}
            if self._missing:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._missing:
            terminalreporter.section("declared by the contract, witnessed by no test", red=True)
        for operation, key in sorted(self._missing, key=str):
            terminalreporter.line(f"{operation} {key}")
