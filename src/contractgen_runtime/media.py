"""Media types: parse them, and compare that of a request with those that an operation accepts."""

import re
from dataclasses import dataclass, field

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_ESSENCE = re.compile(rf"\s*({_WORD})/({_WORD})\s*", re.ASCII)
_PARAMETER = re.compile(rf';\s*(?:({_WORD})=("(?:[^"\\]|\\.)*"|{_WORD})\s*)?', re.ASCII)
# The closeness of the same type and subtype; equal parameters add to it, others subtract from it.
_SAME = 1000
_FORM = "x-www-form-urlencoded"
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type or media range in lower case; the values of its parameters are unchanged."""

    type: str
    subtype: str
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def is_range(self) -> bool:
        return "*" in self.subtype

    @property
    def is_json(self) -> bool:
        return self.subtype == "json" or self.subtype.endswith("+json")

    @property
    def is_text(self) -> bool:
        """Return whether its content is text or may be text."""
        is_xml = self.subtype == "xml" or self.subtype.endswith("+xml")
        return self.type in ("text", "*") or self.is_json or is_xml or self.subtype == _FORM

    @property
    def charset(self) -> str:
        return self.parameters.get("charset", "utf-8").lower()


def parse_media_type(text: str) -> MediaType | None:
    """Parse a media type, RFC 9110, section 8.3.1; return None if the text is not one."""
    essence = _ESSENCE.match(text)
    if essence is None:
        return None
    parameters = parse_parameters(text[essence.end() :])
    return None if parameters is None else MediaType(essence[1].lower(), essence[2].lower(), parameters)


def parse_parameters(text: str, escaped: re.Pattern[str] = _ESCAPED) -> dict[str, str] | None:
    """Parse `;name=value;other="a b"`; the first of a repeated name counts; return None for other texts."""
    parameters: dict[str, str] = {}
    end = 0
    while end < len(text):
        found = _PARAMETER.match(text, end)
        if found is None:
            return None
        if found[1]:
            value = found[2]
            unquoted = escaped.sub(r"\1", value[1:-1]) if value.startswith('"') else value
            parameters.setdefault(found[1].lower(), unquoted)
        end = found.end()
    return parameters


def closeness(known: MediaType, sent: MediaType) -> int:
    """Return how closely a media type matches a known type or range: higher is closer, 0 is no match."""
    if (known.type, known.subtype) == (sent.type, sent.subtype):
        said = [sent.parameters.get(name, "").lower() == v.lower() for name, v in known.parameters.items()]
        return _SAME + sum(1 if same else -1 for same in said)
    if known.type == sent.type and known.subtype.startswith("*+"):
        return 3 if sent.subtype.endswith(known.subtype[1:]) else 0
    if known.type == sent.type and known.subtype == "*":
        return 2
    return 1 if known.type == known.subtype == "*" else 0
