"""Which of several media types an answer gets: RFC 9110, section 12.5.1."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from .media import MediaType, parse_media_type
from .problems import Refusal
from .requests import Request
from .responses import Response

TypeT = TypeVar("TypeT", bound=str)
ResponseT = TypeVar("ResponseT", bound=Response)

_ELEMENT = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^",])+')
_WEIGHT = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
# More than any client has a use for.
_MOST_RANGES = 100
# How exactly a range names a media type, from `*/*` to one with parameters.
_ANY, _KIND, _TYPE, _PARAMETERS = range(4)

Weighted = tuple[MediaType, float]


@dataclass(frozen=True, eq=False)
class Offers(Generic[TypeT]):
    """The media types between which an operation chooses, the best first, and their responses."""

    media_types: tuple[TypeT, ...]
    responses: tuple[type[Response], ...]


def negotiate(request: Request, offers: Offers[TypeT]) -> TypeT:
    """The media type that a client wants most, of equals the contract's first; 406 when it takes none."""
    ranges = _accepted(request)
    weights = [(_weight(offer, ranges), offer) for offer in offers.media_types]
    best, chosen = max(weights, key=lambda each: each[0])
    if best == 0:
        raise Refusal(406, f"The answer can be {', '.join(offers.media_types)}.")
    return chosen


def acceptable(response: ResponseT, request: Request, offers: Offers[TypeT]) -> ResponseT:
    """The response, when the client takes its media type; TypeError for a handler that chose another."""
    if type(response) in offers.responses:
        media_type = getattr(response, "media_type", response.media_types[0])
        if _weight(media_type, _accepted(request)) == 0:
            raise TypeError(f"the client does not accept {media_type}")
    return response


def _accepted(request: Request) -> list[Weighted]:
    """The ranges of `Accept`, each with its weight; everything, when there are none."""
    fields = [value for name, value in request.scope["headers"] if name == b"accept"]
    elements = [each for each in _ELEMENT.findall(b",".join(fields).decode("latin-1")) if each.strip()]
    if not elements:
        return [(MediaType("*", "*"), 1.0)]
    return [each for element in elements[:_MOST_RANGES] if (each := _weighted(element))]


def _weighted(element: str) -> Weighted | None:
    """`text/*;q=0.5` -> the range and 0.5; None for what is none."""
    media_range = parse_media_type(element)
    if media_range is None or (media_range.type == "*" and media_range.subtype != "*"):
        return None
    weight = media_range.parameters.pop("q", "1")
    return (media_range, float(weight)) if _WEIGHT.fullmatch(weight) else None


def _weight(media_type: str, ranges: Sequence[Weighted]) -> float:
    """The weight of the range that names a media type most exactly, 0 when none does."""
    offer = parse_media_type(media_type)
    found = [
        (precision, weight)
        for media_range, weight in ranges
        if offer and (precision := _precision(media_range, offer)) is not None
    ]
    return max(found, default=(0, 0.0))[1]


def _precision(media_range: MediaType, offer: MediaType) -> int | None:
    """How exactly a range names an offer, which may be a range too; None when it does not."""
    if media_range.type == "*":
        return _ANY
    if offer.type not in (media_range.type, "*"):
        return None
    if media_range.subtype == "*":
        return _KIND
    if offer.subtype not in (media_range.subtype, "*"):
        return None
    parameters = _parameters(media_range)
    if not parameters:
        return _TYPE
    return _PARAMETERS if parameters <= _parameters(offer) else None


def _parameters(media_type: MediaType) -> set[tuple[str, str]]:
    """What tells a media type from others of its name: no charset, for text is in the one that it is in."""
    return {(name, value.lower()) for name, value in media_type.parameters.items() if name != "charset"}
