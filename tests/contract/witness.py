"""What is checked of every response: the contract, and the service's own rules of errors and request ids."""

import httpx

from contractgen_runtime.testing.checker import DOCUMENTATION, PROBLEM, Checker, ContractViolation
from tests.contract.document import CONTRACT


class ServiceChecker(Checker):
    """Also demands that every response has its request's id, and that a problem repeats it."""

    def check(self, request: httpx.Request, response: httpx.Response, sent: bytes = b"") -> None:
        super().check(request, response, sent)
        if "x-request-id" not in response.headers:
            raise ContractViolation("the response has no X-Request-Id")
        is_problem = response.headers.get("content-type") == PROBLEM and response.content
        if is_problem and response.json().get("request_id") != response.headers["x-request-id"]:
            raise ContractViolation("the problem has not the response's X-Request-Id")


CHECKER = ServiceChecker(
    CONTRACT,
    problem_schema="#/components/schemas/Problem",
    admits_problems=False,
    forbids_echo=True,
    beside=(*DOCUMENTATION, "/problems/"),
)
