"""Request heads: bytes that httptools and the rules of RFC 9112 accept, as an ASGI scope."""

import re
from typing import Any
from urllib.parse import unquote

import httptools
from starlette.types import Scope

from contractgen_runtime.problems import Refusal

from .framing import ChunkedBody, Framing, SizedBody
from .limits import MAX_FIELDS, TARGET_BYTES

_ABSOLUTE = re.compile(rb"https?://([^/?@]+)([/?].*)?", re.IGNORECASE)
# Fields that say how the request is framed; a second one is joined to the first, and is then not valid.
_FRAMING = frozenset({b"content-length", b"transfer-encoding", b"expect"})
# A number is found in bytes faster than bytes are: for these Python makes and discards an error first.
_SLASH = ord("/")
_HASH = ord("#")
_NO_FRAMING: dict[bytes, bytes] = {}
# The line of an unfinished head, as far as it goes, and a whole one.
_BEGUN_LINE = re.compile(rb"[A-Z-]{1,20}(?: (?:[!-~]+(?: [HTP/.0-9]{0,8}\r?)?)?)?|\r")
_LINE = re.compile(rb"[A-Z-]{1,20} [!-~]+ HTTP/1\.[01]\r")
_BARE_END = re.compile(rb"(?<!\r)\n|\r(?!\n|\Z)")


class Head:
    """Reads the heads of one connection, each in one piece; then has what the last one said."""

    __slots__ = (
        "_framing",
        "_headers",
        "_parser",
        "_state",
        "_target",
        "_template",
        "body",
        "expects_continue",
        "keep_alive",
    )

    def __init__(self, template: dict[str, Any], state: dict[str, Any]) -> None:
        self._template = template
        self._state = state
        self._parser = httptools.HttpRequestParser(self)
        self.keep_alive = False
        self.expects_continue = False
        self.body: Framing | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._framing: dict[bytes, bytes] = {}
        self._target = b""

    # Called by the parser ---------------------------------------------------------------------------

    def on_url(self, url: bytes) -> None:
        self._target = url

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        self._headers.append((name, value))
        if name in _FRAMING:
            known = self._framing = self._framing or {}
            known[name] = known[name] + b", " + value if name in known else value

    def on_headers_complete(self) -> None:
        self.keep_alive = self._parser.should_keep_alive()

    # Called by the connection -----------------------------------------------------------------------

    def read(self, head: bytes) -> Scope:
        """Return the scope of a request; raise a Refusal if the head is not one of HTTP/1.0 or HTTP/1.1."""
        headers: list[tuple[bytes, bytes]] = []
        self._headers = headers
        self._framing = _NO_FRAMING
        self._target = b""
        parser = self._parser
        try:
            parser.feed_data(head)
        except httptools.HttpParserUpgrade:  # requests to change the protocol are ordinary requests
            self._parser = httptools.HttpRequestParser(self)
        except httptools.HttpParserError:
            raise malformed() from None
        method = parser.get_method()
        target = self._target
        version = head[len(method) + len(target) + 1 : len(method) + len(target) + 12]
        is_current = version == b" HTTP/1.1\r\n"
        if not is_current:
            self.keep_alive = False
            if version != b" HTTP/1.0\r\n":
                raise malformed()
        if len(target) > TARGET_BYTES:
            raise target_too_long()
        if len(headers) > MAX_FIELDS:
            raise Refusal(431, f"The request may have at most {MAX_FIELDS} header fields.")
        self.body = None
        if self._framing:
            self._read_framing(is_current=is_current)
        if target[0] != _SLASH or method == b"CONNECT":
            target = self._read_target(target, method)
        if _HASH in target or not target.isascii():
            raise malformed()
        scope = self._template.copy()
        raw_path, _, scope["query_string"] = target.partition(b"?")
        path = raw_path.decode("ascii")
        scope["http_version"] = "1.1" if is_current else "1.0"
        scope["method"] = method.decode("ascii")
        scope["path"] = unquote(path) if "%" in path else path
        scope["raw_path"] = raw_path
        scope["headers"] = headers
        scope["state"] = self._state.copy()
        return scope

    def _read_framing(self, *, is_current: bool) -> None:
        """Read how the body is framed; whatever two readers could take for different lengths is refused."""
        length = self._framing.get(b"content-length")
        coding = self._framing.get(b"transfer-encoding")
        if coding is not None:
            if coding.lower() != b"chunked" or length is not None or not is_current:
                raise malformed()
            self.body = ChunkedBody()
        elif length is not None:
            if not length.isdigit():
                raise malformed()
            if int(length):
                self.body = SizedBody(int(length))
        if self.body is not None:
            # The parser waits for the body, which it does not get.
            self._parser = httptools.HttpRequestParser(self)
        expected = self._framing.get(b"expect", b"")
        self.expects_continue = is_current and self.body is not None and expected.lower() == b"100-continue"

    def _read_target(self, target: bytes, method: bytes) -> bytes:
        """Return the path of another form of target; the host of an absolute one replaces Host (RFC 9112)."""
        if target == b"*" and method == b"OPTIONS":
            return target
        found = _ABSOLUTE.fullmatch(target)
        if found is None or method == b"CONNECT":
            raise malformed()
        self._headers[:] = [(b"host", found[1]), *(each for each in self._headers if each[0] != b"host")]
        path = found[2] or b"/"
        return path if path.startswith(b"/") else b"/" + path


def check_begun(head: bytes) -> None:
    """Raise 400 if an unfinished head can no longer become a valid one."""
    line, end, _ = head.partition(b"\n")
    if not (_LINE if end else _BEGUN_LINE).fullmatch(line) or _BARE_END.search(head):
        raise malformed()


def malformed() -> Refusal:
    return Refusal(400, "This is not a request of HTTP/1.1.")


def target_too_long() -> Refusal:
    return Refusal(414, f"The target of the request may have at most {TARGET_BYTES} bytes.")
