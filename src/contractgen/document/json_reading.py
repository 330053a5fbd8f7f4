"""Strict JSON, read with a source position for each value."""

import json
import re
from typing import NoReturn

from contractgen.document.values import Builder, Place

_TOKEN = re.compile(r'\n|[{}\[\]]|"(?:[^"\\]|\\.)*+"|-?[0-9][0-9.eE+-]*|true|false|null')
_WORDS = {"true": True, "false": False, "null": None}


def read_json(text: str) -> Builder | None:
    """Return the value of strict JSON, None for any other text, which may still be YAML.

    JSON is not quite a subset of YAML: it has surrogate pairs, and characters that YAML rejects.
    """
    if not text.lstrip().startswith("{"):
        return None
    try:
        json.loads(text, parse_constant=_reject_constant)
    except (ValueError, RecursionError):  # not strict JSON, or nested too deep for Python's parser
        return None
    builder, line, begin = Builder(), 1, 0
    for match in _TOKEN.finditer(text):
        if match[0] == "\n":
            line, begin = line + 1, match.end()
        else:
            _take_token(builder, match[0], (line, match.start() - begin + 1))
    return builder


def _take_token(builder: Builder, token: str, place: Place) -> None:
    match token[0]:
        case "{":
            builder.start({}, place)
        case "[":
            builder.start([], place)
        case "}" | "]":
            builder.end()
        case '"':
            text = json.loads(token) if "\\" in token else token[1:-1]
            (builder.key if builder.awaits_key else builder.scalar)(text, place)
        case "t" | "f" | "n":
            builder.scalar(_WORDS[token], place)
        case _:
            builder.number(token, float if {".", "e", "E"} & set(token) else int, place)


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity, which Python reads, are not JSON
