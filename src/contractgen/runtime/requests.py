"""One request, read step by step in the order in which a contract's checks are made."""

from asyncio import timeout
from typing import Any, TypeVar, cast
from urllib.parse import unquote, unquote_plus

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json
from starlette.types import Message, Receive, Scope

from .bodies import Body
from .parameters import Parameter
from .problems import Refusal, Violation, invalid, invalid_body, json_pointer, violation

T = TypeVar("T")
ModelT = TypeVar("ModelT", bound=BaseModel)

_CHALLENGE = b"www-authenticate"
# More digits than any length has that can be sent.
_MAX_DIGITS = 18
# Seconds from the first part of a body to its last: what was checked before it must still be true after it.
_BODY_DEADLINE = 10


class Request:
    """A request to one operation.

    Parameters that violate their schemas are collected; `conclude` then refuses the request with all of them.
    """

    __slots__ = ("_query", "_violations", "headers", "receive", "scope")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self.receive = receive
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self._violations: list[Violation] = []
        self._query: dict[str, str] = {}

    # Credentials --------------------------------------------------------------------------------------

    def has_credentials(self) -> bool:
        """Whether the request says who sends it."""
        return b"authorization" in self.headers

    def bearer_token(self) -> str:
        """The token of `Authorization: Bearer`; 401 when there is none, or more than one."""
        scheme, _, token = self.headers.get(b"authorization", b"").partition(b" ")
        if scheme.lower() != b"bearer" or not token:
            raise unauthorized(b"Bearer")
        if len(self.headers) != len(self.scope["headers"]) and self._count(b"authorization") > 1:
            raise unauthorized(b"Bearer")
        return token.decode("latin-1")

    def _count(self, name: bytes) -> int:
        return sum(1 for header, _ in self.scope["headers"] if header == name)

    # Parameters ---------------------------------------------------------------------------------------

    def parse_query(self, names: frozenset[str]) -> None:
        """Split the query string; unknown and repeated parameters are violations."""
        query: bytes = self.scope["query_string"]
        if not query:
            return
        for pair in query.decode("latin-1").split("&"):
            if not pair:
                continue
            name, _, value = pair.partition("=")
            try:
                name, value = unquote_plus(name, errors="strict"), unquote_plus(value, errors="strict")
            except UnicodeDecodeError:
                self._refuse("query", "", "The query string is not UTF-8")
                continue
            if name not in names:
                self._refuse("query", json_pointer([name]), "Unknown query parameters are not permitted")
            elif name in self._query:
                self._refuse("query", json_pointer([name]), "The parameter may be given once")
            else:
                self._query[name] = value

    def required(self, parameter: Parameter[T]) -> T:
        """The value of a required parameter. After a violation it is no value: `conclude` before using it."""
        return self._read(parameter)  # type: ignore[return-value]  # None only after a violation

    def optional(self, parameter: Parameter[T]) -> T | None:
        """The value of a parameter, None when it is absent."""
        return self._read(parameter)

    def defaulted(self, parameter: Parameter[T]) -> T:
        """The value of a parameter, its default when it is absent."""
        value = self._read(parameter)
        return cast(T, parameter.default) if value is None else value

    def _read(self, parameter: Parameter[T]) -> T | None:
        text = self._text(parameter.location, parameter.name)
        if text is None:
            if parameter.required:
                self._refuse(parameter.location, json_pointer([parameter.name]), "The parameter is required")
            return None
        try:
            return parameter.convert(text)
        except ValueError as error:
            self._refuse(parameter.location, json_pointer([parameter.name]), str(error))
            return None

    def _text(self, location: str, name: str) -> str | None:
        if location == "query":
            return self._query.get(name)
        if location == "path":
            value: str | None = self.scope["path_params"].get(name)
            return value
        if location == "cookie":
            return self._cookies().get(name)
        key = name.lower().encode("latin-1")
        if self._count(key) > 1:
            self._refuse("header", json_pointer([name]), "The parameter may be given once")
        return self.headers[key].decode("latin-1") if key in self.headers else None

    def _cookies(self) -> dict[str, str]:
        """The cookies by name; of several with one name the first, which is the most specific."""
        found: dict[str, str] = {}
        for pair in self.headers.get(b"cookie", b"").decode("latin-1").split(";"):
            name, _, value = pair.strip().partition("=")
            found.setdefault(name, unquote(value))
        return found

    def _refuse(self, location: str, pointer: str, detail: str) -> None:
        self._violations.append(violation(location, pointer, detail))

    def conclude(self) -> None:
        """422 when any parameter violates its schema."""
        if self._violations:
            raise invalid(self._violations)

    # Body ---------------------------------------------------------------------------------------------

    def has_body(self) -> bool:
        """Whether the request announces a body."""
        return self.headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in self.headers

    def accept(self, body: Body[Any]) -> None:
        """415 for another media type, 413 for a length that is announced and too large."""
        content_type = self.headers.get(b"content-type", b"").decode("latin-1")
        media_type, _, rest = content_type.partition(";")
        charset = rest.strip().lower()
        if media_type.strip().lower() != body.media_type or charset not in (
            "",
            "charset=utf-8",
            'charset="utf-8"',
        ):
            raise Refusal(415, f"The body must be {body.media_type}.")
        if self.headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise Refusal(415, "The body must have no content coding.")
        length = self.headers.get(b"content-length", b"0")
        if not length.isdigit() or len(length) > _MAX_DIGITS or int(length) > body.max_bytes:
            raise _too_large(body)

    async def read(self, body: Body[ModelT]) -> ModelT:
        """The validated body: 413 past its size, 400 when it is not JSON, 422 when it violates its schema."""
        raw = await self._receive(body)
        if b"NaN" in raw or b"Infinity" in raw:
            _refuse_numbers_that_are_none(raw)
        try:
            model = body.validate(raw)
        except ValidationError as error:
            raise invalid_body(error) from None
        if body.residual is not None and (violations := body.residual(raw)):
            raise invalid(violations)
        return model

    async def _receive(self, body: Body[Any]) -> bytes:
        message = await self.receive()
        if message["type"] == "http.request" and not message.get("more_body", False):
            whole: bytes = message.get("body", b"")
            if len(whole) > body.max_bytes:
                raise _too_large(body)
            return whole
        try:
            async with timeout(_BODY_DEADLINE):
                return await self._receive_rest(body, message)
        except TimeoutError:
            raise Refusal(408, f"The body did not arrive within {_BODY_DEADLINE} s.") from None

    async def _receive_rest(self, body: Body[Any], message: Message) -> bytes:
        chunks, size = [message.get("body", b"")], len(message.get("body", b""))
        while message.get("more_body", False) and size <= body.max_bytes:
            message = await self.receive()
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
        if size > body.max_bytes:
            raise _too_large(body)
        if message["type"] == "http.disconnect":
            raise Refusal(400, "The body ended before its end.")
        return b"".join(chunks)


def unauthorized(challenge: bytes) -> Refusal:
    """401, with the challenge that RFC 9110 asks for."""
    return Refusal(401, "This operation needs a valid access token.", [(_CHALLENGE, challenge)])


def _refuse_numbers_that_are_none(raw: bytes) -> None:
    """NaN and the infinities are no JSON, though the model's parser takes them."""
    try:
        from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise Refusal(400, f"The body is not valid JSON: {error}.") from None


def _too_large(body: Body[Any]) -> Refusal:
    return Refusal(413, f"The body may have at most {body.max_bytes} bytes.")
