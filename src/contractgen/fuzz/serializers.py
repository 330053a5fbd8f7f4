"""Bodies in media types that schemathesis cannot write: a file of hooks lets it send them as bytes."""

import re
from collections.abc import Iterable

from contractgen.fuzz.operations import Operation

# What schemathesis writes itself.
_WRITTEN = re.compile(
    r"text/.*|image/(?:gif|jpeg|png|webp|\*)|multipart/form-data|\*/\*|application/"
    r"(?:(?:.*\+)?(?:json|xml|yaml)|x-www-form-urlencoded|octet-stream|\*)"
)


def unwritten(operations: Iterable[Operation]) -> list[str]:
    """Return the media types of bodies that schemathesis cannot write; of a range, one that is in it."""
    bodies = ((each.document, each.body()) for each in operations)
    names = {
        name.partition(";")[0].strip().lower()
        for document, body in bodies
        if body is not None
        for name in document.at(body)["content"]
    }
    return sorted(name.replace("*", "x-any") for name in names if not _WRITTEN.fullmatch(name))


def hooks_of(names: list[str], hooks: str = "") -> str:
    """Return the text of a file of hooks for media types, which loads the user's file, too."""
    lines = [
        "# Written by `contractgen fuzz`: bodies in media types that schemathesis cannot write are bytes.",
        "import schemathesis",
        f"schemathesis.serializer.alias({names!r}, 'application/octet-stream')",
    ]
    lines += [f"schemathesis.core.hooks.load_from_path({hooks!r})"] if hooks else []
    return "".join(f"{line}\n" for line in lines)
