"""One page of a list: filtered by the parameters that have the names of properties, and cut as they say."""

import base64
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contractgen.mock.resources import plain
from contractgen.mock.shapes import Item, Shape
from contractgen_runtime.responses import simple

_LIMITS = {"limit", "size", "perpage", "pagesize", "maxresults", "pagelimit", "top", "first", "take"}
_PAGES = {"page", "pagenumber"}
_OFFSETS = {"offset", "skip"}
_CURSORS = {"cursor", "after", "startingafter", "pagetoken", "nexttoken", "continuationtoken", "marker"}
_TOTALS = {"total", "totalcount", "totalitems", "totalelements", "totalresults", "count"}
_LAST_PAGES = {"pages", "totalpages", "pagecount", "lastpage"}
_MORE = {"hasnext", "hasmore", "hasnextpage"}
_LINK = re.compile(r"(next|prev|previous)(page|cursor|token|link|url|uri|offset|key|marker)*")
_LESS = {"hasprev", "hasprevious", "haspreviouspage"}


@dataclass(frozen=True)
class Page:
    """A page of rows: `page` counts from 1, `cursors` are those of the next page, the best first."""

    rows: list[Item]
    total: int
    page: int
    limit: int
    begin: int
    has_more: bool
    cursors: tuple[str, ...]


def matching(rows: Sequence[Item], query: Mapping[str, Any], names: frozenset[str]) -> list[Item]:
    """Return the rows whose properties have the values of the parameters of the same names."""
    known = {plain(each) for each in names}.union(*(_scalars(row) for row in rows))
    paging = _LIMITS | _PAGES | _OFFSETS | _CURSORS
    wanted = {
        name: {simple(each) for each in (value if isinstance(value, list) else [value])}
        for name, value in ((plain(name), value) for name, value in query.items())
        if name in known - paging
    }
    found = []
    for row in rows:
        scalars = _scalars(row)
        if all(values & scalars.get(name, set()) for name, values in wanted.items()):
            found.append(row)
    return found


def paged(rows: Sequence[Item], query: Mapping[str, Any], key: str) -> Page:
    """Return the page that the parameters select; a cursor names the last row of the page before."""
    given = {plain(name): value for name, value in query.items()}
    limit = _number(given, _LIMITS, len(rows) or 1)
    page = _number(given, _PAGES, 1)
    begin = _number(given, _OFFSETS, (max(page, 1) - 1) * limit)
    for cursor in (str(given[name]) for name in _CURSORS & given.keys()):
        begin = next(
            (index + 1 for index, row in enumerate(rows) if cursor in _cursors(row, key)),
            len(rows) if _is_own(cursor) else begin,
        )
    chosen = list(rows[begin : begin + limit])
    has_more = bool(chosen) and begin + limit < len(rows)
    cursors = _cursors(chosen[-1], key) if has_more else ()
    return Page(chosen, len(rows), page, limit, begin, has_more, cursors)


def written(shape: Shape, page: Page, query: Mapping[str, Any]) -> Any:
    """Return the body of a page, whose figures are those of the page where its schema admits them."""
    body = shape.around(page.rows)
    if not isinstance(body, dict):
        return body
    for name in [*body, *sorted(shape.envelope - body.keys())]:
        forms = _with_figure(body, name, page, query)
        body = next((each for each in forms if shape.values.is_valid(shape.schema, each)), body)
    for name, inner in body.items():
        for figure in inner if isinstance(inner, dict) else ():
            forms = (body | {name: each} for each in _with_figure(body[name], figure, page, query))
            body = next((each for each in forms if shape.values.is_valid(shape.schema, each)), body)
    return body


def _with_figure(figures: Item, name: str, page: Page, query: Mapping[str, Any]) -> Iterator[Item]:
    """Yield the figures of an envelope with one as the page has it, the best form first."""
    for value in _figures(plain(name), figures.get(name), page, query):
        yield figures | {name: value}
    if name in figures and _LINK.fullmatch(plain(name)):
        yield {each: value for each, value in figures.items() if each != name}


def _figures(name: str, value: Any, page: Page, query: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what a property of a page's envelope may be, the best first; nothing if it is no figure."""
    pages = max(math.ceil(page.total / page.limit), 1) if page.limit > 0 else 1
    known = {
        **dict.fromkeys(_TOTALS, page.total),
        **dict.fromkeys(_LAST_PAGES, pages),
        **dict.fromkeys(_LIMITS, page.limit),
        **dict.fromkeys(_PAGES, page.page),
        **dict.fromkeys(_OFFSETS, page.begin),
        **dict.fromkeys(_MORE, page.has_more),
        **dict.fromkeys(_LESS, page.begin > 0),
    }
    if name in known:
        return (known[name],) if isinstance(value, int) else ()
    if _LINK.fullmatch(name) and name.startswith("next"):
        by_number = any(plain(each) in _PAGES for each in query) and page.has_more
        return (*((page.page + 1,) if by_number else page.cursors), *(() if page.has_more else (None,)))
    return (None,) if _LINK.fullmatch(name) else ()


def _number(given: Mapping[str, Any], names: set[str], default: int) -> int:
    found = [given[name] for name in names & given.keys() if type(given[name]) is int]
    return max(found[0], 0) if found else default


def _cursors(row: Item, key: str) -> tuple[str, ...]:
    """Return the cursors of the rows after one, the best first: a text of its own, or the id as it is."""
    if key not in row:
        return ()
    name = str(row[key])
    return (base64.urlsafe_b64encode(f"after:{name}".encode()).decode().rstrip("="), name)


def _is_own(cursor: str) -> bool:
    return cursor.startswith(base64.urlsafe_b64encode(b"after:").decode())


def _scalars(row: Item) -> dict[str, set[str]]:
    """Return the texts of an item's values by plain name; those of an inner object are `authorid`."""
    found: dict[str, set[str]] = {}
    for name, value in row.items():
        inner = value.items() if isinstance(value, dict) else ()
        for each, below in ((name, value), *((f"{name}{key}", one) for key, one in inner)):
            texts = below if isinstance(below, list) else [below]
            found[plain(each)] = {simple(one) for one in texts if isinstance(one, str | int | float)}
    return found
