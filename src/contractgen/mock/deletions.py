"""What a mock remembers: which addresses were deleted."""

_MOST = 1000


class Deletions:
    """Addresses that answered DELETE: nothing is found there and below until it is put or posted again."""

    def __init__(self) -> None:
        self._paths: dict[str, None] = {}

    def cover(self, path: str) -> bool:
        """Whether a path, or one above it, was deleted."""
        while self._paths and path:
            if path in self._paths:
                return True
            path = path.rpartition("/")[0]
        return False

    def note(self, method: str, path: str) -> None:
        """Heed a request that succeeded; of very many deletions the oldest are forgotten."""
        if method == "DELETE":
            self._paths[path] = None
            if len(self._paths) > _MOST:
                del self._paths[next(iter(self._paths))]
        elif method in ("POST", "PUT") and self._paths:
            again = [each for each in self._paths if f"{each}/".startswith(f"{path}/")]
            for each in again:
                del self._paths[each]
