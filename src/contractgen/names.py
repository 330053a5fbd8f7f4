"""Python names for the contract's names."""

import keyword
import re


def class_name(name: str) -> str:
    """`list_posts` and `list-posts` -> `ListPosts`."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", name))


def snake_case(name: str) -> str:
    """`bearerAuth`, `Retry-After` -> `bearer_auth`, `retry_after`."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"[^A-Za-z0-9]+", "_", words).strip("_").lower()


def constant_name(name: str) -> str:
    """`list_posts` -> `LIST_POSTS`."""
    return snake_case(name).upper()


def is_usable(name: str) -> bool:
    """Whether a name can stand in Python source as it is."""
    return name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("_")
