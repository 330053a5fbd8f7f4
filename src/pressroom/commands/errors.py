"""The error with which a command fails."""

REFUSED, USAGE, DATABASE = 1, 2, 3


class CommandError(Exception):
    """The failure of a command: one line for standard error, and the exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code
