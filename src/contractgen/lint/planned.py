"""Rules whose findings come from planning: what `generate` rejects, ignores or renames."""

from contractgen.document.findings import Finding, Severity
from contractgen.lint.rule import Rule, Subject

# The rules of findings that name none.
UNSUPPORTED = "unsupported"
NO_EFFECT = "no-effect"
INVALID = "invalid-structure"
# The rules of what `generate` rejects.
REJECTED = frozenset({INVALID, UNSUPPORTED})


def _nothing(_: Subject) -> list[Finding]:
    """Planning has reported it."""
    return []


def _planned(name: str, severity: Severity, why: str) -> Rule:
    return Rule(name, severity, why, _nothing)


RULES = (
    _planned(
        INVALID,
        "error",
        "The document is not OpenAPI or JSON Schema here, or a reference leads nowhere, and generate rejects "
        "it: correct it.",
    ),
    _planned(
        UNSUPPORTED,
        "error",
        "The generated code would not do what is written here, and generate rejects it: write it in another "
        "way, or leave the operation out with --skip-unsupported.",
    ),
    _planned(
        "ignored-structure",
        "warning",
        "OpenAPI does not allow this, but the document means the same without it: remove or correct it for "
        "other tools, which --fix does for nulls and repetitions.",
    ),
    _planned(
        NO_EFFECT,
        "warning",
        "Nothing enforces this keyword, format, pattern or server, so readers rely on it in vain: remove it, "
        "or say the same in another way.",
    ),
    _planned(
        "default-violates-schema",
        "warning",
        "A default that its own schema rejects is not used: correct the default or the schema.",
    ),
    _planned(
        "python-name",
        "info",
        "This name is reserved or taken in Python, so the code uses another one: choose another name if that "
        "matters.",
    ),
)
