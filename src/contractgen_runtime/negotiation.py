"""Choose the media type of a response: RFC 9110, section 12.5.1."""

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
# Further ranges of `Accept` are ignored.
_MOST_RANGES = 100
# How precisely a range names a media type, from `*/*` to one with parameters.
_ANY, _SUBTYPES, _TYPE, _PARAMETERS = range(4)

Weighted = tuple[MediaType, float]


@dataclass(frozen=True, eq=False)
class Offers(Generic[TypeT]):
    """The media types that an operation offers, in order of preference, and their responses."""

    media_types: tuple[TypeT, ...]
    responses: tuple[type[Response], ...]


def negotiate(request: Request, offers: Offers[TypeT]) -> TypeT:
    """Return the media type that the client prefers, the first of equals; raise 406 if it accepts none."""
    ranges = _accepted(request)
    weights = [(_weight(offer, ranges), offer) for offer in offers.media_types]
    best, chosen = max(weights, key=lambda each: each[0])
    if best == 0:
        raise Refusal(406, f"The response can be {', '.join(offers.media_types)}.")
    return chosen


def acceptable(response: ResponseT, request: Request, offers: Offers[TypeT]) -> ResponseT:
    """Return the response if the client accepts its media type; raise TypeError otherwise."""
    if type(response) in offers.responses:
        media_type = getattr(response, "media_type", response.media_types[0])
        if _weight(media_type, _accepted(request)) == 0:
            raise TypeError(f"the client does not accept {media_type}")
    return response


def _accepted(request: Request) -> list[Weighted]:
    """Return the ranges of `Accept` with their weights; `*/*` if there are none."""
    fields = [value for name, value in request.scope["headers"] if name == b"accept"]
    elements = [each for each in _ELEMENT.findall(b",".join(fields).decode("latin-1")) if each.strip()]
    if not elements:
        return [(MediaType("*", "*"), 1.0)]
    return [each for element in elements[:_MOST_RANGES] if (each := _weighted(element))]


def _weighted(element: str) -> Weighted | None:
    """Return the range and weight of `text/*;q=0.5`; None for invalid elements."""
    media_range = parse_media_type(element)
    if media_range is None or (media_range.type == "*" and media_range.subtype != "*"):
        return None
    weight = media_range.parameters.pop("q", "1")
    return (media_range, float(weight)) if _WEIGHT.fullmatch(weight) else None


def _weight(media_type: str, ranges: Sequence[Weighted]) -> float:
    """Return the weight of the range that names a media type most precisely, 0 if none does."""
    offer = parse_media_type(media_type)
    found = [
        (precision, weight)
        for media_range, weight in ranges
        if offer and (precision := _precision(media_range, offer)) is not None
    ]
    return max(found, default=(0, 0.0))[1]


def _precision(media_range: MediaType, offer: MediaType) -> int | None:
    """Return how precisely a range names an offer, which may be a range too; None if it does not."""
    if media_range.type == "*":
        return _ANY
    if offer.type not in (media_range.type, "*"):
        return None
    if media_range.subtype == "*":
        return _SUBTYPES
    if offer.subtype not in (media_range.subtype, "*"):
        return None
    parameters = _parameters(media_range)
    if not parameters:
        return _TYPE
    return _PARAMETERS if parameters <= _parameters(offer) else None


def _parameters(media_type: MediaType) -> set[tuple[str, str]]:
    """Return the parameters that are compared: all but charset, which the response sets itself."""
    return {(name, value.lower()) for name, value in media_type.parameters.items() if name != "charset"}
