"""Responses against the contract: status, headers, media type and body; and those of no operation."""

from typing import Any

import httpx
import orjson

from contractgen_runtime.statuses import BODILESS

from .contract import Contract, Key, Operation
from .echo import repeated
from .headers import header_fault

PROBLEM = "application/problem+json"
#: What is served beside the contract.
DOCUMENTATION = ("/openapi.json", "/openapi.yaml", "/docs", "/redoc")


class ContractViolation(AssertionError):
    """A response that the contract does not declare."""


class Checker:
    """Checks responses, and keeps the pairs of operation and declared response that were as declared.

    - `problem_schema`: every error is a problem of RFC 9457 by this schema, `#/components/schemas/Problem`.
    - `admits_problems`: a rejection that the contract does not declare, or declares without content, is a
      problem of RFC 9457, as generated code sends it. One that is not declared counts as no response of it.
    - `forbids_echo`: no error repeats a value of its request.
    - `beside`: where what is served beside the contract begins; the page at `/` is always beside it.
    """

    def __init__(
        self,
        contract: Contract,
        *,
        problem_schema: str | None = None,
        admits_problems: bool = True,
        forbids_echo: bool = False,
        beside: tuple[str, ...] = DOCUMENTATION,
    ) -> None:
        self.contract = contract
        self.witnessed: set[tuple[str, Key]] = set()
        self._problem_schema = contract.schemas.reference(problem_schema) if problem_schema else None
        self._admits_problems = admits_problems
        self._forbids_echo = forbids_echo
        self._beside = beside

    @property
    def declared(self) -> set[tuple[str, Key]]:
        """Every operation with each response that it declares."""
        return {(each.id, key) for each in self.contract.operations.values() for key in each.responses}

    def check(self, request: httpx.Request, response: httpx.Response, sent: bytes = b"") -> None:
        """Raise ContractViolation unless the response is one that the contract has for the request.

        `sent` is the body of the request.
        """
        path, method = request.url.raw_path.decode("ascii").partition("?")[0], request.method
        operations = self.contract.methods_of(path)
        if not operations and (path == "/" or path.startswith(self._beside)):
            return
        operation = operations.get(method) or (operations.get("GET") if method == "HEAD" else None)
        where = f"{operation.id if operation else f'{method} {path}'} {response.status_code}"
        try:
            key = self._check(request, response, operation, set(operations))
            if response.status_code >= 400:
                self._check_error(request, response, sent)
        except ContractViolation as violation:
            raise ContractViolation(f"{where}: {violation}: {response.text[:500]}") from None
        if operation is not None and key is not None and method == operation.method:
            self.witnessed.add((operation.id, key))

    def _check(
        self,
        request: httpx.Request,
        response: httpx.Response,
        operation: Operation | None,
        methods: set[str],
    ) -> Key | None:
        if operation is None:
            _check_router(request, response, methods)
            return None
        if not operation.responses and response.status_code < 400:
            return None  # the contract says nothing of responses here
        found = operation.declared(response.status_code)
        if found is None:
            if not (self._admits_problems and response.status_code >= 400):
                raise ContractViolation("the status is not declared")
            _check_problem(request.method, response)
            return None
        key, declared = found
        is_problem = response.status_code >= 400 and response.headers.get("content-type") == PROBLEM
        if is_problem and self._admits_problems and not declared.get("content"):
            _check_problem(request.method, response)
            return key
        self._check_headers(declared, response)
        self._check_content(declared.get("content"), request.method, response)
        return key

    def _check_headers(self, declared: dict[str, Any], response: httpx.Response) -> None:
        for name, header in declared.get("headers", {}).items():
            if name.lower() == "content-type":  # OpenAPI ignores it here
                continue
            fault = header_fault(self.contract, name, self.contract.resolve(header), response)
            if fault:
                raise ContractViolation(fault)

    def _check_content(self, content: dict[str, Any] | None, method: str, response: httpx.Response) -> None:
        media_type = response.headers.get("content-type")
        if not content or response.status_code in BODILESS:  # HTTP has no body there, whatever is declared
            if response.content or media_type is not None:
                raise ContractViolation("the contract declares no content")
            return
        media = _media(content, media_type)
        if media is None:
            raise ContractViolation(f"the media type is {media_type}, not {' or '.join(content)}")
        if method == "HEAD":
            if response.content:
                raise ContractViolation("the response to HEAD has a body")
            return
        is_json = _essence(media_type).endswith(("/json", "+json"))
        length = response.headers.get("content-length")
        # What is sent piece by piece has no length.
        if length != str(len(response.content)) and (length is not None or is_json):
            raise ContractViolation("Content-Length is not the length of the body")
        if "schema" not in media or not (is_json or _essence(media_type).startswith("text/plain")):
            return
        values = [_json(response)] if is_json else _readings(response.text)
        faults = [self.contract.schemas.fault(media["schema"], each) for each in values]
        if all(faults):
            raise ContractViolation(f"body {faults[0]}")

    def _check_error(self, request: httpx.Request, response: httpx.Response, sent: bytes) -> None:
        if self._problem_schema is not None:
            _check_problem(request.method, response)
            if request.method != "HEAD":
                fault = self.contract.schemas.fault(self._problem_schema, _json(response))
                if fault:
                    raise ContractViolation(f"body {fault}")
        if self._forbids_echo and (value := repeated(request, response, sent, self.contract.text)):
            raise ContractViolation(f"the response repeats what was sent, {value[:80]!r}")


def _check_router(request: httpx.Request, response: httpx.Response, methods: set[str]) -> None:
    """Check what belongs to no operation: 404 where no path matches; else OPTIONS or 405, with methods."""
    if "access-control-request-method" in request.headers:
        expected = 204
    elif not methods:
        expected = 404
    else:
        expected = 204 if request.method == "OPTIONS" else 405
        allowed = methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
        named = [method.strip() for method in response.headers.get("allow", "").split(",")]
        if sorted(named) != sorted(allowed):
            raise ContractViolation(f"Allow names {named}, the path has {sorted(allowed)}")
    if response.status_code != expected:
        raise ContractViolation(f"no operation has this request, and the status is not {expected}")
    if expected == 204 and response.content:
        raise ContractViolation("a 204 has a body")


def _check_problem(method: str, response: httpx.Response) -> None:
    if response.headers.get("content-type") != PROBLEM:
        raise ContractViolation(f"the media type is not {PROBLEM}")
    if method == "HEAD":
        return
    problem = _json(response)
    status = problem.get("status") if isinstance(problem, dict) else None
    if status != response.status_code:
        raise ContractViolation(f"the problem has the status {status}")


def _media(content: dict[str, Any], media_type: str | None) -> dict[str, Any] | None:
    """Return what is declared for a media type, by itself or by a range; its charset is no difference."""
    if media_type is None:
        return None
    essence = _essence(media_type)
    by_essence = {_essence(declared): media for declared, media in content.items()}
    for name in (essence, f"{essence.partition('/')[0]}/*", "*/*", "*"):
        if name in by_essence:
            return dict(by_essence[name])
    return None


def _essence(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _readings(text: str) -> list[Any]:
    """Return what a text can stand for: itself, and the JSON that it is, but for null and another text."""
    try:
        value = orjson.loads(text)
    except ValueError:
        return [text]
    return [text] if value is None or isinstance(value, str) else [text, value]


def _json(response: httpx.Response) -> Any:
    try:
        return orjson.loads(response.content)
    except orjson.JSONDecodeError as error:
        raise ContractViolation(f"the body is not JSON: {error}") from None
