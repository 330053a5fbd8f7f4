"""Parse references: the file and the JSON Pointer that they lead to.

`https://HOST/PATH` is the file `remote/HOST/PATH` beside the document, which `contractgen fetch` saves. A
reference within such a file is relative to its address.
"""

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

#: The folder of the files of other hosts, beside the document.
REMOTE = "remote"
#: Called with an address and the path of its file before the file is read; raises CannotFetch.
Fetch: TypeAlias = Callable[[str, Path], None]

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
# A backslash separates folders on Windows.
_NOT_IN_A_PATH = re.compile(r"[\\\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Reference:
    """The parts of a reference.

    `path` is empty within one file. It is relative to the file of the reference, with an `address` to the
    document.
    """

    path: str
    pointer: str
    address: str = ""


class ReferenceFault(Exception):
    """Raised for a reference that cannot be followed."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class CannotFetch(Exception):
    """Raised with the cause if the file of an address cannot be fetched or saved."""


def parse_reference(reference: str, base: str = "") -> Reference:
    """Parse a reference in a file whose address is `base`, if it has one; raise ReferenceFault."""
    try:
        url = urlsplit(reference)
        if base and (url.netloc or url.path):
            url = urlsplit(urljoin(base, reference))
        pointer = unquote(url.fragment)
        if pointer and not pointer.startswith("/"):
            hint = "refer to it by a JSON Pointer, such as #/components/schemas/Name"
            raise ReferenceFault(f"cannot follow the reference {reference!r}", hint)
        if url.scheme in _PORTS:
            path, address = _remote(url, reference)
            return Reference(path, pointer, address)
    except ValueError:  # brackets of an IPv6 address that do not match, as in `//[`, or an invalid port
        raise ReferenceFault(f"cannot follow the reference {reference!r}") from None
    path = unquote(url.path)
    if url.scheme or url.netloc or url.query or path.startswith(("/", "\\")) or "\0" in path:
        raise ReferenceFault(f"the reference {reference} is not a relative path")
    return Reference(path, pointer)


def _remote(url: SplitResult, reference: str) -> tuple[str, str]:
    """Return the path and the address of a file of another host, normalized."""
    host, written = url.hostname or "", unquote(url.path, errors="strict")
    path = posixpath.normpath(f"/{written}").lstrip("/")
    if url.query or "@" in url.netloc or not _HOST.fullmatch(host):
        hint = "an address has a host and a path, without a query or a user"
        raise ReferenceFault(f"cannot follow the reference {reference}", hint)
    if not path or written.endswith("/") or _NOT_IN_A_PATH.search(path):
        raise ReferenceFault(f"cannot follow the reference {reference}", "its path is not that of a file")
    port = f":{url.port}" if url.port not in (None, _PORTS[url.scheme]) else ""
    address = f"{url.scheme}://{host}{port}/{quote(path)}"
    return f"{REMOTE}/{host}{port.replace(':', '_')}/{path}", address
