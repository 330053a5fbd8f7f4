"""How a command ends that does not do what it was asked to."""

REFUSED, USAGE, DATABASE = 1, 2, 3


class CommandError(Exception):
    """What ends a command: one line for standard error, and the exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code
