"""The address of a database, as a setting has it."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator


def _check(url: str) -> str:
    if url and not url.startswith(("postgresql://", "postgres://")):
        raise ValueError("must start with postgresql://")
    try:
        _ = urlsplit(url).port if "," not in url else None  # a comma separates several servers
    except ValueError:
        raise ValueError("must be an address such as postgresql://user:password@host:5432/database") from None
    return url


#: postgresql://..., or nothing.
DatabaseUrl = Annotated[str, AfterValidator(_check)]
