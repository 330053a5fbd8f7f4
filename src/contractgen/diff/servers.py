"""Compare where operations are served: a server's URL and a path make one URL, wherever they are divided."""

from collections.abc import Iterator
from itertools import islice, product
from typing import Any
from urllib.parse import urlsplit

from contractgen.diff.nodes import Pair, Side
from contractgen.document.load import Document
from contractgen.document.operations import Place
from contractgen_runtime.paths import PLACEHOLDER
from contractgen_runtime.pointers import child

# A document without servers is served where it comes from.
_NO_SERVERS = [{"url": "/"}]
_MOST_URLS = 64
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def urls(document: Document, place: Place) -> dict[str, Side]:
    """Return the URLs of an operation, with the server that each comes from."""
    path = PLACEHOLDER.sub("{}", place.path)
    return {base.rstrip("/") + path: server for base, server in _bases(document, place)}


def compare_servers(pair: Pair, old: dict[str, Side], new: dict[str, Side]) -> None:
    """Report servers under which an operation is no longer served, and those under which it is now."""
    for url in old.keys() - new.keys():
        pair.gone(f"the server {_title(old[url])} is gone", old[url])
    for url in new.keys() - old.keys():
        pair.added(f"the server {_title(new[url])} is new", new[url])


def _title(server: Side) -> str:
    return str(server.value.get("url", "/")) if server.pointer else "/"


def _bases(document: Document, place: Place) -> Iterator[tuple[str, Side]]:
    owner = next((each for each in (place.pointer, place.item) if document.at(each).get("servers")), "")
    servers = document.at(owner).get("servers") or _NO_SERVERS
    for index, server in enumerate(servers):
        is_written = servers is not _NO_SERVERS
        side = Side(document, child(owner, "servers", index) if is_written else "")
        for url in _expanded(server):
            yield _plain(url), side


def _expanded(server: dict[str, Any]) -> Iterator[str]:
    """The URLs that a server stands for: one for each choice of its variables' values."""
    variables: dict[str, Any] = server.get("variables") or {}
    choices = [
        variable.get("enum") or [f"{{{variable.get('default', name)}}}"]
        for name, variable in variables.items()
    ]
    for choice in islice(product(*choices), _MOST_URLS):
        url = str(server["url"])
        for name, value in zip(variables, choice, strict=True):
            url = url.replace(f"{{{name}}}", str(value))
        yield url


def _plain(url: str) -> str:
    """The URL in lower case where case means nothing, without a default port."""
    parts = urlsplit(url)
    host = parts.netloc.lower().removesuffix(_DEFAULT_PORTS.get(parts.scheme.lower(), ":"))
    return parts._replace(scheme=parts.scheme.lower(), netloc=host).geturl()
