"""Media types by names that are equal when they mean the same."""

from contractgen.diff.nodes import Side
from contractgen_runtime.pointers import child


def media_types(owner: Side) -> dict[str, Side]:
    """Return the media types of an object's content, by their canonical names."""
    found: dict[str, Side] = {}
    for name in owner.value.get("content") or {}:
        side = Side(owner.document, owner.document.resolve(child(owner.pointer, "content", name))[1])
        found.setdefault(canonical(name), side)
    return found


def canonical(media_type: str) -> str:
    """Return a media type in lower case, its parameters sorted, without a charset that says nothing.

    JSON has no charset parameter (RFC 8259, section 11), and UTF-8 is what text is read as anyhow.
    """
    name, *parameters = (part.strip() for part in media_type.split(";"))
    name = name.lower()
    is_json = name.endswith(("/json", "+json"))
    kept = []
    for parameter in filter(None, parameters):
        attribute, _, value = parameter.partition("=")
        attribute, value = attribute.strip().lower(), value.strip().strip('"')
        if attribute != "charset" or not (is_json or value.lower() in ("utf-8", "utf8")):
            kept.append(f"{attribute}={value.lower() if attribute == 'charset' else value}")
    return "; ".join([name, *sorted(kept)])


def covering(known: dict[str, Side], media_type: str) -> str | None:
    """Return the name among known ones that a media type falls under: itself, or the narrowest range."""
    bare = media_type.partition(";")[0]
    ranges = (media_type, bare, f"{bare.partition('/')[0]}/*", "*/*")
    return next((name for name in ranges if name in known), None)
