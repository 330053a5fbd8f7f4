"""Requests on the wire: parameters in OpenAPI's styles.

What no style has a text for, such as an empty list or an object within an object, is not sent: then these
functions return None.
"""

import json
import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from contractgen.verify.foreign.operations import RawParameter
from contractgen.verify.foreign.texts import has_text, is_compound, text_of

Pairs = tuple[tuple[str, str], ...]
# Of texts within lists and objects, and in cookies: nothing that separates anything, in any style.
_PLAIN = re.compile(r"[A-Za-z0-9_~-]+")
_HEADER = re.compile(r"[!-~]([ -~]*[!-~])?")
# No server takes a longer line of a request, as RFC 9112 says.
_LONGEST = 8_000
_DELIMITERS = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "%7C"}


@dataclass(frozen=True, slots=True)
class Wire:
    """A request: the path with its parameters filled in, the rest as it is sent."""

    path: str
    query: Pairs = ()
    headers: Pairs = ()
    cookies: Pairs = ()
    body: bytes = b""


def with_parameter(wire: Wire, parameter: RawParameter, value: Any) -> Wire | None:
    """The request with a value of a parameter."""
    if parameter.location == "querystring":
        return None
    if parameter.media_type is not None:
        text = json.dumps(value, separators=(",", ":"))
        quoted = quote(text, safe="")
        return _placed(
            wire, parameter, quoted if parameter.location == "path" else text, ((parameter.name, quoted),)
        )
    if not _is_writable(value):
        return None
    if parameter.location in ("query", "cookie"):
        pairs = _pairs(parameter, value)
        return None if pairs is None else _placed(wire, parameter, "", pairs)
    if parameter.style != "simple" and is_compound(value):
        return None
    before = {"label": ".", "matrix": f";{parameter.name}="}.get(parameter.style, "")
    return _placed(wire, parameter, before + _simple(parameter, value), ())


def _placed(wire: Wire, parameter: RawParameter, text: str, pairs: Pairs) -> Wire | None:
    if len(text) + sum(len(each) for _, each in pairs) > _LONGEST:
        return None
    made: Wire | None = None
    if parameter.location == "path" and text not in ("", ".", ".."):
        made = replace(wire, path=wire.path.replace(f"{{{parameter.name}}}", text))
    elif parameter.location == "query":
        quoted = tuple((quote(name, safe="[]"), each) for name, each in pairs)
        made = replace(wire, query=wire.query + quoted)
    elif parameter.location == "cookie" and all(_PLAIN.fullmatch(each) for pair in pairs for each in pair):
        made = replace(wire, cookies=wire.cookies + pairs)
    elif parameter.location == "header" and _HEADER.fullmatch(text):
        made = replace(wire, headers=(*wire.headers, (parameter.name, text)))
    return made


def _pairs(parameter: RawParameter, value: Any) -> Pairs | None:
    """The pairs of a query or cookie, values percent-encoded."""
    if isinstance(value, list):
        return _of_list(parameter, [quote(text_of(each), safe="") for each in value])
    if isinstance(value, dict):
        return _of_object(parameter, {name: quote(text_of(each), safe="") for name, each in value.items()})
    return ((parameter.name, quote(text_of(value), safe="")),)


def _of_list(parameter: RawParameter, texts: list[str]) -> Pairs | None:
    if parameter.explode and parameter.style in ("form", "cookie"):
        return tuple((parameter.name, each) for each in texts)
    if parameter.explode or parameter.style not in _DELIMITERS:
        return None
    return ((parameter.name, _DELIMITERS[parameter.style].join(texts)),)


def _of_object(parameter: RawParameter, texts: dict[str, str]) -> Pairs | None:
    if parameter.style == "deepObject":
        return tuple((f"{parameter.name}[{name}]", each) for name, each in texts.items())
    if parameter.style != "form":
        return None
    if parameter.explode:
        return tuple(texts.items())
    return ((parameter.name, ",".join(f"{name},{each}" for name, each in texts.items())),)


def _simple(parameter: RawParameter, value: Any) -> str:
    if isinstance(value, list):
        return ",".join(_leaf(parameter, each) for each in value)
    if isinstance(value, dict):
        glue = "=" if parameter.explode else ","
        return ",".join(f"{name}{glue}{_leaf(parameter, each)}" for name, each in value.items())
    return _leaf(parameter, value)


def _leaf(parameter: RawParameter, value: Any) -> str:
    return quote(text_of(value), safe="") if parameter.location == "path" else text_of(value)


def _is_writable(value: Any) -> bool:
    """Return whether a style has a text for the value that nobody can read as another."""
    if not is_compound(value):
        return has_text(value)
    parts = value if isinstance(value, list) else [*value, *value.values()]
    return bool(parts) and all(has_text(each) and _PLAIN.fullmatch(text_of(each)) for each in parts)
