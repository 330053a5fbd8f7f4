"""At the end of a whole run: every pair of operation and status that the contract declares was witnessed."""

from typing import Any

import pytest

from tests.contract.document import OPERATIONS
from tests.contract.witness import witnessed

DECLARED = {(operation.id, status) for operation in OPERATIONS.values() for status in operation.responses}

#: Options that leave tests out. Not `--ignore`: without the fuzz test, which has no witness, a run is whole.
_NARROWING = ("keyword", "markexpr", "lf", "stepwise", "deselect")


class Completeness:
    """A pytest plugin. Processes of pytest-xdist hand what they saw to the one that started them."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._missing: set[tuple[str, int]] = set()

    def _is_whole_run(self) -> bool:
        option = self._config.option
        return (
            self._config.args_source is pytest.Config.ArgsSource.TESTPATHS
            and not option.collectonly
            and not any(getattr(option, name, None) for name in _NARROWING)
        )

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        output = getattr(node, "workeroutput", {})  # a process that crashed leaves none
        witnessed.update((operation, status) for operation, status in output.get("witnessed", ()))

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output["witnessed"] = [list(pair) for pair in witnessed]
        elif exitstatus == pytest.ExitCode.OK and self._is_whole_run():
            self._missing = DECLARED - witnessed
            if self._missing:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._missing:
            terminalreporter.section("declared by the contract, witnessed by no test", red=True)
        for operation, status in sorted(self._missing):
            terminalreporter.line(f"{operation} {status}")
