"""The paths that clients have deleted from a mock."""

_MOST = 1000


class Deletions:
    """Paths of successful DELETE requests: they and those below are not found until put or posted again.

    What is made below a deleted path makes that again, too. Paths can end with a slash.
    """

    def __init__(self) -> None:
        self._paths: dict[str, None] = {}

    def covers(self, path: str) -> bool:
        """Return whether a path, or one above it, was deleted."""
        path = path.rstrip("/")
        while self._paths and path:
            if path in self._paths:
                return True
            path = path.rpartition("/")[0]
        return False

    def note(self, method: str, path: str) -> None:
        """Record a request that succeeded; past a limit the oldest deletion is dropped."""
        path = path.rstrip("/")
        if method == "DELETE":
            self._paths[path] = None
            if len(self._paths) > _MOST:
                del self._paths[next(iter(self._paths))]
        elif method in ("POST", "PUT") and self._paths:
            again = [each for each in self._paths if _is_within(each, path) or _is_within(path, each)]
            for each in again:
                del self._paths[each]


def _is_within(path: str, other: str) -> bool:
    """Return whether a path is another one, or below it."""
    return f"{path}/".startswith(f"{other}/")
