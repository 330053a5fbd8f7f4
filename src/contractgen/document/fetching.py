"""Fetch the files of other hosts that a document refers to.

A response that is too large, too slow, or neither JSON nor YAML leaves nothing behind. A file keeps the
address that the contract has for it, also after a redirect.
"""

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse, IncompleteRead
from pathlib import Path
from typing import Literal
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from contractgen import __version__
from contractgen.document.findings import ContractError
from contractgen.document.reading import MAX_BYTES, parse
from contractgen.document.references import CannotFetch

_SECONDS = 30
_CHUNK = 64 * 1024
# The beginning of a page of HTML or XML, which may be YAML too.
_PAGES = (b"<!", b"<html", b"<?xml")
_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_REDIRECTS = 5
_LOOPBACK = {"localhost", "127.0.0.1"}


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file of another host; `present` was there already and was not fetched again."""

    path: Path
    address: str
    sha256: str
    state: Literal["fetched", "present", "unchanged", "changed"]

    def as_json(self) -> dict[str, str]:
        return {"file": str(self.path), "address": self.address, "sha256": self.sha256, "state": self.state}


class Fetcher:
    """Fetches each file once, and reports it; with `again` also the files that are there."""

    def __init__(self, report: Callable[[Fetched], None], *, again: bool) -> None:
        self._report = report
        self._again = again
        self._causes: dict[Path, str] = {}
        self._done: set[Path] = set()

    def __call__(self, address: str, path: Path) -> None:
        """Save the content of an address in a file; raise CannotFetch with the cause."""
        if path in self._causes:
            raise CannotFetch(self._causes[path])
        if path in self._done:
            return
        try:
            fetched = self._fetched(address, path)
        except CannotFetch as cause:
            self._causes[path] = str(cause)
            raise
        except OSError as error:
            self._causes[path] = f"{path} cannot be saved: {error.strerror}"
            raise CannotFetch(self._causes[path]) from None
        self._done.add(path)
        self._report(fetched)

    def _fetched(self, address: str, path: Path) -> Fetched:
        known = path.read_bytes() if path.is_file() else None
        if known is not None and not self._again:
            return Fetched(path, address, _sha256(known), "present")
        content = _content(address, path)
        if content == known:
            return Fetched(path, address, _sha256(content), "unchanged")
        _write(path, content)
        return Fetched(path, address, _sha256(content), "fetched" if known is None else "changed")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _content(address: str, path: Path) -> bytes:
    """Return the content of an address; raise CannotFetch if it cannot be a part of a contract."""
    if not _is_permitted(address, local=True):
        raise CannotFetch("files are fetched over HTTPS only, or over HTTP from localhost")
    try:
        content, media_type = _received(address)
    except (HTTPException, OSError, ValueError) as error:  # ValueError: a host or redirect that is no URL
        cause = error.reason if isinstance(error, URLError) else error
        if isinstance(cause, TimeoutError):
            raise CannotFetch(f"there was no complete response within {_SECONDS} s") from None
        raise CannotFetch(f"the connection failed: {cause}") from None
    try:
        value = parse(path, content).value
    except ContractError as error:
        first = error.findings[0]
        cause = f"line {first.line}, column {first.column}: {first.message}"
        raise CannotFetch(f"the response ({media_type}) is neither JSON nor YAML: {cause}") from None
    if not isinstance(value, dict | list) or content.lstrip().startswith(_PAGES):
        raise CannotFetch(f"the response ({media_type}) is not an object of JSON or YAML")
    return content


def _received(address: str) -> tuple[bytes, str]:
    """Return the body and the media type of a response with status 200, redirects followed."""
    deadline = time.monotonic() + _SECONDS
    for _ in range(_MOST_REDIRECTS + 1):
        request = Request(address, headers={"User-Agent": f"contractgen/{__version__}"})  # noqa: S310 - of HTTP
        try:
            with _opener(address).open(request, timeout=_SECONDS) as response:
                if response.status != 200:
                    raise CannotFetch(f"the status of the response is {response.status}, not 200")
                return _body(response, deadline), response.headers.get_content_type()
        except HTTPError as error:
            with error:
                address = _redirected(address, error)
    raise CannotFetch(f"it redirects more than {_MOST_REDIRECTS} times")


def _redirected(address: str, error: HTTPError) -> str:
    """Return where a response redirects to: HTTPS, or from this machine to itself."""
    location = error.headers.get("Location")
    if error.code not in _REDIRECTS or location is None:
        raise CannotFetch(f"the status of the response is {error.code}, not 200")
    target = urljoin(address, location)
    if not _is_permitted(target, local=_is_local(address)):
        raise CannotFetch(f"it redirects to {target}, which is not HTTPS")
    return target


def _body(response: HTTPResponse, deadline: float) -> bytes:
    """Read a body to its end, within the limits of size and time."""
    content = bytearray()
    while chunk := response.read1(_CHUNK):
        content += chunk
        if len(content) > MAX_BYTES:
            raise CannotFetch(f"the response is larger than {MAX_BYTES // 1_000_000} MB")
        if time.monotonic() > deadline:
            raise TimeoutError
    if response.length:  # announced, but not sent; read1 takes the end of the connection for that of the body
        raise IncompleteRead(bytes(content), response.length)
    return bytes(content)


def _opener(address: str) -> OpenerDirector:
    """Return an opener of HTTP and HTTPS alone, for which a redirect is an error as other statuses are."""
    opener = OpenerDirector()
    proxies = ProxyHandler({} if _is_local(address) else None)
    for handler in (proxies, HTTPHandler(), HTTPSHandler(), HTTPDefaultErrorHandler(), HTTPErrorProcessor()):
        opener.add_handler(handler)
    return opener


def _is_permitted(address: str, *, local: bool) -> bool:
    return address.startswith("https:") or (local and _is_local(address))


def _is_local(address: str) -> bool:
    """Return whether an address is one of HTTP on this machine."""
    url = urlsplit(address)
    return url.scheme == "http" and url.hostname in _LOOPBACK


def _write(path: Path, content: bytes) -> None:
    """Write a file as a whole: if that fails, the old one stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
