"""Which regular expressions of a contract mean the same to every reader."""

import re

# Where Rust's expressions, which models have, differ from ECMA's.
_OF_A_DIALECT = re.compile(r"\\[^-./\[\]{}()*+?^$|\\nrtfvx]|\(\?(?!:)|&&|--|~~|\[\[|\{(?![0-9]+(,[0-9]*)?\})")


def is_plain_pattern(pattern: str) -> bool:
    """Whether an expression means the same to a model as to the contract."""
    unescaped = re.sub(r"\\.|\[(\\.|[^\]\\])*\]", "", pattern)
    return not _OF_A_DIALECT.search(pattern.replace("\\\\", "")) and "." not in unescaped
