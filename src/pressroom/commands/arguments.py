"""The types of arguments; argparse.ArgumentTypeError says what a text must be."""

from argparse import ArgumentTypeError
from uuid import UUID


def job_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ArgumentTypeError("must be the id of a job") from None


def count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 10_000_000):
        raise ArgumentTypeError("must be a whole number")
    return int(text)


def processes(text: str) -> int:
    if not 1 <= count(text) <= 256:
        raise ArgumentTypeError("must be 1 to 256")
    return int(text)


def port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= 65_535):
        raise ArgumentTypeError("must be a port, 0 to 65535")
    return int(text)
