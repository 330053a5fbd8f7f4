"""What is checked of every response: the contract, and the service's own rules of errors."""

from contractgen_runtime.testing.checker import DOCUMENTATION, Checker
from tests.contract.document import CONTRACT

CHECKER = Checker(
    CONTRACT,
    problem_schema="#/components/schemas/Problem",
    admits_problems=False,
    forbids_echo=True,
    beside=(*DOCUMENTATION, "/problems/"),
)
